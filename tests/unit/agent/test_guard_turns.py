"""Nobody keeps root out of the guard, not with good requests either, nor a revert from its time."""

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
from tests import timing
from tests.unit.agent import flood
from tests.unit.agent.conftest import GuardProcess
from tests.unit.agent.fake_box import config, digest, in_force

import linjevakt_agent
from linjevakt_agent.base.errors import InvalidError, UnavailableError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.volatile import exclusively, listening
from linjevakt_agent.guard import client, clients
from linjevakt_agent.guard.clients import MOST_OF_A_USER, ROOT, Client

_NOBODY = 65534
_A_FEW = 20
"""Requests' time that root may wait: one of each turn, and the flood computes too; more than 1000 are waiting."""

as_another_user = pytest.mark.skipif(os.getuid() != 0, reason="only root can ask as another user")


def commit(guard: GuardProcess, hostname: str, revert_in: float | None = None) -> None:
    client.call(guard.paths, "load", session="s", mode="replace", text=config(hostname))
    client.call(guard.paths, "commit", session="s", revert_in=revert_in)


@contextmanager
def flooded(guard: GuardProcess) -> Iterator[None]:
    """Another user asks to check a weighty configuration, on twice as many connections as it may have."""
    for directory in (guard.paths.root, guard.paths.run):
        directory.chmod(0o711)
    guard.paths.socket.chmod(0o666)
    argv = [sys.executable, flood.__file__, str(guard.paths.socket), str(2 * MOST_OF_A_USER), str(_NOBODY)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as other:
        assert other.stdin
        other.stdin.write(msgspec.json.encode({"op": "load", "session": "s", "text": config("weighty")}) + b"\n")
        other.stdin.close()
        try:
            yield
            assert other.poll() is None
        finally:
            other.kill()


def in_the_middle_of_it(guard: GuardProcess) -> None:
    """Wait until a first request of the flood has been served."""
    with timing.ends():
        while not client.call(guard.paths, "status")["candidate"]:
            time.sleep(0.05)


@as_another_user
@pytest.mark.process
def test_good_requests_without_end_keep_root_waiting_for_no_more_than_a_few(guard: GuardProcess) -> None:
    began = time.monotonic()
    for _ in range(4):
        client.call(guard.paths, "load", session="s", mode="replace", text=config("weighty"))
    a_request_s = (time.monotonic() - began) / 4
    commit(guard, "weighty")
    with flooded(guard):
        in_the_middle_of_it(guard)
        began = time.monotonic()
        for _ in range(4):
            assert client.call(guard.paths, "status")["candidate"]
        assert (time.monotonic() - began) / 4 < _A_FEW * a_request_s


@as_another_user
@pytest.mark.process
def test_good_requests_without_end_do_not_delay_the_revert(guard: GuardProcess) -> None:
    commit(guard, "a")
    began = time.monotonic()
    commit(guard, "b", revert_in=2.5)
    with flooded(guard):  # which goes on for a minute: it has not ended when the commit is taken back
        while in_force(guard.paths) != digest("a"):
            time.sleep(0.02)
    assert 2.5 <= time.monotonic() - began < flood.LASTS_S / 2


@as_another_user
@pytest.mark.process
def test_a_long_request_of_root_is_heard_to_its_end_among_good_requests_without_end(guard: GuardProcess) -> None:
    """It comes a socket's buffer at a time, and others have a turn between: that time is not held against it."""
    commit(guard, "weighty")
    with flooded(guard):
        in_the_middle_of_it(guard)
        with pytest.raises(InvalidError, match="unknown operation 'reboot'"):
            client.call(guard.paths, "reboot", text="x" * (client.LONGEST_REQUEST - 1024))


# -- whose turn it is --------------------------------------------------------------------------------------------------


class Asking(Client):
    """One of a user's clients, which has asked twice."""

    def __init__(self, held: ExitStack, user: int) -> None:
        ours, self.theirs = (held.enter_context(end) for end in socket.socketpair())
        super().__init__(ours)
        self.user = user
        self.theirs.sendall(b"{}\n{}\n")
        self.hear()


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """Return what is closed after the test."""
    with ExitStack() as stack:
        yield stack


def test_a_user_has_one_request_a_turn_and_root_has_the_first(held: ExitStack) -> None:
    many = [Asking(held, _NOBODY) for _ in range(29)]
    root = Asking(held, ROOT)
    assert clients.turn([*many, root]) == [root, many[0]]


def test_a_users_clients_have_their_turns_one_after_the_other(held: ExitStack) -> None:
    each = [Asking(held, _NOBODY) for _ in range(3)]
    served = []
    while turn := clients.turn(each):
        assert turn[0].request() == b"{}"
        served += turn
    assert served == each + each


def test_one_that_has_not_taken_its_answer_has_no_turn(held: ExitStack) -> None:
    full = Asking(held, _NOBODY)
    full.answer(b"x" * 4 * 1024 * 1024)
    assert clients.turn([full]) == []


# -- what others could hold or fill ------------------------------------------------------------------------------------


@pytest.mark.process
def test_a_guard_closes_its_lock_to_others_also_one_that_was_there(guard: GuardProcess) -> None:
    lock = guard.paths.run / "guard.lock"
    guard.kill()
    lock.chmod(0o640)
    guard.start()
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_every_lock_of_the_agent_is_made_by_the_one_function_that_closes_it() -> None:
    """flock(2) works on a descriptor that only reads: whoever may open a lock can hold it."""
    places = Path(linjevakt_agent.__file__).parent.rglob("*.py")
    assert [file.name for file in places if "flock(" in file.read_text()] == ["volatile.py"]


@pytest.mark.parametrize("mode", [None, 0o640, 0o666])
def test_a_lock_is_for_its_owner_alone(tmp_path: Path, mode: int | None) -> None:
    lock = tmp_path / "any.lock"
    if mode is not None:
        lock.touch()
        lock.chmod(mode)
    with exclusively(lock):
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_hundreds_may_wait_to_be_accepted(tmp_path: Path, held: ExitStack) -> None:
    with listening(tmp_path / "s"):
        for _ in range(500):
            one = held.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)  # noqa: FBT003 - the standard library's way
            one.connect(str(tmp_path / "s"))


@pytest.fixture
def crowded(tmp_path: Path, held: ExitStack) -> socket.socket:
    """Return a guard's socket where one waits to be accepted, and no more may."""
    paths = Paths(tmp_path)
    paths.run.mkdir(parents=True)
    listener = held.enter_context(socket.socket(socket.AF_UNIX))
    listener.bind(str(paths.socket))
    listener.listen(0)
    held.enter_context(socket.socket(socket.AF_UNIX)).connect(str(paths.socket))
    return listener


@pytest.mark.usefixtures("crowded")
def test_a_guard_that_too_many_wait_for_is_a_plain_error_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_CROWDED_S", 0.3)
    with pytest.raises(UnavailableError, match="too many wait for the guard"):
        client.call(Paths(tmp_path), "status")


def test_one_that_finds_no_room_to_wait_tries_again(tmp_path: Path, crowded: socket.socket, held: ExitStack) -> None:
    def answer() -> None:
        time.sleep(0.3)
        _first, last = (held.enter_context(crowded.accept()[0]) for _ in range(2))
        last.sendall(b'{"ok": {}}\n')

    answering = threading.Thread(target=answer)
    answering.start()
    assert client.call(Paths(tmp_path), "status") == {}
    answering.join()
