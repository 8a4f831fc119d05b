"""What processes cost: CPU time, memory, and both of a command with all that it starts."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Unavailable

_TICKS = os.sysconf("SC_CLK_TCK")
KIB_IN_MB = 1024


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds on the clock, and user + system seconds of all its processes."""

    wall_s: float
    cpu_s: float
    output: str


def spent(work: Callable[[], object]) -> Spent:
    """What a piece of work cost this process and all its threads."""
    begun, before = time.monotonic(), time.process_time()
    work()
    return Spent(time.monotonic() - begun, time.process_time() - before, "")


def command(argv: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Spent:
    """Run a command to its end. Raises Unavailable with its last words when it fails."""
    begun = time.monotonic()
    before = _children_cpu()
    done = subprocess.run(argv, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    cost = Spent(time.monotonic() - begun, _children_cpu() - before, done.stdout)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Unavailable(f"{Path(argv[0]).name} failed: {' / '.join(said[-3:])}")
    return cost


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def read_here(path: str) -> str:
    """A file of this machine."""
    return Path(path).read_text()


def cpu_s(pid: int, read: Callable[[str], str] = read_here) -> float:
    """User + system seconds of a process so far (proc(5): fields 14 and 15 of `stat`)."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int, read: Callable[[str], str] = read_here) -> dict[str, float]:
    """Resident and proportional memory of a process in MB (proc(5): `smaps_rollup`)."""
    lines = read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]
    kib = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return {"MB RSS": kib["Rss"] / KIB_IN_MB, "MB PSS": kib["Pss"] / KIB_IN_MB}


def wait_until(condition: Callable[[], bool], timeout_s: float, what: str, every_s: float = 0.01) -> None:
    """Return when `condition` holds. Raises Unavailable with `what` when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} within {timeout_s:g} s")
        time.sleep(every_s)
