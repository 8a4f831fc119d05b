"""Takes a lab down by its name alone: whatever raised it, and however much of it is left."""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from linjevakt_lab import preflight, wiring
from linjevakt_lab.errors import LabError
from linjevakt_lab.places import State
from linjevakt_lab.shell import run

_STOP_SECONDS = 10


def take_down(state: State) -> bool:
    """Remove processes, namespaces, mounts and files; False when there is nothing. Raises LabError.

    The plan is not asked: another version may have written it, or a crash cut it short.
    """
    names = wiring.namespaces(state)
    if not names and not state.folder.exists():
        return False
    preflight.check_root()
    preflight.check_own(state)
    _kill(names)
    wiring.tear(names)
    while state.nodes.is_mount():
        run(["umount", "--lazy", state.nodes])
    if state.folder.exists():
        shutil.rmtree(state.folder)
    return True


def _kill(namespaces: Sequence[str]) -> None:
    """Kill all that runs in the namespaces. A box's first process takes everything in the box with it."""
    deadline = time.monotonic() + _STOP_SECONDS
    while pids := list(_processes(namespaces)):
        if time.monotonic() > deadline:
            raise LabError(f"These processes of the lab do not die: {', '.join(map(str, pids))}.")
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _processes(namespaces: Sequence[str]) -> Iterator[int]:
    inodes = {(wiring.NETNS / name).stat().st_ino for name in namespaces}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if (process / "ns" / "net").stat().st_ino in inodes:
                yield int(process.name)
