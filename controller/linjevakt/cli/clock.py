"""Moments as people in Norway write and read them; the store keeps UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from linjevakt.model.day import NONE, fault, iso
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying
from linjevakt.workorders.calendar import OSLO, start_of

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """From `start` up to but not including `end`, both UTC: a day in Oslo, or one moment."""

    start: datetime
    end: datetime

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Both of them."""
        return self.start, self.end

    @property
    def last(self) -> datetime:
        """The last moment in it."""
        return self.end - _MOMENT


def local(moment: datetime) -> str:
    """`2026-01-31 13:05`."""
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"


def span(text: str) -> Span:
    """The day `2026-01-31` or `31.1.2026`, or the moment `2026-01-31T13:05`, in Oslo. Raises InvalidInputError."""
    text = iso(text)
    try:
        if len(text) == len("2026-01-31"):
            found = date.fromisoformat(text)
            return Span(start_of(found), start_of(found + timedelta(days=1)))
        moment = _utc(datetime.fromisoformat(text))
    except ValueError as error:
        message, remedy = fault(text.partition("T")[0])
        if message != NONE:
            message = Saying("is no day or moment")
            remedy = Saying("Write 2026-01-31 or 2026-01-31T13:05")
        raise InvalidInputError(Saying("{!r} {}. {}.", text, message, remedy)) from error
    except OverflowError as error:
        raise InvalidInputError(Saying("{!r} is at the end of the calendar. Correct the year.", text)) from error
    return Span(moment, moment + _MOMENT)


def day(text: str) -> date:
    """`2026-01-31` or `31.1.2026`. Raises InvalidInputError."""
    try:
        return date.fromisoformat(iso(text))
    except ValueError as error:
        message, remedy = fault(text)
        raise InvalidInputError(Saying("{!r} {}. {}.", text, message, remedy)) from error


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=OSLO)).astimezone(UTC)
