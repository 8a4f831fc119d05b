"""The guard as a process: its socket, its timer, and that killing it at any time leaves a whole configuration."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import msgspec
import pytest
from tests import timing
from tests.unit.agent import fake_box
from tests.unit.agent.conftest import GuardProcess
from tests.unit.agent.fake_box import config, digest, in_force
from tests.unit.agent.fuzz_guard import throw

from linjevakt_agent.base.errors import AbsentError, ApplyError, InvalidError, LockedError, UnavailableError
from linjevakt_agent.guard import client
from linjevakt_agent.guard.clients import MOST_CLIENTS, MOST_OF_A_USER, PATIENCE_S

pytestmark = pytest.mark.process


def load(guard: GuardProcess, hostname: str, session: str = "s") -> None:
    client.call(guard.paths, "load", session=session, mode="replace", text=config(hostname))


def commit(guard: GuardProcess, hostname: str, revert_in: float | None = None) -> None:
    load(guard, hostname)
    client.call(guard.paths, "commit", session="s", revert_in=revert_in)


def status(guard: GuardProcess, what: str) -> object:
    return client.call(guard.paths, "status")[what]


def wait_until_in_force(guard: GuardProcess, hostname: str, timeout: float = timing.HANGS_S) -> None:
    deadline = time.monotonic() + timeout
    while in_force(guard.paths) != digest(hostname):
        assert time.monotonic() < deadline, in_force(guard.paths)
        time.sleep(0.02)


def test_a_commit_is_in_force_when_it_answers(guard: GuardProcess) -> None:
    commit(guard, "a")
    assert in_force(guard.paths) == digest("a")
    assert status(guard, "router") == "rtr-a"
    assert client.call(guard.paths, "diff", session="s") == {"diff": ""}


def test_a_commit_that_nobody_confirms_goes_back_in_time(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=1.5)
    assert in_force(guard.paths) == digest("b")
    wait_until_in_force(guard, "a")
    with pytest.raises(AbsentError, match="not confirmed in time"):
        client.call(guard.paths, "confirm", session="s")


def test_a_confirm_when_nothing_is_pending_ends_in_no_colon(guard: GuardProcess) -> None:
    commit(guard, "a", revert_in=60.0)
    client.call(guard.paths, "confirm", session="s")
    with pytest.raises(AbsentError) as caught:
        client.call(guard.paths, "confirm", session="s")
    assert re.fullmatch(r"nothing is pending; the last commit was confirmed at [0-9T:-]+Z", str(caught.value))


def test_a_commit_that_is_confirmed_stays(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=1.5)
    assert client.call(guard.paths, "confirm", session="s")["hash"] == digest("b")
    time.sleep(1.8)
    assert in_force(guard.paths) == digest("b")


def test_a_guard_killed_while_a_commit_waits_still_reverts_it(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=1.0)
    guard.kill()
    guard.start()
    wait_until_in_force(guard, "a")


def test_a_guard_killed_while_it_applies_goes_back_at_once(guard: GuardProcess) -> None:
    commit(guard, "a")
    load(guard, "slow")
    caught: list[UnavailableError] = []

    def slow_commit() -> None:
        try:
            client.call(guard.paths, "commit", session="s", revert_in=60.0)
        except UnavailableError as error:
            caught.append(error)

    asking = threading.Thread(target=slow_commit)
    asking.start()
    while in_force(guard.paths) != "torn":
        time.sleep(0.01)
    guard.kill()
    asking.join()
    assert "config status" in caught[0].message
    guard.start()
    wait_until_in_force(guard, "a")
    assert status(guard, "pending") is None


def test_a_power_cut_before_the_confirmation_leads_back_to_the_confirmed_one(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=60.0)
    guard.boot()
    wait_until_in_force(guard, "a")
    last = status(guard, "last")
    assert isinstance(last, dict)
    assert (last["outcome"], "restarted" in last["reason"]) == ("reverted", True)


def test_a_client_that_dies_does_not_stop_its_commit(guard: GuardProcess) -> None:
    commit(guard, "a")
    load(guard, "slow")
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(guard.paths.socket))
        asking.sendall(b'{"op":"commit","session":"s","revert_in":0.5}\n')
    wait_until_in_force(guard, "slow")
    wait_until_in_force(guard, "a")


def test_sigterm_lets_what_is_under_way_end(guard: GuardProcess) -> None:
    load(guard, "slow")
    asking = threading.Thread(target=lambda: client.call(guard.paths, "commit", session="s"))
    asking.start()
    while in_force(guard.paths) != "torn":
        time.sleep(0.01)
    guard.kill(signal.SIGTERM)
    asking.join()
    assert in_force(guard.paths) == digest("slow")


def test_a_second_session_is_told_who_holds_the_lock_and_since_when(guard: GuardProcess) -> None:
    load(guard, "a", session="kari@10.255.0.10")
    for op in ("load", "diff", "commit", "rollback", "discard", "confirm"):
        with pytest.raises(LockedError, match=r"session kari@10\.255\.0\.10 holds the configuration since 20\d\d-"):
            client.call(guard.paths, op, session="ola", **({"text": config("b")} if op == "load" else {}))
    client.call(guard.paths, "discard", session="kari@10.255.0.10")
    load(guard, "b", session="ola")


def test_the_lock_of_a_candidate_outlives_the_guard(guard: GuardProcess) -> None:
    load(guard, "a")
    guard.kill()
    guard.start()
    with pytest.raises(LockedError):
        load(guard, "b", session="other")


def test_what_cannot_be_applied_goes_back_and_says_why(guard: GuardProcess) -> None:
    commit(guard, "a")
    load(guard, "refused")
    with pytest.raises(ApplyError, match="address already in use") as caught:
        client.call(guard.paths, "commit", session="s")
    assert caught.value.section == "dnsmasq.conf"
    assert in_force(guard.paths) == digest("a")
    load(guard, "b", session="other")  # and nobody is locked out


def test_a_failed_load_leaves_no_candidate_and_no_lock(guard: GuardProcess) -> None:
    commit(guard, "a")
    load(guard, "b")
    with pytest.raises(InvalidError) as caught:
        load(guard, "two words")
    assert (caught.value.section, caught.value.line) == ("hostname", 1)
    assert client.call(guard.paths, "diff", session="s") == {"diff": ""}
    assert status(guard, "candidate") is None
    load(guard, "c", session="other")


def test_a_merge_keeps_what_it_does_not_name(guard: GuardProcess) -> None:
    commit(guard, "a")
    client.call(guard.paths, "load", session="s", mode="merge", text="#!linjevakt-config 1\n##### hostname\nb\n")
    assert status(guard, "candidate")
    assert client.call(guard.paths, "diff", session="s")["diff"].splitlines()[-2:] == ["-a", "+b"]


def test_a_rollback_after_a_confirmed_commit_goes_to_the_previous_generation(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b")
    assert client.call(guard.paths, "rollback", session="s")["hash"] == digest("a")
    assert in_force(guard.paths) == digest("a")
    with pytest.raises(AbsentError, match="no earlier generation"):
        client.call(guard.paths, "rollback", session="s")


def test_a_second_guard_refuses_to_start(guard: GuardProcess) -> None:
    second = subprocess.run(
        [sys.executable, "-m", fake_box.__name__, str(guard.paths.root)], capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    assert "another guard" in second.stderr
    assert status(guard, "running") is None


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"nonsense\n", b'{"op":"reboot"}\n', b'{"op":"load","txt":""}\n'])
def test_a_malformed_request_is_refused_and_the_guard_lives_on(guard: GuardProcess, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(guard.paths.socket))
        asking.sendall(line)
        answer = msgspec.json.decode(asking.makefile("rb").readline(), type=dict[str, dict[str, object]])
    assert answer["error"]["kind"] == "invalid"
    assert status(guard, "running") is None


def test_a_request_without_end_is_cut_off(guard: GuardProcess) -> None:
    with socket.socket(socket.AF_UNIX) as asking, suppress(BrokenPipeError, ConnectionResetError):
        asking.connect(str(guard.paths.socket))
        for _ in range(20):
            asking.sendall(b"x" * 1024 * 1024)
        assert asking.recv(1) == b""
    assert status(guard, "running") is None


def connected(guard: GuardProcess) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(str(guard.paths.socket))
    return asking


@pytest.mark.parametrize("request_line", [b'{"op":"status"}\n', b'{"op":"show"}\n'])
def test_clients_that_ask_without_end_and_read_nothing_do_not_delay_the_revert(
    guard: GuardProcess, request_line: bytes
) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=1.0)
    clients = [connected(guard) for _ in range(4)]
    asking = [threading.Thread(target=_flood, args=(client, request_line)) for client in clients]
    for thread in asking:
        thread.start()
    wait_until_in_force(guard, "a")
    assert all(thread.is_alive() for thread in asking), "they have not ended"
    for one in clients:
        one.close()
    for thread in asking:
        thread.join()


def _flood(asking: socket.socket, request_line: bytes) -> None:
    asking.settimeout(timing.HANGS_S)
    with suppress(OSError):
        asking.sendall(request_line * 100_000)


def test_idle_clients_cannot_take_the_descriptors_that_a_revert_needs(guard: GuardProcess) -> None:
    commit(guard, "a")
    commit(guard, "b", revert_in=2.0)
    guard.limit_descriptors(128)
    clients = [connected(guard) for _ in range(200)]
    wait_until_in_force(guard, "a")
    for one in clients:
        one.close()
    assert status(guard, "pending") is None


def test_a_configuration_too_long_for_the_guard_is_refused_with_the_reason(guard: GuardProcess) -> None:
    with pytest.raises(InvalidError, match="more than 8 MiB"):
        client.call(guard.paths, "load", session="s", text="x" * client.LONGEST_REQUEST)
    assert status(guard, "candidate") is None


@pytest.mark.parametrize("place", ["../../../etc", "generations/1", "previous", "\0"])
def test_only_the_places_of_a_configuration_can_be_shown(guard: GuardProcess, place: str) -> None:
    commit(guard, "a")
    with pytest.raises(InvalidError, match=r"unknown place|`place` must be"):
        client.call(guard.paths, "show", place=place)


def test_a_shown_configuration_hides_secrets_when_asked_to(guard: GuardProcess) -> None:
    commit(guard, "a")
    shown = client.call(guard.paths, "show", place="running", sanitized=True)
    assert "aa11" not in shown["text"]
    assert shown["hash"] == digest("a")
    assert client.call(guard.paths, "show", place="running") == {"text": config("a"), "hash": digest("a")}


# -- those who would keep others from asking ---------------------------------------------------------------------------


def gone(asking: socket.socket, within: float) -> bool:
    """Whether the guard has hung up."""
    asking.settimeout(within)
    try:
        return asking.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_client_that_says_nothing_or_trickles_is_hung_up_on(guard: GuardProcess) -> None:
    began = time.monotonic()
    idle, half, trickling = (connected(guard) for _ in range(3))
    half.sendall(b'{"op":')
    with timing.ends(), suppress(OSError):
        while not gone(trickling, 0.3):
            trickling.sendall(b" ")
            assert time.monotonic() - began < timing.HANGS_S
    assert time.monotonic() - began >= PATIENCE_S - 1
    assert gone(idle, PATIENCE_S)
    assert gone(half, PATIENCE_S)


def test_one_user_cannot_take_every_place(guard: GuardProcess) -> None:
    """Root's own place is kept free even if `linjevakt` opens as many connections as it can."""
    clients = [connected(guard) for _ in range(80)]
    ends = time.monotonic() + timing.HANGS_S
    while len(kept := [one for one in clients if not gone(one, 0.01)]) > MOST_OF_A_USER:
        assert time.monotonic() < ends
    assert len(kept) == MOST_OF_A_USER < MOST_CLIENTS
    for one in clients:
        one.close()
    assert status(guard, "running") is None


