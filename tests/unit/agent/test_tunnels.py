"""What is asked of charon about the SAs that there are, over a socket that answers as it does."""

import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from vici.protocol import Message, Packet

from linjevakt_agent.ipsec import tunnels

Asked = list[tuple[str, dict[str, Any]]]


def sa(number: int, peer: str, **more: Any) -> dict[str, Any]:
    """One that the peer began: charon then says nothing of an initiator."""
    return {"hub": {"uniqueid": str(number), "state": "ESTABLISHED", "remote-id": peer, "child-sas": {}, **more}}


def _packet(kind: int, name: str = "", body: bytes = b"") -> bytes:
    label = struct.pack("!B", len(name)) + name.encode() if name else b""
    payload = struct.pack("!B", kind) + label + body
    return struct.pack("!I", len(payload)) + payload


def _answer(channel: socket.socket, sas: list[dict[str, Any]], asked: Asked) -> None:
    while head := channel.recv(4):
        packet = channel.recv(struct.unpack("!I", head)[0])
        kind, name = packet[0], packet[2 : 2 + packet[1]].decode()
        if kind != Packet.CMD_REQUEST:
            channel.sendall(_packet(Packet.EVENT_CONFIRM))
            continue
        asked.append((name, dict(Message.deserialize(Packet.parse(packet).payload))))
        for found in sas if name == "list-sas" else ():
            channel.sendall(_packet(Packet.EVENT, "list-sa", Message.serialize(found)))
        channel.sendall(_packet(Packet.CMD_RESPONSE, body=Message.serialize({"success": "yes"})))


@contextmanager
def charon(path: Path, *sas: Mapping[str, Any]) -> Iterator[Asked]:
    """A charon with these SAs; what it is asked."""
    asked: Asked = []

    def serve() -> None:
        channel, _ = listener.accept()
        with channel:
            _answer(channel, [dict(one) for one in sas], asked)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
    thread.join()


@pytest.fixture
def vici(tmp_path: Path) -> Path:
    return tmp_path / "vici"


def test_a_hub_leaves_the_tunnels_that_its_sites_began_as_they_are(vici: Path) -> None:
    with charon(vici, sa(1, "rtr-a"), sa(2, "rtr-b")) as asked:
        tunnels.complete(vici)
    assert {name for name, _ in asked} == {"list-sas"}


def test_every_sa_of_a_peer_is_ended_whoever_began_it_and_no_other(vici: Path) -> None:
    there = (sa(1, "rtr-a"), sa(2, "rtr-b"), sa(3, "rtr-a", state="CONNECTING"), sa(4, "RTR-A", initiator="yes"))
    with charon(vici, *there) as asked:
        tunnels.end(vici, {"rtr-a", "rtr-c"})
    ended = [message["ike-id"] for name, message in asked if name == "terminate"]
    assert ended == [b"1", b"3", b"4"]


def test_every_hub_that_has_shown_its_certificate_shows_it_again_and_is_cut_off_if_it_does_not(
    vici: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is in the middle of a rekeying would go on without a look at who was revoked."""
    swanctl = tmp_path / "swanctl"
    swanctl.write_text("#!/bin/sh\n")
    swanctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(tunnels, "_PATIENCE_S", 0.1)
    ours = [(1, "ESTABLISHED"), (2, "REKEYING"), (3, "CONNECTING"), (4, "DELETING")]
    there = [sa(number, "hub-oslo", state=state, initiator="yes") for number, state in ours]
    with charon(vici, *there, sa(5, "rtr-a")) as asked:
        tunnels.reauthenticate(vici, tmp_path / "none")
    assert {message["ike-id"] for name, message in asked if name == "rekey"} == {b"1", b"2"}
    assert {message["ike-id"] for name, message in asked if name == "terminate"} == {b"1", b"2", b"3", b"4"}


STRONGSWAN = Path(__file__).parents[3] / "agent/system/rootfs/etc/strongswan.conf"


LISTENER = """
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def listening(path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that a charon could be."""
    path.unlink(missing_ok=True)
    argv = [sys.executable, "-c", LISTENER, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            threading.Thread(target=process.wait).start()  # as its service does
            yield process
        finally:
            process.kill()


@pytest.mark.process
def test_a_charon_that_does_not_know_a_line_is_ended_once_and_forgets_none(
    tmp_path: Path, vici: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "_PATIENCE_S", 30.0)
    file = tmp_path / tunnels.INTERFACES
    with listening(vici) as older:
        tunnels.introduce(frozenset({"wan0", "wan1"}), tmp_path, vici)
        assert (file.exists(), older.poll()) == (False, None), "it knows these"
        time.sleep(0.05)  # the kernel counts a process's start in hundredths of a second
        tunnels.introduce(frozenset({"wan0.102", "wan1"}), tmp_path, vici)
        assert older.wait(timeout=30) == -signal.SIGTERM
    assert "\n    interfaces_use = wan0, wan0.102, wan1, wan2, wan3\n" in file.read_text()
    tunnels.introduce(frozenset({"wan0.102"}), tmp_path, vici)  # none is running, which is no error
    time.sleep(0.05)
    with listening(vici) as newer:
        tunnels.introduce(frozenset({"wan0.102"}), tmp_path, vici)
        tunnels.introduce(frozenset({"wan0"}), tmp_path, vici)
        assert newer.poll() is None
        time.sleep(0.05)
        tunnels.introduce(frozenset({"eth0"}), tmp_path, vici)
        assert newer.wait(timeout=30) == -signal.SIGTERM
    assert "= eth0, wan0, wan0.102, wan1, wan2, wan3\n" in file.read_text()


@pytest.mark.process
def test_a_charon_that_was_to_be_ended_by_a_guard_that_was_cut_short_is_ended_by_the_next(
    tmp_path: Path, vici: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "_PATIENCE_S", 30.0)
    with listening(vici) as older, monkeypatch.context() as cut_short:
        time.sleep(0.05)
        cut_short.setattr(tunnels, "_end_older", lambda _pid, _moment: None)
        tunnels.introduce(frozenset({"eth0"}), tmp_path, vici)
        cut_short.undo()
        tunnels.introduce(frozenset({"eth0"}), tmp_path, vici)
        assert older.wait(timeout=30) == -signal.SIGTERM


def test_charons_own_file_names_the_usual_lines_and_reads_the_one_with_the_others() -> None:
    text = STRONGSWAN.read_text()
    assert f"interfaces_use = {', '.join(sorted(tunnels.USUAL))}\n" in text
    assert "\ninclude /run/linjevakt/charon*.conf\n" in text
