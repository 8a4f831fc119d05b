"""Notices, deliveries, working days and maintenance windows, against days worked out by hand from a wall calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from linjevakt.workorders.calendar import (
    Delivery,
    Window,
    day_of,
    delivery,
    is_working_day,
    next_window,
    next_working_day,
    notice_end,
    start_of,
)

OSLO = ZoneInfo("Europe/Oslo")
NORWAY = country_holidays("NO", years=range(2019, 2061))
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

days = st.dates(date(2020, 1, 1), date(2059, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2059, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given one

NOTICES = {
    # the rule's own example (domain.md section 8), and the rest of that month
    "2026-03-10": "2026-04-30",
    "2026-03-01": "2026-04-30",
    "2026-03-02": "2026-04-30",
    "2026-03-30": "2026-04-30",
    "2026-03-31": "2026-04-30",
    "2026-04-01": "2026-05-31",
    # every month of a common year, from its 1st, its last day or between
    "2026-01-01": "2026-02-28",
    "2026-01-15": "2026-02-28",
    "2026-01-29": "2026-02-28",
    "2026-01-31": "2026-02-28",
    "2026-02-01": "2026-03-31",
    "2026-02-28": "2026-03-31",
    "2026-04-30": "2026-05-31",
    "2026-05-01": "2026-06-30",
    "2026-05-31": "2026-06-30",
    "2026-06-30": "2026-07-31",
    "2026-07-01": "2026-08-31",
    "2026-07-31": "2026-08-31",
    "2026-08-31": "2026-09-30",
    "2026-09-01": "2026-10-31",
    "2026-09-30": "2026-10-31",
    "2026-10-31": "2026-11-30",
    # over the end of the year: November's month is December, December's is January
    "2026-11-01": "2026-12-31",
    "2026-11-30": "2026-12-31",
    "2026-12-01": "2027-01-31",
    "2026-12-24": "2027-01-31",
    "2026-12-31": "2027-01-31",
    "2027-01-01": "2027-02-28",
    "2099-12-31": "2100-01-31",
    # leap years: 2024 and 2028 are, 2100 is not (divisible by 100 but not by 400), 2000 was
    "2024-01-01": "2024-02-29",
    "2024-01-31": "2024-02-29",
    "2024-02-29": "2024-03-31",
    "2023-12-31": "2024-01-31",
    "2028-01-30": "2028-02-29",
    "2028-02-01": "2028-03-31",
    "2028-02-28": "2028-03-31",
    "2028-02-29": "2028-03-31",
    "2100-01-01": "2100-02-28",
    "2100-01-31": "2100-02-28",
    "2100-02-28": "2100-03-31",
    "2000-01-31": "2000-02-29",
}

PUBLIC_HOLIDAYS = [
    # 2026: Easter Sunday is 5 April
    *["2026-01-01", "2026-04-02", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-12-25"],
    # 2027: Easter Sunday is 28 March; Whit Monday falls on 17 May
    *["2027-01-01", "2027-03-25", "2027-03-26", "2027-03-29", "2027-05-06", "2027-05-17"],
    # 2028: Easter Sunday is 16 April
    *["2028-04-13", "2028-04-14", "2028-04-17", "2028-05-01", "2028-05-17", "2028-05-25", "2028-06-05", "2028-12-26"],
]
WEEKENDS = ["2026-10-17", "2026-10-18", "2027-05-01", "2027-05-16", "2027-12-25"]
WORKING_DAYS = [
    *["2026-10-14", "2026-10-16", "2026-12-24", "2026-12-31", "2026-04-01", "2026-05-15", "2026-05-18"],
    *["2027-03-24", "2027-03-30", "2027-05-18", "2027-12-27", "2028-02-29", "2028-06-06"],
]

# The day on which the order was complete, the earliest and the latest day of delivery.
DELIVERIES = [
    ("2026-10-14", "2026-11-11", "2026-11-18"),  # Wednesdays
    ("2026-10-17", "2026-11-16", "2026-11-23"),  # Saturdays, so the Mondays after
    ("2026-10-18", "2026-11-16", "2026-11-23"),  # Sundays, so the Mondays after
    ("2027-02-25", "2027-03-30", "2027-04-01"),  # Maundy Thursday, so the Tuesday after Easter
    ("2026-11-27", "2026-12-28", "2027-01-04"),  # Christmas Day and New Year's Day, both on a Friday
    ("2027-04-19", "2027-05-18", "2027-05-24"),  # 17 May
    ("2026-04-03", "2026-05-04", "2026-05-08"),  # 1 May, a Friday
    ("2028-02-01", "2028-02-29", "2028-03-07"),  # over a leap day
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("notice", "end"), NOTICES.items())
def test_a_month_of_notice_counts_from_the_next_1st(notice: str, end: str) -> None:
    assert notice_end(day(notice)) == day(end)


@given(days)
def test_a_notice_ends_with_a_whole_calendar_month_between(notice: date) -> None:
    end = notice_end(notice)
    assert (end + DAY).day == 1
    later = {notice + n * DAY for n in range(1, (end - notice).days + 1)}
    assert len({(d.year, d.month) for d in later if d.month != notice.month}) == 1
    assert timedelta(28) <= end - notice <= timedelta(61)


@given(days)
def test_a_notice_a_day_later_never_ends_sooner(notice: date) -> None:
    step = notice_end(notice + DAY) - notice_end(notice)
    assert bool(step) == ((notice + DAY).day == 1)
    assert step >= timedelta(0)


@pytest.mark.parametrize("off", PUBLIC_HOLIDAYS + WEEKENDS)
def test_nobody_works_on_public_holidays_and_weekends(off: str) -> None:
    assert not is_working_day(day(off))


@pytest.mark.parametrize("text", WORKING_DAYS)
def test_eves_and_days_after_are_working_days(text: str) -> None:
    assert is_working_day(day(text))
    assert next_working_day(day(text)) == day(text)


def test_the_working_day_after_easter_is_tuesday() -> None:
    assert next_working_day(day("2027-03-25")) == day("2027-03-30")


def test_the_working_day_after_a_christmas_that_meets_a_weekend_is_monday() -> None:
    assert next_working_day(day("2027-12-25")) == day("2027-12-27")
    assert next_working_day(day("2026-12-25")) == day("2026-12-28")


@settings(deadline=None)  # the first question about a year waits for the library
@given(days)
def test_the_next_working_day_is_the_first_from_the_day_on(start: date) -> None:
    found = next_working_day(start)
    assert found.isoweekday() <= 5
    assert found not in NORWAY
    between = [start + n * DAY for n in range((found - start).days)]
    assert all(d.isoweekday() > 5 or d in NORWAY for d in between)


@pytest.mark.parametrize(("complete", "earliest", "latest"), DELIVERIES)
def test_delivery_is_four_to_five_weeks_and_on_a_working_day(complete: str, earliest: str, latest: str) -> None:
    assert delivery(day(complete)) == Delivery(day(earliest), day(latest))


@settings(deadline=None)
@given(days)
def test_delivery_is_never_promised_sooner_than_four_weeks(complete: date) -> None:
    promised = delivery(complete)
    assert complete + timedelta(weeks=4) <= promised.earliest <= promised.latest
    assert promised.latest >= complete + timedelta(weeks=5)
    assert is_working_day(promised.earliest)
    assert is_working_day(promised.latest)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-15T22:59:59", "2026-01-15"),
        ("2026-01-15T23:00:00", "2026-01-16"),  # winter: midnight is at 23 UTC
        ("2026-07-15T21:59:59", "2026-07-15"),
        ("2026-07-15T22:00:00", "2026-07-16"),  # summer: midnight is at 22 UTC
        ("2026-12-31T23:00:00", "2027-01-01"),
    ],
)
def test_the_day_is_the_one_in_oslo(moment: str, expected: str) -> None:
    assert day_of(utc(moment)) == day(expected)


@pytest.mark.parametrize(
    ("text", "begins", "hours"),
    [
        ("2026-01-15", "2026-01-14T23:00", 24),
        ("2026-07-15", "2026-07-14T22:00", 24),
        ("2026-03-29", "2026-03-28T23:00", 23),  # the clocks go forward
        ("2026-10-25", "2026-10-24T22:00", 25),  # the clocks go back
    ],
)
def test_a_day_begins_at_midnight_in_oslo(text: str, begins: str, hours: int) -> None:
    assert start_of(day(text)) == utc(begins)
    assert start_of(day(text)).tzinfo is UTC
    assert start_of(day(text) + DAY) - start_of(day(text)) == timedelta(hours=hours)


@given(days)
def test_a_day_starts_on_itself_and_the_second_before_is_the_day_before(d: date) -> None:
    assert day_of(start_of(d)) == d
    assert day_of(start_of(d) - SECOND) == d - DAY


# Any moment in Oslo, and the window that comes next (in UTC).
WINDOWS = {
    "a winter noon": ("2026-01-15T12:00", "2026-01-15T21:00", "2026-01-16T04:00"),
    "a summer noon": ("2026-07-15T12:00", "2026-07-15T20:00", "2026-07-16T03:00"),
    "a second before it begins": ("2026-01-15T21:59:59", "2026-01-15T21:00", "2026-01-16T04:00"),
    "the moment it begins": ("2026-01-15T22:00", "2026-01-15T21:00", "2026-01-16T04:00"),
    "inside, before midnight": ("2026-01-15T23:30", "2026-01-15T21:00", "2026-01-16T04:00"),
    "inside, after midnight": ("2026-01-16T03:00", "2026-01-15T21:00", "2026-01-16T04:00"),
    "a second before it ends": ("2026-01-16T04:59:59", "2026-01-15T21:00", "2026-01-16T04:00"),
    "the moment it ends": ("2026-01-16T05:00", "2026-01-16T21:00", "2026-01-17T04:00"),
    "a Saturday": ("2026-10-17T12:00", "2026-10-17T20:00", "2026-10-18T03:00"),
    "clocks go forward": ("2026-03-28T12:00", "2026-03-28T21:00", "2026-03-29T03:00"),  # 6 hours
    "clocks go back": ("2026-10-24T12:00", "2026-10-24T20:00", "2026-10-25T04:00"),  # 8 hours
    "Wednesday before Easter": ("2027-03-24T12:00", "2027-03-30T20:00", "2027-03-31T03:00"),
    "the night into Easter Sunday, when clocks change": ("2027-03-28T01:30", "2027-03-30T20:00", "2027-03-31T03:00"),
    "the night before Wednesday of Easter week": ("2027-03-23T23:00", "2027-03-23T21:00", "2027-03-24T04:00"),
    "Christmas Eve": ("2026-12-24T12:00", "2026-12-27T21:00", "2026-12-28T04:00"),
    "early on Christmas Eve": ("2026-12-24T02:00", "2026-12-23T21:00", "2026-12-24T04:00"),
    "New Year's Eve": ("2026-12-31T22:30", "2027-01-02T21:00", "2027-01-03T04:00"),
    "the eve of 1 May": ("2026-04-30T12:00", "2026-05-02T20:00", "2026-05-03T03:00"),
    "the eve of Whit Sunday and 17 May": ("2027-05-15T23:00", "2027-05-18T20:00", "2027-05-19T03:00"),
}


@pytest.mark.parametrize(("moment", "start", "end"), WINDOWS.values(), ids=WINDOWS.keys())
def test_the_next_window_is_a_night_on_which_somebody_can_be_called_out(moment: str, start: str, end: str) -> None:
    window = next_window(oslo(moment))
    assert window == Window(utc(start), utc(end))
    assert window.start.tzinfo is UTC
    assert window.end.tzinfo is UTC


def is_in_window(moment: datetime) -> bool:
    return next_window(moment).start <= moment


@settings(deadline=None)
@given(moments)
def test_one_is_in_a_window_from_22_to_5_but_not_around_holidays(moment: datetime) -> None:
    local = moment.astimezone(OSLO)
    night = local.date() if local.hour >= 22 else local.date() - DAY
    dark = local.hour >= 22 or local.hour < 5
    assert is_in_window(moment) == (dark and night not in NORWAY and night + DAY not in NORWAY)


@settings(deadline=None)
@given(moments)
def test_a_window_is_one_night_and_no_earlier_one_is_skipped(moment: datetime) -> None:
    window = next_window(moment)
    assert moment < window.end
    assert window.end - window.start in {timedelta(hours=hours) for hours in (6, 7, 8)}
    assert window.start - moment < timedelta(days=8)
    assert next_window(window.start) == next_window(window.end - SECOND) == window
    assert is_in_window(window.start)
    assert not is_in_window(window.end)
    waiting = max(window.start - moment, timedelta(0))
    assert not any(is_in_window(moment + timedelta(hours=n)) for n in range(-(-waiting // timedelta(hours=1))))


@pytest.mark.parametrize("ask", [day_of, next_window])
def test_a_moment_without_time_zone_is_refused(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(TypeError, match="no time zone"):
        ask(datetime(2026, 1, 15, 22))  # noqa: DTZ001 - that is the point