def test_one_user_cannot_have_the_guard_hold_more_than_two_requests_of_the_longest(guard: GuardProcess) -> None:
    clients = [connected(guard) for _ in range(6)]
    before = guard.memory_kib()
    for one in clients:
        one.settimeout(5.0)
        with suppress(OSError):
            one.sendall(b"x" * (client.LONGEST_REQUEST - 1024))
    assert guard.memory_kib() - before < 3 * client.LONGEST_REQUEST / 1024
    assert status(guard, "running") is None
    for one in clients:
        one.close()


def test_those_who_read_nothing_keep_nobody_waiting(guard: GuardProcess) -> None:
    commit(guard, "a")
    client.call(guard.paths, "load", session="s", mode="replace", text=config("b", **{"flex.pac": "x" * 900_000}))
    silent = [connected(guard) for _ in range(10)]
    for one in silent:
        one.sendall(b'{"op":"show","place":"candidate"}\n')
    with timing.ends():
        assert status(guard, "pending") is None
    for one in silent:
        one.close()


@pytest.mark.parametrize(
    "field",
    [{"session": "x" * 129}, {"session": "a\nb"}, {"session": "\x1b[2J"}, {"message": "a\rb"}, {"message": "x" * 1001}],
)
def test_what_is_kept_and_shown_is_short_and_without_control_characters(
    guard: GuardProcess, field: dict[str, str]
) -> None:
    with pytest.raises(InvalidError, match="control character"):
        client.call(guard.paths, "commit", **{"session": "s", **field})
    assert status(guard, "running") is None


def test_made_up_requests_are_answered_and_leave_no_traceback(guard: GuardProcess) -> None:
    assert throw(guard, seed=1, count=600) == 600
    assert "Traceback" not in (guard.paths.root / "log").read_text()
