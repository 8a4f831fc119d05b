"""Leases of the lines with `method = "dhcp"`: one udhcpc a line, alive whether or not the agent is."""

import math
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import TypeVar

from linjevakt_agent.base.volatile import publish, started, uptime

_START_S = 2.0
ASK_AGAIN_S = 20.0
"""How old a client grows whose lease is of no use: another server may answer, or the same one better."""

ROUTER_S = 3.0
"""How long one of several routers that a lease names is tried while nothing answers by it, before the next one is."""

_MAX_TEXT = 4096
_LEAST_MTU = 68  # RFC 2132, section 5.1
LONGEST_S = 86_400
"""How long a lease is believed, whatever the server says (it may say 136 years): half-way the line asks again."""

HOOK = Path("/usr/lib/linjevakt/udhcpc-hook")
_FILES = ("pid", "lease", "lease.new", "adopt", "router")  # of a line, after its name, which may hold a dot
_ASKED = ("staticroutes", "msstaticroutes")  # options 121 (RFC 3442) and 249, its number before there was one
_NO_ROUTER = IPv4Address("0.0.0.0")  # noqa: S104 - RFC 3442: "on the link", of a route


_T = TypeVar("_T", IPv4Address, IPv4Network)


class LeaseError(ValueError):
    """A lease was given, but none that can be read; what it says is shown to people."""


@dataclass(frozen=True)
class Lease:
    """What a server lent a line; times count seconds since boot (the wall clock may jump when time is set).

    `mtu` is what it says of the link (RFC 2132, option 26), if it says anything that an IPv4 link can have.
    `routers` are those that may be tried, in the server's order, and `gateway` is the one that is.
    """

    address: IPv4Interface
    gateway: IPv4Address
    routers: tuple[IPv4Address, ...]
    obtained: float
    lent_s: int
    mtu: int | None = None

    @property
    def expires(self) -> float:
        """From when on the line has it no more."""
        return self.obtained + min(self.lent_s, LONGEST_S)

    @property
    def stale(self) -> float:
        """From when on it is to be asked for anew; a client does so by itself half-way through what the server said."""
        return self.obtained + LONGEST_S / 2 if self.lent_s > LONGEST_S else math.inf


def lease(line: str, directory: Path) -> Lease | None:
    """The line's lease as the hook wrote it; None when there is none, or it has run out. Raises LeaseError."""
    found, now = _written(line, directory), uptime()
    if found is None or not found.obtained - 1 <= now < found.expires:
        return None
    return replace(found, gateway=_choice(line, directory, found)[0])


def _written(line: str, directory: Path) -> Lease | None:
    try:
        with (directory / f"{line}.lease").open(encoding="ascii", errors="backslashreplace") as file:
            return parse(file.read(_MAX_TEXT))
    except FileNotFoundError:
        return None


def parse(text: str) -> Lease:
    """Read `key=value` lines: address, prefix (length), router (may hold several), routes, lease (s), obtained, mtu.

    `routes` is there when the server told any: pairs of a network and its router. Raises LeaseError for what no server
    may say, and for what the hook has not written.
    """
    values = dict(row.split("=", 1) for row in text.splitlines() if "=" in row)
    routers = _routers(values)
    return Lease(
        address=_address(values.get("address", ""), values.get("prefix", "")),
        gateway=routers[0],
        routers=routers,
        obtained=_seconds(values.get("obtained", ""), r"[0-9]{1,12}(\.[0-9]{1,9})?"),
        lent_s=int(_seconds(values.get("lease", ""), r"[0-9]{1,10}")),
        mtu=_mtu(values.get("mtu", "")),
    )


def _mtu(said: str) -> int | None:
    """A line works without it: what makes no sense is as good as not said."""
    return int(said) if re.fullmatch(r"[0-9]{2,5}", said) and int(said) >= _LEAST_MTU else None


def _routers(values: dict[str, str]) -> tuple[IPv4Address, ...]:
    """Those of the default routes; where no routes were told, those of option 3 (RFC 3442: else it does not count).

    The other routes draw nothing: what a line is for is the hub, and no lease may lead anything else astray.
    """
    if "routes" in values:
        routers, lack = _by_default(values["routes"]), "with routes, but none of them the default by a router"
    else:
        routers = [_read(IPv4Address, word, "router") for word in values.get("router", "").split()]
        lack = "without a router to reach anything by"
    if not routers:
        raise LeaseError(f"was given {_shown(values.get('address', ''))} {lack}")
    return tuple(dict.fromkeys(routers))


def _by_default(routes: str) -> list[IPv4Address]:
    """The routers of the default routes; a client writes nothing at all for an option that it cannot read."""
    words = routes.split()
    if not words or len(words) % 2:
        raise LeaseError(f"was given {_shown(routes)} as its routes")
    networks = [_read(IPv4Network, word, "route") for word in words[::2]]
    routers = [_read(IPv4Address, word, "router") for word in words[1::2]]
    pairs = zip(networks, routers, strict=True)
    return [router for network, router in pairs if network.prefixlen == 0 and router != _NO_ROUTER]


def _address(address: str, prefix: str) -> IPv4Interface:
    ip = _read(IPv4Address, address, "address")
    if not re.fullmatch(r"[0-9]{1,2}", prefix) or int(prefix) > ip.max_prefixlen:
        raise LeaseError(f"was given {ip} with {_shown(prefix)} as its prefix length")
    return IPv4Interface((ip, int(prefix)))


