"""Ctrl-C and SIGTERM: the first is a wish that the work looks at between its steps, a second one leaves at once."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

from linjevakt.model.saying import Saying, in_language
from linjevakt.model.stop import Stop
from linjevakt.model.text import one_line

INTERRUPTED: Final = 130
"""The exit code, as shells have it for SIGINT: not all that was asked for is done."""

_ONE_KEYPRESS_S: Final = 0.5
"""One key press may come twice: to the group of processes, and from a parent that dies of it or passes it on."""

_ENDING: Final = Saying("Interrupted: what has begun is brought to a safe end. Once more leaves at once.")
_LEAVING: Final = Saying(
    "Left at once, in the middle of a push. A router that was changed goes back by itself; ask later:"
)
_SHOW_CURSOR: Final = "\x1b[?25h"  # a progress display hides it


_language: Final[list[Callable[[], str]]] = [lambda: os.environ.get("LINJEVAKT_LANG", "")]


def speak(language: Callable[[], str]) -> None:
    """From now on it is told in that language; before the commands are loaded, in the one of the environment."""
    _language[:] = [language]


def listen(stop: Stop) -> None:
    """From now on a signal is a wish for `stop`. Where no work heeds it, it ends the program by KeyboardInterrupt.

    A second one, half a second later or more, ends the process at once, with 130 (`INTERRUPTED`).
    A signal that whoever started us has us ignore (`nohup`, a job in the background) stays ignored.
    """
    first: list[float] = []
    in_language(_ENDING, _language[0]())  # loads what there is of the language: a handler must not import

    def heard(_signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not first:
            first.append(now)
            _first(stop)
        elif now - first[0] >= _ONE_KEYPRESS_S:
            _leave(stop.under_way)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, heard)


def _first(stop: Stop) -> None:
    stop.want()
    if stop.is_heeded:
        _tell(_ENDING)
    else:
        _tell(Saying("Interrupted."))
        raise KeyboardInterrupt


def _leave(routers: Sequence[str]) -> NoReturn:
    if sys.stderr and sys.stderr.isatty():
        _write(_SHOW_CURSOR)
    _tell(*([_LEAVING, *(f"  linjevakt settle {name}" for name in routers)] if routers else [Saying("Left at once.")]))
    os._exit(INTERRUPTED)


def _tell(*lines: str) -> None:
    _write("\n".join(["", *(one_line(in_language(line, _language[0]())) for line in lines), ""]))


def _write(text: str) -> None:
    """Past the buffers: whom the signal has stopped may be just writing to them."""
    with suppress(OSError):
        os.write(2, text.encode(errors="replace"))
