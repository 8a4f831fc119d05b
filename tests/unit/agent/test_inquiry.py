"""One question, one answer: whoever trickles, floods, hangs up or asks nonsense locks nobody out and leaves nothing."""

import asyncio
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests import timing

from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, InvalidError, UnavailableError
from linjevakt_agent.base.paths import Paths

HOLD = """
import socket, sys
held = []
for _ in range({count}):
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(sys.argv[1])
    held.append(channel)
print("held", flush=True)
sys.stdin.read()
"""


class Oracle:
    """Answers `time` with a number that grows, `slow` only when let go, `broken` not at all."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = threading.Event()

    async def number(self, _paths: Paths, about: str | None) -> inquiry.Result:
        self.begun += 1
        return {"number": self.begun, "about": about}

    async def slow(self, paths: Paths, about: str | None) -> inquiry.Result:
        begun = self.begun = self.begun + 1
        while not self.go.is_set():  # noqa: ASYNC110 - the test's thread lets go
            await asyncio.sleep(0.01)
        del paths, about
        return {"number": begun}

    async def absent(self, _paths: Paths, about: str | None) -> inquiry.Result:
        raise AbsentError(f"there is no {about}", section="agent.toml", line=3)

    async def broken(self, _paths: Paths, _about: str | None) -> inquiry.Result:
        raise ZeroDivisionError


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def paths(tmp_path: Path, oracle: Oracle) -> Iterator[Paths]:
    """A box whose `run` answers."""
    questions: dict[str, inquiry.Question] = {
        name: getattr(oracle, name) for name in ("number", "slow", "absent", "broken")
    }
    loop = asyncio.new_event_loop()
    serving = loop.create_task(inquiry.serve(tmp_path, questions))

    def serve() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)
        oracle.go.set()
        loop.run_until_complete(asyncio.sleep(0.05))

    thread = threading.Thread(target=serve)
    thread.start()
    with socket.socket(socket.AF_UNIX) as knocking:
        while knocking.connect_ex(str(tmp_path / "run/linjevakt/run.sock")):
            assert thread.is_alive()
    yield Paths(tmp_path)
    loop.call_soon_threadsafe(serving.cancel)
    thread.join()
    loop.close()


def connected(paths: Paths, stack: ExitStack) -> socket.socket:
    channel = stack.enter_context(socket.socket(socket.AF_UNIX))
    channel.settimeout(timing.HANGS_S)
    channel.connect(str(paths.run / "run.sock"))
    return channel


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def settled(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + timing.HANGS_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_question_is_answered_anew_each_time(paths: Paths) -> None:
    assert [inquiry.ask(paths, "number", "wan0") for _ in range(2)] == [
        {"number": 1, "about": "wan0"},
        {"number": 2, "about": "wan0"},
    ]


def test_an_error_arrives_as_what_it_was(paths: Paths) -> None:
    with pytest.raises(AbsentError, match=r"agent\.toml, line 3: there is no tunnel"):
        inquiry.ask(paths, "absent", "tunnel")


def test_a_question_that_nobody_knows_is_refused_with_those_there_are(paths: Paths) -> None:
    with pytest.raises(InvalidError, match="unknown question 'tunel'; known: number slow"):
        inquiry.ask(paths, "tunel")


def test_a_mistake_of_ours_is_told_and_the_next_is_served(paths: Paths, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnavailableError, match="made a mistake"):
        inquiry.ask(paths, "broken")
    assert "ZeroDivisionError" in caplog.text
    assert inquiry.ask(paths, "number")["number"] == 1


def test_those_who_ask_while_it_waits_share_the_answer_and_none_gets_one_begun_before(
    paths: Paths, oracle: Oracle
) -> None:
    with ExitStack() as stack:
        asking = []
        for _ in range(6):
            asking.append(connected(paths, stack))
            asking[-1].sendall(b'{"ask": "slow"}\n')
            assert settled(lambda: oracle.begun == 1)
        time.sleep(0.1)
        oracle.go.set()
        numbers = [json.loads(channel.recv(4096))["ok"]["number"] for channel in asking]
    assert numbers == [1, 2, 2, 2, 2, 2]


def test_a_slow_question_does_not_hold_up_another(paths: Paths, oracle: Oracle) -> None:
    with ExitStack() as stack:
        connected(paths, stack).sendall(b'{"ask": "slow"}\n')
        assert settled(lambda: oracle.begun == 1)
        assert inquiry.ask(paths, "number")


def test_a_client_that_trickles_is_hung_up_on(paths: Paths) -> None:
    with ExitStack() as stack:
        began, channel = time.monotonic(), connected(paths, stack)
        with suppress(OSError):
            while time.monotonic() - began < timing.HANGS_S:
                channel.sendall(b"x")
                time.sleep(0.2)
        assert inquiry.WITHIN_S <= time.monotonic() - began < timing.HANGS_S


def test_a_hundred_silent_connections_of_one_process_lock_nobody_out_and_leave_nothing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "WITHIN_S", 600.0)  # who waited until they are hung up on would wait so long
    inquiry.ask(paths, "number")
    before = descriptors()
    hold = [sys.executable, "-c", HOLD.format(count=100), str(paths.run / "run.sock")]
    holding = subprocess.Popen(hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holding.stdout is not None
    assert holding.stdout.readline()
    with timing.ends():
        assert inquiry.ask(paths, "number")
    assert descriptors() <= before + 2 + inquiry.MOST_OF_A_PROCESS + 1
    holding.communicate()
    assert settled(lambda: descriptors() <= before + 2)


def test_silent_connections_of_many_processes_have_to_go_when_another_comes(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "MOST_CLIENTS", 6)
    monkeypatch.setattr(inquiry, "WITHIN_S", 600.0)  # none is hung up on because of its silence
    hold = [sys.executable, "-c", HOLD.format(count=3), str(paths.run / "run.sock")]
    holding = [subprocess.Popen(hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(3)]
    for one in holding:
        assert one.stdout is not None
        assert one.stdout.readline()
    with timing.ends():
        assert [inquiry.ask(paths, "number")["number"] for _ in range(3)] == [1, 2, 3]
    for one in holding:
        one.communicate()


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.attack)])
def test_nonsense_is_answered_as_such_or_hung_up_on_and_the_next_is_served(paths: Paths, count: int) -> None:
    dice = random.Random(8)  # noqa: S311 - the same nonsense each time
    whole = b'{"ask": "number", "about": "wan0"}\n'
    for _ in range(count):
        noise = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            noise[dice.randrange(len(noise))] = dice.randrange(256)
        with ExitStack() as stack:
            channel = connected(paths, stack)
            channel.sendall(bytes(noise) + (b"\n" if dice.random() < 0.9 else b""))
            channel.shutdown(socket.SHUT_WR)
            said = channel.recv(4096)
            assert not said or set(json.loads(said)) <= {"ok", "error"}
    assert inquiry.ask(paths, "number")


def test_a_request_without_end_is_hung_up_on(paths: Paths) -> None:
    with ExitStack() as stack, suppress(OSError):
        channel = connected(paths, stack)
        channel.sendall(b'"' + b"x" * 1_000_000)
        assert channel.recv(1) == b""
    assert inquiry.ask(paths, "number")


def test_without_the_process_the_answer_says_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="is the service `agent` \\(linjevakt-agent run\\) up"):
        inquiry.ask(Paths(tmp_path), "tunnel")
