"""The days and nights that orders go by: notices, deliveries, working days and maintenance windows in Norway."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

OSLO: Final = ZoneInfo("Europe/Oslo")

# "Service and maintenance happen in evenings and nights" (domain.md section 4).
WINDOW_BEGINS: Final = time(22)
WINDOW_ENDS: Final = time(5)

# Delivery takes 4-5 weeks from a complete order (domain.md sections 1 and 3).
EARLIEST_DELIVERY: Final = timedelta(weeks=4)
LATEST_DELIVERY: Final = timedelta(weeks=5)

_DAY: Final = timedelta(days=1)
_DECEMBER: Final = 12
_SATURDAY: Final = 5


@dataclass(frozen=True)
class Delivery:
    """The first and the last day on which a line may be expected, both working days."""

    earliest: date
    latest: date


@dataclass(frozen=True)
class Window:
    """One night for maintenance: UTC moments, from `start` up to but not including `end`."""

    start: datetime
    end: datetime


def day_of(moment: datetime) -> date:
    """The day it is in Oslo. Raises TypeError for a moment without time zone."""
    if moment.tzinfo is None:
        raise TypeError(f"the moment {moment.isoformat()} has no time zone; use an aware datetime")
    return moment.astimezone(OSLO).date()


def start_of(day: date) -> datetime:
    """The moment, in UTC, at which the day begins in Oslo."""
    return _at(day, time.min)


def notice_end(notice: date) -> date:
    """The last day of a service whose termination was given notice of on the day (domain.md section 8).

    The month's notice counts from the first day of the next calendar month, also for a notice given on a 1st.
    """
    year, month = (notice.year + 1, 1) if notice.month == _DECEMBER else (notice.year, notice.month + 1)
    return date(year, month, monthrange(year, month)[1])


def delivery(complete: date) -> Delivery:
    """When to expect what was ordered; `complete` is the day on which the order lacked nothing more."""
    return Delivery(next_working_day(complete + EARLIEST_DELIVERY), next_working_day(complete + LATEST_DELIVERY))


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no public holiday in Norway."""
    return day.weekday() < _SATURDAY and not _is_holiday(day)


def next_working_day(day: date) -> date:
    """The first working day from the day on: the day itself if it is one."""
    while not is_working_day(day):
        day += _DAY
    return day


def next_window(after: datetime) -> Window:
    """The window that `after` is in, else the first that begins later. Raises TypeError without time zone."""
    yesterday = day_of(after) - _DAY  # after midnight, the night that one is in began the day before
    nights = (yesterday + n * _DAY for n in count())
    windows = (_window(night) for night in nights if _is_usable(night))
    return next(window for window in windows if after < window.end)


def _window(night: date) -> Window:
    """The window of the night that begins on the day; an hour shorter or longer when the clocks change in it."""
    return Window(_at(night, WINDOW_BEGINS), _at(night + _DAY, WINDOW_ENDS))


def _is_usable(night: date) -> bool:
    """Not when it begins on or leads into a public holiday: nobody can be called out if a router stays away."""
    return not _is_holiday(night) and not _is_holiday(night + _DAY)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, OSLO).astimezone(UTC)


def _is_holiday(day: date) -> bool:
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    """The public holidays by the act of 26 April 1947 no. 1 and the church year; ordinary Sundays are not among them.

    A set for each year: the library's own object fills itself when asked, which is not safe between threads.
    """
    from holidays import country_holidays  # noqa: PLC0415 - 0.3 s, and few commands ask for a day

    return frozenset(country_holidays("NO", years=year))
