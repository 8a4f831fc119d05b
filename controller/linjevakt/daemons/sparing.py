"""A filter for logs: of many lines that say the same only the first of each second, with how many there were before."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

_PERIOD_S = 1.0
_KINDS = 1000  # remembered at once


@dataclass
class _Kind:
    until: float
    withheld: int = 0


class Sparing(logging.Filter):
    """Lines are of a kind when logger, level and the text's first line, before values are put in, are the same.

    An error of the operating system is told without its traceback: it says nothing of our code.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is to be written."""
        key, now = (record.name, record.levelno, str(record.msg).partition("\n")[0]), self._clock()
        known = self._kinds.get(key)
        if known and now < known.until:
            known.withheld += 1
            return False
        self._kinds.pop(key, None)  # the oldest stand first
        self._kinds[key] = _Kind(now + _PERIOD_S)
        if len(self._kinds) > _KINDS:
            del self._kinds[next(iter(self._kinds))]
        _shorten(record, known.withheld if known else 0)
        return True


def _shorten(record: logging.LogRecord, withheld: int) -> None:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError):
        record.msg, record.args, record.exc_info = f"{record.getMessage().partition(chr(10))[0]}: {error}", (), None
    if withheld:
        record.msg, record.args = f"{record.getMessage()} ({withheld} more like it before)", ()
