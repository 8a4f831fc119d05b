"""What the agent's processes (guard, run, a proof) share through files that need not outlive a reboot."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def publish(path: Path, content: bytes) -> None:
    """Replace `path` so that a reader sees the old content or the new; not forced to disk: it lies on a tmpfs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for it; the kernel lets go of it when a holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
