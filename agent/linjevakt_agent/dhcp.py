"""Leases of the lines with `method = "dhcp"`: one udhcpc a line, alive whether or not the agent is."""

import math
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

_START_S = 2.0
ASK_AGAIN_S = 20.0
"""How old a client grows whose lease is of no use: another server may answer, or the same one better."""

_MAX_TEXT = 4096
_LEAST_MTU = 68  # RFC 2132, section 5.1
_TICKS = os.sysconf("SC_CLK_TCK")
LONGEST_S = 86_400
"""How long a lease is believed, whatever the server says (it may say 136 years): half-way the line asks again."""

HOOK = Path("/usr/lib/linjevakt/udhcpc-hook")


class LeaseError(ValueError):
    """A lease was given, but none that can be read; what it says is shown to people."""


@dataclass(frozen=True)
class Lease:
    """What a server lent a line; times count seconds since boot (the wall clock may jump when time is set).

    `mtu` is what it says of the link (RFC 2132, option 26), if it says anything that an IPv4 link can have.
    """

    address: IPv4Interface
    gateway: IPv4Address
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
    found, now = _written(line, directory), _now()
    return found if found and found.obtained - 1 <= now < found.expires else None


def _written(line: str, directory: Path) -> Lease | None:
    try:
        with (directory / f"{line}.lease").open(encoding="ascii", errors="backslashreplace") as file:
            return parse(file.read(_MAX_TEXT))
    except FileNotFoundError:
        return None


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def parse(text: str) -> Lease:
    """Read `key=value` lines: address, prefix (length), router (may hold several), lease (seconds), obtained, mtu.

    Raises LeaseError for what no server may say, and for what the hook has not written.
    """
    values = dict(row.split("=", 1) for row in text.splitlines() if "=" in row)
    routers = values.get("router", "").split()
    if not routers:
        raise LeaseError(f"was given {_shown(values.get('address', ''))} without a router to reach anything by")
    return Lease(
        address=_address(values.get("address", ""), values.get("prefix", "")),
        gateway=_read(IPv4Address, routers[0], "router"),
        obtained=_seconds(values.get("obtained", ""), r"[0-9]{1,12}(\.[0-9]{1,9})?"),
        lent_s=int(_seconds(values.get("lease", ""), r"[0-9]{1,10}")),
        mtu=_mtu(values.get("mtu", "")),
    )


def _mtu(said: str) -> int | None:
    """A line works without it: what makes no sense is as good as not said."""
    return int(said) if re.fullmatch(r"[0-9]{2,5}", said) and int(said) >= _LEAST_MTU else None


def _address(address: str, prefix: str) -> IPv4Interface:
    ip = _read(IPv4Address, address, "address")
    if not re.fullmatch(r"[0-9]{1,2}", prefix) or int(prefix) > ip.max_prefixlen:
        raise LeaseError(f"was given {ip} with {_shown(prefix)} as its prefix length")
    return IPv4Interface((ip, int(prefix)))


def _read(kind: type[IPv4Address], text: str, what: str) -> IPv4Address:
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

    On a line whose lease is `useless` another client asks anew, as on one whose lease is believed for no longer; what
    there is stays until it is answered. Raises OSError or SubprocessError.
    """
    for pid_file in directory.glob("*.pid"):
        if pid_file.stem not in lines:
            _stop(pid_file)
    for line in sorted(lines):
        pid = _pid(directory / f"{line}.pid")
        if pid is None:
            _start(line, directory)
        elif _now() > _asks_again(line, directory, _started(pid), useless=line in useless):
            renew(line, directory)


def _asks_again(line: str, directory: Path, started: float, *, useless: bool) -> float:
    """When a client of that age is to be followed by another, seconds since boot."""
    if useless:
        return started + ASK_AGAIN_S
    with suppress(LeaseError):
        found = _written(line, directory)
        return found.stale if found and found.obtained >= started else math.inf
    return math.inf


def _started(pid: int) -> float:
    """When the process was started, seconds since boot (proc(5), field 22 of `stat`). Raises OSError."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / _TICKS


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
    command += ["-t", "4", "-T", "2", "-A", "5", "-O", "mtu"]
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
    for left in pid_file.parent.glob(f"{pid_file.stem}.*"):
        left.unlink(missing_ok=True)


def _pid(pid_file: Path) -> int | None:
    """The process in the pid file, if it still is this line's udhcpc and not one that got its number later."""
    try:
        pid = int(pid_file.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if b"udhcpc" in words[0] and pid_file.stem.encode() in words else None
