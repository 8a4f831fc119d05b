"""Brings the kernel's addresses, routes and rules to what `network.toml` says, and puts each line where it belongs."""

import difflib
import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

from linjevakt_agent import dhcp, kernel
from linjevakt_agent.desired import (
    Desired,
    Endpoint,
    additions,
    check,
    desired,
    desired_line,
    interfaces,
    line_in_use,
    of_line,
    removals,
    static_endpoint,
    without,
)
from linjevakt_agent.kernel import NetworkError, State
from linjevakt_agent.paths import Paths, default_root
from linjevakt_agent.schema import Line, Network
from linjevakt_agent.volatile import exclusively

log = logging.getLogger(__name__)

_ROUNDS = 4  # an address that goes takes its secondaries and routes along: look again and put them back


def run_directory() -> Path:
    """Where pid files, leases and locks live (tmpfs)."""
    return Paths(default_root()).run


def apply(old: Network | None, new: Network) -> None:
    """Bring the kernel from `old` (or anything) to `new`; the line in use stays in use. Idempotent.

    Removes what `old` had and what carries our mark. What cannot be right is refused before anything is touched; but
    at boot, when `old` is None, one interface that is gone must not keep the others down. Raises `NetworkError`.
    """
    check(new)
    state = kernel.read()
    missing = _missing(new, state)
    if missing and old:
        raise _no_such(missing, state)
    with exclusively(_lock()):
        _converge(lambda state: _wanted(old, without(new, missing), state), lambda state: state)
        _start_dhcp(without(new, missing))
    if missing:
        log.warning("%s", _no_such(missing, state))


def _wanted(old: Network | None, new: Network, state: State) -> Desired:
    endpoints = {line.name: where for line in new.line if (where := endpoint(line))}
    return desired(old, new, endpoints, line_in_use(state))


def reconcile_line(line: Line, *, in_use: bool) -> None:
    """Put back whatever of the line's address, rule and routes is missing or wrong; leaves its link as it is.

    Reconcile the one in use first: it takes the default route over without a gap. Raises `NetworkError`.
    """

    def wanted(state: State) -> Desired:
        return desired_line(line, endpoint(line), state, in_use=in_use)

    with exclusively(_lock()):
        _converge(wanted, lambda state: of_line(line, state))


def endpoint(line: Line) -> Endpoint | None:
    """Where the line stands now; None for a DHCP line without a lease. Raises `NetworkError` for a wrong address."""
    if line.method == "static":
        return static_endpoint(line)
    lease = dhcp.lease(line.name, run_directory() / "dhcp")
    return Endpoint(lease.address, lease.gateway) if lease else None


def tend_dhcp(network: Network) -> None:
    """Have a DHCP client for each line that wants one, in place of one that has died. Raises `NetworkError`."""
    with exclusively(_lock()):
        _start_dhcp(network)


def _start_dhcp(network: Network) -> None:
    lines = frozenset(line.name for line in network.line if line.method == "dhcp")
    try:
        dhcp.ensure(lines, run_directory() / "dhcp")
    except (OSError, subprocess.SubprocessError) as error:
        raise NetworkError(f"cannot start udhcpc: {error}", remedy="install udhcpc (BusyBox)") from error


def _lock() -> Path:
    return run_directory() / "network.lock"


def _converge(wanted: Callable[[State], Desired], own: Callable[[State], State]) -> None:
    lacking: list[str] = []
    for _ in range(_ROUNDS):
        state = kernel.read()
        wish, have = wanted(state), own(state)
        lacking, surplus = list(additions(wish, have)), list(removals(wish, have))
        if not lacking and not surplus:
            return
        kernel.change(lacking)  # a failure here leaves the old in place
        kernel.change(surplus)
    raise NetworkError(f"the kernel does not keep {lacking or surplus}", remedy="is another program changing it?")


def _missing(network: Network, state: State) -> frozenset[str]:
    made = {port.name for port in network.port if port.parent}
    named = {*interfaces(network), *(port.parent for port in network.port if port.parent)}
    return frozenset(named - made - state.interfaces.keys())


def _no_such(missing: frozenset[str], state: State) -> NetworkError:
    name = min(missing)
    close = difflib.get_close_matches(name, state.interfaces, n=1)
    there = ", ".join(sorted(state.interfaces.keys() - {"lo"}))
    hint = f"did you mean {close[0]}?" if close else f"this router has: {there}"
    return NetworkError("no such interface", interface=name, remedy=hint)
