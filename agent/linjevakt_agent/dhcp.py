"""Leases of the lines with `method = "dhcp"`: one udhcpc a line, alive whether or not the agent is."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

_START_S = 2.0
HOOK = Path("/usr/lib/linjevakt/udhcpc-hook")


@dataclass(frozen=True)
class Lease:
    """What a server lent a line; `expires` counts seconds since boot (the wall clock may jump when time is set)."""

    address: IPv4Interface
    gateway: IPv4Address | None
    expires: float


def lease(line: str, directory: Path) -> Lease | None:
    """The line's lease as the hook wrote it; None when there is none, or it has run out."""
    try:
        found = parse((directory / f"{line}.lease").read_text())
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return found if found.expires > time.clock_gettime(time.CLOCK_BOOTTIME) else None


def parse(text: str) -> Lease:
    """Read `key=value` lines: address, prefix (length), router (may hold several), lease (seconds), obtained."""
    values = dict(row.split("=", 1) for row in text.splitlines() if "=" in row)
    routers = values.get("router", "").split()
    return Lease(
        address=IPv4Interface(f"{values['address']}/{values['prefix']}"),
        gateway=IPv4Address(routers[0]) if routers else None,
        expires=float(values["obtained"]) + float(values["lease"]),
    )


def ensure(lines: frozenset[str], directory: Path) -> None:
    """Have exactly one udhcpc for each of these lines, and none for a line that is not among them."""
    for pid_file in directory.glob("*.pid"):
        if pid_file.stem not in lines:
            _stop(pid_file)
    for line in sorted(lines):
        if _pid(directory / f"{line}.pid") is None:
            _start(line, directory)


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
    command += ["-t", "4", "-T", "2", "-A", "5"]
    present = lease(line, directory)
    if present is not None:
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
