"""What the agent's processes (guard, run, a proof) share through files and sockets that need not outlive a reboot."""

import fcntl
import grp
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from linjevakt_agent.base.disk import create

GROUP = "linjevakt"
"""Who may ask our services, beside root."""

BACKLOG = 1024
"""Connections that may wait to be accepted: one user cannot easily fill them all, and so keep the others out."""

_PEER = struct.Struct("3i")  # struct ucred of unix(7): process, user, group


_TICKS = os.sysconf("SC_CLK_TCK")


def uptime() -> float:
    """Seconds since boot: the clock that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def started(pid: int) -> float:
    """When the process was started, seconds since boot (proc(5), field 22 of `stat`). Raises OSError."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / _TICKS


def publish(path: Path, content: bytes) -> None:
    """Replace `path` so that a reader sees the old content or the new; not forced to disk: it lies on a tmpfs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with create(fresh, 0o644) as file:
        file.write(content)
    fresh.replace(path)


@contextmanager
def exclusively(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file `path`; the kernel lets go of it when a holder dies. Raises BlockingIOError if not to wait.

    Only its owner may open it, for whoever may can hold it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        os.fchmod(lock.fileno(), 0o600)  # also one that is there already
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen where root and the group `linjevakt` may connect."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        with suppress(KeyError, PermissionError):  # no such group, or not root: for the one user that runs us
            os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
            path.chmod(0o660)
        listener.listen(BACKLOG)
        yield listener
        path.unlink(missing_ok=True)


def peer(channel: socket.socket) -> int:
    """Return the process at the other end of a Unix socket, as the kernel knows it."""
    return int(_PEER.unpack(channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0])