def _read(kind: type[_T], text: str, what: str) -> _T:
    try:
        return kind(text)
    except ValueError as error:
        raise LeaseError(f"was given {_shown(text)} as its {what}") from error


def _seconds(text: str, form: str) -> float:
    if not re.fullmatch(form, text):
        raise LeaseError(f"was given a lease of {_shown(text)} seconds")
    return float(text)


def _shown(text: str) -> str:
    """What a stranger said, short and without odd characters."""
    return repr(text[:40]) if text else "nothing"


def ensure(lines: frozenset[str], directory: Path, useless: frozenset[str] = frozenset()) -> None:
    """Have exactly one udhcpc for each of these lines, and none for a line that is not among them.

    On a line whose lease is `useless` the next of its routers is tried, and another client asks anew, as on one whose
    lease is believed for no longer; what there is stays until it is answered. Raises OSError or SubprocessError.
    """
    for pid_file in directory.glob("*.pid"):
        if pid_file.stem not in lines:
            _stop(pid_file)
    for line in sorted(lines & useless):
        _try_next_router(line, directory)
    for line in sorted(lines):
        pid = _pid(directory / f"{line}.pid")
        if pid is None:
            _start(line, directory)
        elif uptime() > _asks_again(line, directory, started(pid), useless=line in useless):
            renew(line, directory)


def _try_next_router(line: str, directory: Path) -> None:
    """Have the line go by the next of the routers that it was lent, round and round, once this one had its time."""
    with suppress(LeaseError):
        found = lease(line, directory)
        if found is None or len(found.routers) == 1 or uptime() < _choice(line, directory, found)[1] + ROUTER_S:
            return
        following = found.routers[(found.routers.index(found.gateway) + 1) % len(found.routers)]
        publish(directory / f"{line}.router", f"{following} {uptime()}".encode())
        with suppress(FileNotFoundError):
            os.utime(directory / f"{line}.lease")  # whoever looks at its stamp shall look anew


def _choice(line: str, directory: Path, found: Lease) -> tuple[IPv4Address, float]:
    """The one of its routers that the line goes by, and since when; until another is chosen, that is the first."""
    with suppress(OSError, ValueError):
        router, since = (directory / f"{line}.router").read_text("ascii").split()
        if IPv4Address(router) in found.routers:
            return IPv4Address(router), max(found.obtained, float(since))
    return found.routers[0], found.obtained


def _asks_again(line: str, directory: Path, started: float, *, useless: bool) -> float:
    """When a client of that age is to be followed by another, seconds since boot."""
    if useless:
        return started + ASK_AGAIN_S
    with suppress(LeaseError):
        found = _written(line, directory)
        return found.stale if found and found.obtained >= started else math.inf
    return math.inf


def stamp(line: str, directory: Path) -> tuple[int, int] | None:
    """Changes whenever the lease does (None: no lease): cheap enough to look at many times a second."""
    try:
        status = (directory / f"{line}.lease").stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def renew(line: str, directory: Path) -> None:
    """Ask whoever is there for a lease: a cable that was out may have been put into another network.

    By a new client: one that is told to renew asks its old server first, and takes seconds to give it up. Raises
    OSError or SubprocessError.
    """
    pid = _pid(directory / f"{line}.pid")
    if pid is not None:
        os.kill(pid, signal.SIGKILL)  # it has nothing to put in order, and must not take the new one's pid file away
    (directory / f"{line}.pid").unlink(missing_ok=True)
    _start(line, directory)


def _start(line: str, directory: Path) -> None:
    """Start a client that is nobody's child; one that takes over a lease asks for the same address again."""
    directory.mkdir(parents=True, exist_ok=True)
    command = ["setsid", "--fork", "udhcpc", "-f", "-i", line, "-s", str(HOOK), "-p", str(directory / f"{line}.pid")]
    command += ["-t", "4", "-T", "2", "-A", "5", "-O", "mtu", *(word for option in _ASKED for word in ("-O", option))]
    with suppress(LeaseError):
        if present := lease(line, directory):
            (directory / f"{line}.adopt").touch()
            command += ["-r", str(present.address.ip)]
    quiet = subprocess.DEVNULL
    environment = os.environ | {"LINJEVAKT_DHCP": str(directory)}
    subprocess.run(command, check=True, stdin=quiet, stdout=quiet, stderr=quiet, env=environment)
    _await(directory / f"{line}.pid")


def _await(pid_file: Path) -> None:
    """Only a client that has written down its number is not started twice."""
    deadline = time.monotonic() + _START_S
    while _pid(pid_file) is None:
        if time.monotonic() > deadline:
            raise FileNotFoundError(f"{pid_file.stem}: no client has written {pid_file}")
        time.sleep(0.01)


def _stop(pid_file: Path) -> None:
    pid = _pid(pid_file)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    for left in _FILES:
        (pid_file.parent / f"{pid_file.stem}.{left}").unlink(missing_ok=True)


def _pid(pid_file: Path) -> int | None:
    """The process in the pid file, if it still is this line's udhcpc and not one that got its number later."""
    try:
        pid = int(pid_file.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if b"udhcpc" in words[0] and pid_file.stem.encode() in words else None
