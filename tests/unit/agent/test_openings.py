"""What a line's firewalls let through: the packets, and trials over real sockets on loopback."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent import cli
from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, InvalidError, UnavailableError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.lines import echoes, especho, openings
from linjevakt_agent.lines.openings import Door, doors

TOKEN = bytes.fromhex("59c0781f")
IP = bytes.fromhex("45000028000040004032000a7f0000017f000001")  # an IPv4 header: 20 octets, protocol 50
LINE = """[[line]]
name = "{name}"
kind = "own_isp"
method = "static"
address = "127.0.0.1/8"
gateway = "127.0.0.9"
priority = {priority}
"""
WATCH = '[watch]\ntarget = "127.0.0.1"\nport = {port}\n'
ANSWER = "0000002a0000000000000000292022200000000000000024000000080000" + "0005"  # strongSwan 5.9.8, after the token


# --- the packets ---


def test_an_echo_request_has_the_draft_s_octets() -> None:
    assert (
        especho.request(TOKEN, 3).hex() == "00000007" + "00000003" + "02" + "00" + "0004" + "0000" + "0003" + "59c0781f"
    )


def test_the_answer_to_an_echo_names_the_request() -> None:
    reply = especho.answer(IP + especho.request(TOKEN, 3))
    assert reply is not None
    assert reply.hex().startswith("00000008" + "00000003" + "03")
    assert especho.answered(IP + reply, TOKEN) == 3


def test_an_echo_to_somebody_else_and_our_own_request_are_no_answers() -> None:
    reply = especho.answer(IP + especho.request(b"else", 3))
    assert reply is not None
    assert especho.answered(IP + reply, TOKEN) is None
    assert especho.answered(IP + especho.request(TOKEN, 3), TOKEN) is None


def test_nobody_answers_an_answer_so_that_two_boxes_never_echo_each_other() -> None:
    reply = especho.answer(IP + especho.request(TOKEN, 3))
    assert reply is not None
    assert especho.answer(IP + reply) is None


@given(st.binary(max_size=80))
def test_no_packet_is_answered_with_more_than_came_and_none_upsets_the_reader(packet: bytes) -> None:
    for whole in (packet, IP + packet, IP + especho.request(TOKEN, 1) + packet):
        assert len(especho.answer(whole) or b"") <= max(0, len(whole) - len(IP))
        especho.answered(whole, TOKEN)


def test_real_esp_traffic_is_not_answered() -> None:
    assert especho.answer(IP + bytes.fromhex("c0ffee00" + "00000001") + bytes(64)) is None


def test_ike_on_port_4500_is_marked_as_no_esp() -> None:
    _, natt, _ = doors(500)
    assert natt.request(TOKEN, 42).startswith(bytes(4) + TOKEN)
    assert natt.answered(bytes(4) + TOKEN + bytes.fromhex(ANSWER), TOKEN) == 42
    assert natt.answered(TOKEN + bytes.fromhex(ANSWER), TOKEN) is None


# --- trials ---


@contextmanager
def responder(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A UDP port of loopback that answers so."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                packet, asker = listener.recvfrom(2048)
                if packet == b"stop":
                    return
                if reply := answer(packet):
                    listener.sendto(reply, asker)

        serving = threading.Thread(target=serve)
        serving.start()
        yield listener.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"stop", listener.getsockname())
        serving.join()


def charon(packet: bytes) -> bytes:
    """What strongSwan says to a probe: the notification that it does not know IKE version 3."""
    return packet[:8] + bytes.fromhex(ANSWER)[4:]


def tried(door: Door, within_s: float = openings.WITHIN_S) -> openings.Outcome:
    return asyncio.run(openings.tried_door(door, "lo", "127.0.0.1", "127.0.0.1", within_s))


def test_a_door_that_is_answered_is_open() -> None:
    with responder(charon) as port:
        outcome = tried(doors(port)[0])
    assert outcome.open
    assert outcome.ms is not None
    assert outcome.ms < 1000


def test_one_lost_request_is_no_closed_door() -> None:
    heard: list[bytes] = []

    def deaf_at_first(packet: bytes) -> bytes | None:
        heard.append(packet)
        return charon(packet) if len(heard) > 1 else None

    with responder(deaf_at_first) as port:
        assert tried(doors(port)[0]).open
    assert len(heard) == 2


def test_silence_is_a_closed_door() -> None:
    with responder(lambda _packet: None) as port:
        silent = tried(doors(port)[0], within_s=0.6)
    assert silent == openings.Outcome(open=False, ms=None, detail="no answer within 0.6 s")


def test_a_door_that_is_shut_in_our_face_says_how() -> None:
    with responder(charon) as port:
        pass
    assert tried(doors(port)[0], within_s=0.6).detail == "no answer within 0.6 s (connection refused)"


def test_bare_esp_is_answered_where_raw_sockets_are_allowed_and_not_tried_elsewhere() -> None:
    async def both() -> openings.Outcome:
        answering = asyncio.create_task(echoes.answer_at("127.0.0.1"))
        try:
            return await openings.tried_door(doors(500)[2], "lo", "127.0.0.1", "127.0.0.1")
        finally:
            answering.cancel()

    outcome = asyncio.run(both())
    if os.geteuid() == 0:
        assert outcome.open
    else:
        assert outcome == openings.Outcome(open=None, ms=None, detail="not tried: Operation not permitted")


# --- asked by a command ---


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A box whose `run` tries openings, once it has a network.toml."""
    running = Paths(tmp_path).running
    running.mkdir(parents=True)
    loop = asyncio.new_event_loop()
    serving = loop.create_task(inquiry.serve(tmp_path, {"openings": openings.answer}))

    def serve() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)

    thread = threading.Thread(target=serve)
    thread.start()

    def configured(text: str) -> Path:
        (running / "network.toml").write_text('[management]\naddress = "10.250.0.11"\n' + text)
        return tmp_path

    with socket.socket(socket.AF_UNIX) as knocking:
        while knocking.connect_ex(str(Paths(tmp_path).run / "run.sock")):
            assert thread.is_alive()
    yield configured
    loop.call_soon_threadsafe(serving.cancel)
    thread.join()
    loop.close()


