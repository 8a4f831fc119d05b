"""A charon that answers nonsense: whatever octets come, an error that says so, in time, or a reading."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.unit.agent.fake_charon import FakeCharon, framed
from vici.exception import DeserializationException
from vici.protocol import Message, Packet

from linjevakt_agent.collect import CollectError, tunnel
from linjevakt_agent.ipsec import charonlog

Answer = Callable[[bytes], bytes]


@contextmanager
def answering(path: Path, answer: Answer) -> Iterator[None]:
    """A socket that gives a packet for each that comes, until `answer` gives none."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    channel, _ = listener.accept()
                    with channel, suppress(OSError):
                        while (asked := channel.recv(4096)) and (said := answer(asked)):
                            channel.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def mutilated(dice: random.Random) -> Answer:
    """Answers of a charon with an octet or two changed, lengths and marks included."""
    charon = FakeCharon()
    charon.up("management")
    sas = framed(Packet.EVENT, Message.serialize({"hub": charon.sas[0]}), name="list-sa")
    conns = framed(Packet.EVENT, Message.serialize({"hub": {"children": {"management": {}}}}), name="list-conn")
    confirm, end = framed(Packet.EVENT_CONFIRM), framed(Packet.CMD_RESPONSE)

    def answer(asked: bytes) -> bytes:
        listed = sas if b"list-sas" in asked else conns if b"list-conns" in asked else b""
        said = bytearray(listed + end if asked[4] == Packet.CMD_REQUEST else confirm)
        if dice.random() < 0.4:
            for _ in range(dice.randrange(1, 3)):
                said[dice.randrange(3, len(said))] = dice.randrange(256)
        return bytes(said)

    return answer


@pytest.mark.parametrize("count", [250, pytest.param(5_000, marks=pytest.mark.attack)])
def test_no_answer_of_charons_upsets_a_reading(tmp_path: Path, count: int) -> None:
    dice, outcomes = random.Random(8), set()  # noqa: S311 - the same nonsense each time
    with answering(tmp_path / "vici", mutilated(dice)):
        for _ in range(count):
            try:
                outcomes.add(str(tunnel.read(tmp_path / "vici", "hub", {}, timeout_s=0.05).up))
            except CollectError:
                outcomes.add("error")
    assert outcomes == {"True", "False", "error"}


def test_no_log_of_charons_upsets_the_listener(tmp_path: Path) -> None:
    dice = random.Random(8)  # noqa: S311 - the same nonsense each time
    line = framed(Packet.EVENT, Message.serialize({"ikesa-name": "hub", "msg": "retransmit 1"}), name="log")

    def answer(_asked: bytes) -> bytes:
        noise = bytearray(line)
        noise[dice.randrange(3, len(noise))] = dice.randrange(256)
        return framed(Packet.EVENT_CONFIRM) + bytes(noise) + struct.pack("!I", 2**31)

    with answering(tmp_path / "vici", answer):
        for _ in range(150):
            with suppress(OSError, DeserializationException):
                asyncio.run(asyncio.wait_for(charonlog.listen(tmp_path / "vici", lambda _event: True), 0.2))
