"""Running another program: bounded in time, dead when we are, its complaint kept short."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from linjevakt_agent.base.errors import ApplyError

_DIE_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
_NOT_RUN = (126, 127)  # what setpriv exits with when exec(2) fails
_LIBRARY = Path(__file__).parents[2]
_RUN_MODULE = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__')"
)
_SHOWN_LINES = 6
_SHOWN_WIDTH = 240


class ToolError(ApplyError):
    """The program failed, was not there, or took too long; `output` is all that it wrote, `ran` if it had its say."""

    def __init__(self, message: str, output: str = "", *, ran: bool = False) -> None:
        super().__init__(message)
        self.output = output
        self.ran = ran


def run(argv: Sequence[str], *, timeout: float = 20.0, stdin: str = "") -> str:
    """Return what the program printed (both streams); raises ToolError unless it exits with 0 within `timeout` seconds.

    It is killed if we are: otherwise it could still be changing the box while our successor puts things right.
    """
    try:
        done = subprocess.run(
            [*_DIE_WITH_US, *argv],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{argv[0]} did not finish within {timeout:g} s") from error
    except OSError as error:
        raise ToolError(f"cannot run {argv[0]}: {error.strerror}") from error
    if done.returncode in _NOT_RUN:
        raise ToolError(f"cannot run {argv[0]}: {trimmed(done.stdout)}", done.stdout)
    if done.returncode != 0:
        raise ToolError(trimmed(done.stdout) or f"{argv[0]} exited with {done.returncode}", done.stdout, ran=True)
    return done.stdout


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours: nothing of the working directory or of `PYTHON*` comes with it."""
    return [sys.executable, "-I", "-c", _RUN_MODULE, str(_LIBRARY), module, *arguments]


def trimmed(output: str) -> str:
    """Return the last few lines that say something."""
    lines = [line.strip()[:_SHOWN_WIDTH] for line in output.splitlines() if line.strip()]
    return "\n".join(lines[-_SHOWN_LINES:])