def line(name: str, priority: int = 1) -> str:
    return LINE.format(name=name, priority=priority)


def states(row: dict[str, Any]) -> list[bool | None]:
    return [one["open"] for one in row["openings"]]


def test_a_line_that_is_down_says_so_for_every_door_at_once(box: Callable[[str], Path]) -> None:
    root = box(line("nosuch0") + WATCH.format(port=500))
    (row,) = openings.main(root)["lines"]
    assert states(row) == [False, False, False]
    assert {one["detail"] for one in row["openings"]} == {"the line is down: no such interface"}


def test_each_line_is_judged_by_itself_in_the_order_of_priority(box: Callable[[str], Path]) -> None:
    root = box(line("nosuch0", priority=2) + line("lo") + WATCH.format(port=500))
    rows = openings.main(root)["lines"]
    assert [(row["name"], row["openings"][0]["detail"]) for row in rows] == [
        ("lo", "the line is down: was given 127.0.0.1, which is a loopback address"),
        ("nosuch0", "the line is down: no such interface"),
    ]


def test_a_line_that_is_not_there_is_refused_with_the_one_meant(box: Callable[[str], Path]) -> None:
    root = box(line("wan0") + WATCH.format(port=500))
    with pytest.raises(InvalidError, match="no line 'wan1'; did you mean 'wan0'"):
        openings.main(root, "wan1")


def test_a_hub_has_nobody_to_ask(box: Callable[[str], Path]) -> None:
    with pytest.raises(InvalidError, match="a hub has nobody to ask"):
        openings.main(box(line("lo")))


def test_a_box_without_configuration_says_so(box: Callable[[str], Path], tmp_path: Path) -> None:
    del box
    with pytest.raises(AbsentError, match="no running configuration"):
        openings.main(tmp_path)


def test_without_the_process_that_may_try_the_command_says_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="is the service `agent`"):
        openings.main(tmp_path)


def test_nonsense_at_the_socket_is_answered_and_the_next_is_served(box: Callable[[str], Path]) -> None:
    root = box(line("nosuch0") + WATCH.format(port=500))
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(Paths(root).run / "run.sock"))
        asking.sendall(b"{{{\n")
        assert b"not a request" in asking.recv(4096)
    assert openings.main(root, "nosuch0")["lines"]


def test_the_command_prints_a_table_or_json(box: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    root = box(line("nosuch0") + WATCH.format(port=500))
    with pytest.raises(SystemExit):
        cli.main(["--root", str(root), "openings", "--line", "nosuch0"])
    assert "udp 4500  closed     the line is down: no such interface" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["--root", str(root), "openings", "--json"])
    assert json.loads(capsys.readouterr().out)["target"] == "127.0.0.1"
