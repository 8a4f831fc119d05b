"""Runs the host's programs and turns their failures into one sentence."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from linjevakt_lab.errors import LabError

Progress = Callable[[str], None]
"""Told one short line for each step of long work."""


def run(argv: Sequence[str | Path], *, text: str | None = None) -> str:
    """Run a program with `text` on its standard input and return what it printed; raises LabError."""
    name = Path(argv[0]).name
    try:
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise LabError(f"The program {name} is not installed; lab/packages.txt names what the lab needs.") from error
    if done.returncode:
        raise LabError(f"{name} failed: {_reason(done.stderr or done.stdout)} (ran: {' '.join(map(str, argv))})")
    return done.stdout


def stream(argv: Sequence[str | Path], progress: Progress, *, keep: str = "") -> None:
    """Run a program that takes long; its lines that begin with `keep` become progress. Raises LabError."""
    name = Path(argv[0]).name
    last = ""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            last = line.strip() or last
            if line.startswith(keep):
                progress(f"{name}: {line.removeprefix(keep).strip()}")
    if process.returncode:
        raise LabError(f"{name} failed: {last}")


def ip_batch(commands: Sequence[str], netns: str | None = None) -> None:
    """Run many `ip` commands in one process, in a namespace or on the host; raises LabError at the first that fails."""
    if commands:
        where = ["-n", netns] if netns else []
        run(["ip", *where, "-batch", "-"], text="\n".join(commands) + "\n")


def _reason(output: str) -> str:
    """Return what a program said last, on one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return "; ".join(lines[-2:]) or "it gave no reason"
