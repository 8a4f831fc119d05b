"""Driver, devices and push over a real SSH connection to the agent's real guard, killed in the middle of things."""

import multiprocessing
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import napalm
import pytest
from napalm.base import exceptions as napalms
from tests import timing
from tests.integration.ssh.conftest import CONFIG
from tests.integration.ssh.server import SshServer, new_key, no_pac, public, push_until

from linjevakt.devices import Target, connect
from linjevakt.model.change import Candidate, PushResult, PushState, RevertTimer
from linjevakt.model.errors import (
    ApplyError,
    AuthenticationError,
    DeviceError,
    HostKeyError,
    LockedError,
    RefusedError,
    UnreachableError,
)
from linjevakt.model.secret import Secret
from linjevakt.provisioning.push import PushTask, push, settle


@dataclass(frozen=True)
class Begun:
    """What the store wrote down before a push."""

    candidate_hash: str
    started: datetime
    session: str


def config(server: SshServer, location: str = "Oslo") -> str:
    return CONFIG.format(key=server.user_key, location=location)


def order(server: SshServer, target: Target, location: str, revert_in_s: int = 10) -> PushTask:
    candidate = Candidate("rtr-a", "linux", config(server, location))
    return PushTask(candidate, target, revert_in_s=revert_in_s, timer=RevertTimer(minimum_s=1))


def run(wanted: PushTask) -> PushResult:
    return push(wanted, connect, no_pac)


def test_a_whole_push_and_the_same_again(server: SshServer, target: Target) -> None:
    first = run(order(server, target, "Oslo"))
    assert (first.state, first.reason) == (PushState.CONFIRMED, "")
    assert first.plan
    assert "+++ candidate/hostname" in first.plan.diff
    again = run(order(server, target, "Oslo"))
    assert (again.state, again.ok) == (PushState.UNCHANGED, True)


def test_no_configuration_and_no_secret_is_ever_on_a_command_line(server: SshServer, target: Target) -> None:
    result = run(order(server, target, "Oslo"))
    assert result.plan
    said = "\n".join(server.commands) + result.plan.diff
    assert "7c1dd00f" not in said
    assert "engine_id" not in "\n".join(server.commands)


def test_the_server_dying_during_the_commit_does_not_stop_it_and_the_router_is_rolled_back(
    server: SshServer, target: Target
) -> None:
    assert run(order(server, target, "Oslo")).ok
    server.after = _once("config commit", server.hang_up)
    result = run(order(server, target, "Bergen"))
    assert (result.state, _location(target)) == (PushState.REVERTED, "Oslo")
    assert "rolled back" in result.reason


def test_the_server_dying_before_the_commit_leaves_the_router_as_it_was(server: SshServer, target: Target) -> None:
    assert run(order(server, target, "Oslo")).ok
    server.before = _once("config load", server.hang_up)
    result = run(order(server, target, "Bergen"))
    assert (result.state, _location(target)) == (PushState.FAILED, "Oslo")
    assert "rtr-a: lost 127.0.0.1 during" in result.reason or "hung up" in result.reason


def test_the_server_dying_during_the_confirmation_is_found_out(server: SshServer, target: Target) -> None:
    server.after = _once("config confirm", server.hang_up)
    result = run(order(server, target, "Oslo"))
    assert (result.state, _location(target)) == (PushState.CONFIRMED, "Oslo")


@pytest.mark.parametrize(
    ("step", "ended"),
    [("load", PushState.FAILED), ("login", PushState.REVERTED), ("confirm", PushState.REVERTED)],
)
@pytest.mark.parametrize("asked_at_once", [True, False])
def test_a_controller_killed_with_signal_9_leaves_a_router_that_comes_back(
    server: SshServer, target: Target, tmp_path: Path, step: str, ended: PushState, *, asked_at_once: bool
) -> None:
    assert run(order(server, target, "Oslo")).ok
    wanted = order(server, target, "Bergen", revert_in_s=4)
    _push_and_die(wanted, step, tmp_path)
    last = Begun(wanted.candidate.hash, datetime.now(UTC), wanted.session)
    if not asked_at_once:
        time.sleep(4.5)
    with connect(replace(target, session=wanted.session)) as device:
        assert settle(device, last) is ended
    assert _location(target) == "Oslo"


def test_of_two_sessions_the_second_is_told_who_holds_the_router(server: SshServer, target: Target) -> None:
    with connect(replace(target, session="first")) as first, connect(replace(target, session="second")) as second:
        first.load(Secret(config(server)), replace=True)
        with pytest.raises(LockedError, match="session first holds"):
            second.load(Secret(config(server)), replace=True)
        first.commit(30, "")
        with pytest.raises(ApplyError, match="waits for its confirmation"):
            first.commit(30, "")
        with pytest.raises(LockedError, match="session first"):
            second.confirm()
        first.rollback()


