"""Days as people write them, and what is wrong with one that is none."""

import re
from datetime import date
from typing import Final

from linjevakt.model.saying import Saying

_WRITTEN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})", re.ASCII
)
NONE: Final = Saying("is no day of the calendar")
_NORWEGIAN = re.compile(r"(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\. ?(?P<y>\d{4})", re.ASCII)
_LONGEST_MONTH, _MONTHS = 31, 12


def iso(written: str) -> str:
    """`31.1.2026` and `31. 1. 2026` as 2026-01-31; anything else as it is."""
    found = _NORWEGIAN.fullmatch(written.strip())
    return f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}" if found else written.strip()


def fault(written: str) -> tuple[str, str]:
    """What is wrong with text that is not taken as a day, and how to mend it: no such day, or not how it is written."""
    found = _WRITTEN.fullmatch(written)
    if found and _is_missing(*(int(found[a] or found[b]) for a, b in (("year", "y"), ("month", "m"), ("day", "d")))):
        return NONE, Saying("Correct it")
    return Saying("is no date"), Saying("Write it as 2026-01-31")


def _is_missing(year: int, month: int, day: int) -> bool:
    """Whether it is a day that its month lacks; with a 13th month it is the writing that is wrong."""
    if not (1 <= month <= _MONTHS and 1 <= day <= _LONGEST_MONTH):
        return False
    try:
        date(year, month, day)
    except ValueError:
        return True
    return False
