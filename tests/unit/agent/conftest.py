"""A guard as a real process on a box without root."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.unit.agent import fake_box

from linjevakt_agent.base.paths import Paths

_READY_S = 20.0
MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)  # noqa: S108 - on a disk fsync takes long


class GuardProcess:
    """Starts, kills and restarts the guard of one box; `paths` is short enough for a socket's name."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the guard and wait until it listens."""
        argv = [sys.executable, "-m", fake_box.__name__, str(self.paths.root)]
        log = (self.paths.root / "log").open("a")
        root = Path(__file__).parents[3]
        path = os.pathsep.join([str(root), str(root / "agent")])
        self._process = subprocess.Popen(argv, stderr=log, env=os.environ | {"PYTHONPATH": path})
        deadline = time.monotonic() + _READY_S
        while not self._listens():
            assert time.monotonic() < deadline, (self.paths.root / "log").read_text()
            time.sleep(0.01)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.paths.socket)) == 0

    def limit_descriptors(self, most: int) -> None:
        """Let the running guard open at most so many files."""
        if self._process:
            resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE, (most, most))

    def memory_kib(self) -> int:
        """What the guard has in memory now."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait for the end."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(timeout=_READY_S)
        if how == signal.SIGKILL:
            self.paths.socket.unlink(missing_ok=True)

    def boot(self) -> None:
        """Cut the power and switch on again: what lay in the tmpfs is gone."""
        self.kill()
        for file in (*self.paths.run.iterdir(), self.paths.running):
            file.unlink(missing_ok=True)
        self.start()


@pytest.fixture
def guard() -> Iterator[GuardProcess]:
    """Return a running guard on a box that was never configured."""
    with TemporaryDirectory(dir=MEMORY) as directory:
        process = GuardProcess(Paths(Path(directory)))
        process.start()
        yield process
        process.kill()