def test_an_invalid_section_is_refused_with_its_place(server: SshServer, target: Target) -> None:
    bad = config(server).replace("\nrtr-a\n", "\nnot a name\n")
    with connect(target) as device, pytest.raises(RefusedError, match="rtr-a: hostname"):
        device.load(Secret(bad), replace=True)


def test_a_router_with_another_host_key_is_refused_before_we_log_in(server: SshServer, target: Target) -> None:
    assert _refused(replace(target, host_key=public(new_key())), HostKeyError)
    assert server.commands == []


def test_a_router_without_a_pinned_host_key_is_refused(target: Target) -> None:
    assert "pin the router's SSH host key" in _refused(replace(target, host_key=""), HostKeyError)


def test_a_host_key_of_another_kind_than_the_pinned_one_is_refused(target: Target) -> None:
    ecdsa = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBE"
    broken = _refused(replace(target, host_key=ecdsa), HostKeyError)
    assert "cannot be read" in broken


@pytest.mark.parametrize("changes", [{"private_key": Secret(new_key())}, {"user": "root"}])
def test_a_wrong_key_or_user_is_an_authentication_error(target: Target, changes: dict[str, Any]) -> None:
    assert "refused our key" in _refused(replace(target, **changes), AuthenticationError)


def test_a_private_key_that_is_none_is_an_authentication_error(target: Target) -> None:
    assert "cannot be used" in _refused(replace(target, private_key=Secret("nonsense")), AuthenticationError)


def test_a_closed_port_is_unreachable(target: Target) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert _refused(replace(target, port=port), UnreachableError)


def test_a_server_that_says_nothing_is_unreachable_in_time(target: Target) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, timing.ends():
        assert _refused(replace(target, port=silent.getsockname()[1], timeout_s=1), UnreachableError)


def test_a_command_that_hangs_is_given_up_in_time(server: SshServer, target: Target) -> None:
    let_go = threading.Event()

    def hang(_command: str) -> None:
        let_go.wait(2 * timing.HANGS_S)

    server.before = hang
    try:
        with (
            timing.ends(),
            connect(replace(target, timeout_s=1)) as device,
            pytest.raises(UnreachableError, match="did not answer"),
        ):
            device.pending()
    finally:
        let_go.set()


def test_only_the_cheap_key_exchange_is_spoken(server: SshServer, target: Target) -> None:
    with replace_kex(server).running() as dear:
        assert _refused(replace(target, port=dear.port, host_key=dear.host_key), UnreachableError)


def test_napalms_own_command_line_works(server: SshServer, key: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key)
    (tmp_path / "new.conf").write_text(config(server))
    options = f"port={server.port},host_key={server.host_key!r},key_file={str(tmp_path / 'key')!r}"
    base = ["--user", "linjevakt", "--password", "", "--vendor", "linjevakt", "--optional_args", options, "127.0.0.1"]
    program = str(Path(sys.executable).parent / "napalm")
    done = subprocess.run(
        [program, *base, "configure", str(tmp_path / "new.conf")], capture_output=True, text=True, check=False
    )
    assert "+rtr-a" in done.stdout, done.stderr
    facts = subprocess.run([program, *base, "call", "get_config"], capture_output=True, text=True, check=True)
    assert "##### hostname" in facts.stdout


def test_the_driver_says_when_it_is_not_open() -> None:
    driver = napalm.get_network_driver("linjevakt")("192.0.2.1", "linjevakt", "")
    with pytest.raises(napalms.CommandErrorException, match="open"):
        driver.get_facts()


def replace_kex(server: SshServer) -> SshServer:
    return SshServer(server.user_key, server.path, kex=("diffie-hellman-group14-sha256",))


def _once(part: str, action: Callable[[], None]) -> Callable[[str], None]:
    left = [action]

    def strike(command: str) -> None:
        if part in command and left:
            left.pop()()

    return strike


def _refused(target: Target, error: type[DeviceError]) -> str:
    with pytest.raises(error) as caught, connect(target):
        pass
    assert str(caught.value).startswith("rtr-a: ")
    return str(caught.value)


def _location(target: Target) -> str:
    driver = napalm.get_network_driver("linjevakt")
    options = {"private_key": target.private_key.reveal(), "host_key": target.host_key, "port": target.port}
    with driver(target.address, target.user, "", optional_args=options) as device:
        return str(device.get_snmp_information()["location"])


def _push_and_die(wanted: PushTask, step: str, folder: Path) -> None:
    """Push in a process of its own that stops at `step`, and kill that process there."""
    stopped = folder / "stopped"
    child = multiprocessing.get_context("spawn").Process(target=push_until, args=(wanted, step, stopped))
    child.start()
    deadline = time.monotonic() + timing.HANGS_S
    while not stopped.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.kill()
    child.join()
