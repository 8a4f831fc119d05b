"""A machine of the lab: boots, runs commands, loses its power, keeps its disk."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from linjevakt_lab.errors import LabError

_BOOT = Path(__file__).with_name("boot.sh")
_ISOLATE = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
_ISOLATE += ["--uts", "--ipc", "--cgroup"]
_ENTER = ["--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"]
# A command ends with the nsenter that brought it in; like everything in a box it may not set the clock.
_AS_GUEST = ["setpriv", "--pdeathsig", "TERM", "--bounding-set", "-sys_time", "--"]
_CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "FAKETIME_CACHE_DURATION": "1",  # s, until a program sees that a box's own clock (timepiece.py) was set
}
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Box:
    """One machine: `layers` are the read-only folders under its disk, topmost first; without any it is the host's.

    `folder` holds the disk (`upper`), the process id (`pid`) and what the init prints (`console`).
    """

    name: str
    netns: str
    folder: Path
    layers: tuple[Path, ...]
    init: tuple[str, ...]

    @property
    def disk(self) -> Path:
        """What the box has written; it survives a power cut."""
        return self.folder / "upper"

    def boot(self) -> None:
        """Start process 1 and return when commands can be run; raises LabError with the box's last words."""
        if self.pid() is not None:
            raise LabError(f"{self.name} is running already.")
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        layers = ":".join(map(str, self.layers))
        argv = ["setsid", "--fork", "nsenter", f"--net=/run/netns/{self.netns}", *_ISOLATE]
        argv += ["sh", str(_BOOT), str(self.folder), layers, self.name, *self.init]
        identity = self._started(argv)
        if not identity:
            raise LabError(f"{self.name} does not boot: {self._last_words()}")
        (self.folder / "pid").write_text(identity)

    def _started(self, argv: Sequence[str]) -> str:
        """Return the line that `boot.sh` prints when it is done, empty if it fails. `unshare` keeps the pipe open."""
        with (
            (self.folder / "console").open("ab") as console,
            subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=console, text=True
            ) as process,
        ):
            return process.stdout.readline() if process.stdout else ""

    def cut_power(self) -> None:
        """Kill process 1, and with it everything in the box; the disk stays."""
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} (process {pid}) does not die.")
            time.sleep(0.005)

    def pid(self) -> int | None:
        """Return the host's number of process 1, or None when the box is off."""
        try:
            pid, started = map(int, (self.folder / "pid").read_text().split())
            return pid if _start_time(pid) == started else None
        except (FileNotFoundError, ProcessLookupError):
            return None

    def entering(self, argv: Sequence[str]) -> list[str]:
        """Return the command that runs `argv` inside the box; raises LabError when the box is off.

        With the host's files it runs in the caller's folder, else in the box's root folder.
        """
        pid = self.pid()
        if pid is None:
            raise LabError(f"{self.name} is off.")
        where = [] if self.layers else [f"--wdns={Path.cwd()}"]
        return ["nsenter", f"--target={pid}", *_ENTER, *where, *_AS_GUEST, *argv]

    def environment(self) -> dict[str, str]:
        """Return a command's environment: a box's own, or the caller's where the files are the host's."""
        return dict(_CLEAN_ENVIRONMENT) if self.layers else dict(os.environ)

    def _last_words(self) -> str:
        lines = (self.folder / "console").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing"


def _start_time(pid: int) -> int | None:
    """Return field 22 of `/proc/PID/stat` (proc(5)), which tells a process from a later one of the same number."""
    state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
