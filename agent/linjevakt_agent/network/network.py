"""Brings the kernel's addresses, routes and rules to what `network.toml` says, and puts each line where it belongs."""

import difflib
import logging
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths, default_root
from linjevakt_agent.base.schema import Addressing, Line, Network
from linjevakt_agent.base.volatile import exclusively
from linjevakt_agent.network import dhcp, endpoints, inforce, kernel
from linjevakt_agent.network.desired import (
    Desired,
    additions,
    check,
    desired,
    desired_line,
    interfaces,
    line_in_use,
    of_line,
    removals,
    without,
)
from linjevakt_agent.network.dhcp import LeaseError
from linjevakt_agent.network.endpoints import Endpoint, Standing, static_endpoint
from linjevakt_agent.network.kernel import NetworkError, State

log = logging.getLogger(__name__)

TUNNEL = "ipsec0"
"""The tunnel's device; charon makes it (kernel-libipsec)."""

_ROUNDS = 4  # an address that goes takes its secondaries and routes along: look again and put them back


def run_directory() -> Path:
    """Where pid files, leases and locks live (tmpfs)."""
    return Paths(default_root()).run


def apply(old: Network | None, new: Network) -> None:
    """Bring the kernel from `old` (or anything) to `new`; the line in use stays in use. Idempotent.

    Lines keep the addressing they have. Removes what `old` had and what carries our mark. What cannot be right is
    refused before anything is touched; but at boot, when `old` is None, one interface that is gone must not keep the
    others down. Raises `NetworkError`.
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


def remove_by_hand() -> None:
    """Take away the routes and rules that somebody made with `ip`. Raises `NetworkError`."""
    with exclusively(_lock()):
        kernel.change([line.replace(" ", " del ", 1) for line in kernel.by_hand()])


def shut(ports: frozenset[str]) -> None:
    """Take the links down, addresses stay: nothing comes in through a port any more. Raises `NetworkError`."""
    with exclusively(_lock()):
        kernel.change([f"link set dev {name} down" for name in sorted(ports & kernel.read().interfaces.keys())])


def _wanted(old: Network | None, new: Network, state: State) -> Desired:
    return desired(old, new, standing(new, state).endpoints, line_in_use(state))


def reconcile_line(network: Network, name: str, *, in_use: bool) -> None:
    """Put back whatever of the line's address, rule and routes is missing or wrong; leaves its link as it is.

    Reconcile the one in use first: it takes the default route over without a gap. Raises `NetworkError`.
    """
    with exclusively(_lock()):
        _reconcile(network, name, in_use=in_use)


def fit_tunnel(mtu: int) -> None:
    """Have no packet in the tunnel larger than that; what `nftables.conf` clamps follows. Raises `NetworkError`."""
    kernel.change([f"link set dev {TUNNEL} mtu {mtu}"])


def readdress(network: Network, name: str, addressing: Addressing, *, in_use: bool) -> None:
    """Address the line in this way from now on, and take away what it had before. Raises `NetworkError`."""
    with exclusively(_lock()):
        try:
            inforce.choose(network, name, addressing, run_directory())
        except OSError as error:
            raise NetworkError(f"cannot write down its addressing: {error.strerror}", interface=name) from error
        _start_dhcp(network)
        _reconcile(network, name, in_use=in_use)


def _reconcile(network: Network, name: str, *, in_use: bool) -> None:
    line = next(line for line in inforce.present(network, run_directory()).line if line.name == name)

    def wanted(state: State) -> Desired:
        return desired_line(line, standing(network, state).endpoints.get(name), state, in_use=in_use)

    _converge(wanted, lambda state: of_line(line, state))


def standing(config: Network, state: State) -> Standing:
    """Where the lines, addressed as they are now, stand in a kernel like that, and why others cannot.

    Raises `NetworkError` for a configured address that is none.
    """
    present, run = inforce.present(config, run_directory()), run_directory()
    given: dict[str, Endpoint] = {}
    garbled: dict[str, str] = {}
    for line in present.line:
        try:
            where = _given(line, run / "dhcp")
        except LeaseError as error:
            garbled[line.name] = str(error)
        else:
            given |= {line.name: where} if where else {}
    found = endpoints.settled(given, present, state)
    return Standing(found.endpoints, {**found.refusals, **garbled})


def _given(line: Line, leases: Path) -> Endpoint | None:
    if line.method == "static":
        return static_endpoint(line)
    lease = dhcp.lease(line.name, leases)
    return Endpoint(lease.address, lease.gateway, lent=True, mtu=lease.mtu) if lease else None


def tend_dhcp(network: Network, useless: frozenset[str]) -> None:
    """Have a DHCP client for each line that wants one, a new one where it died or got a lease that is of no use.

    Raises `NetworkError`.
    """
    with exclusively(_lock()):
        _start_dhcp(network, useless)


def renew_lease(name: str) -> None:
    """Have the line ask for an address anew, its cable has been plugged in. Raises `NetworkError`."""
    with exclusively(_lock()), _starting():
        dhcp.renew(name, run_directory() / "dhcp")


def _start_dhcp(network: Network, useless: frozenset[str] = frozenset()) -> None:
    lines = inforce.present(network, run_directory()).line
    with _starting():
        dhcp.ensure(frozenset(line.name for line in lines if line.method == "dhcp"), run_directory() / "dhcp", useless)


@contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        raise NetworkError(f"cannot start udhcpc: {reason(error)}", remedy="install udhcpc (BusyBox)") from error


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
    made = {link.name for link in network.vlans}
    named = network.parents.union(interfaces(network)) - made
    return named - state.interfaces.keys()


def _no_such(missing: frozenset[str], state: State) -> NetworkError:
    name = min(missing)
    close = difflib.get_close_matches(name, state.interfaces, n=1)
    there = ", ".join(sorted(state.interfaces.keys() - {"lo"}))
    hint = f"did you mean {close[0]}?" if close else f"this router has: {there}"
    return NetworkError("no such interface", interface=name, remedy=hint)
