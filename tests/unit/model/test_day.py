"""What is said of a day that is none."""

import pytest

from linjevakt.model.day import fault

MISSING = ("is no day of the calendar", "Correct it")
MISWRITTEN = ("is no date", "Write it as 2026-01-31")


@pytest.mark.parametrize("written", ["29.02.2027", "2027-02-29", "31.4.2026", "2026-11-31", "30.02.2028"])
def test_a_day_that_its_month_lacks(written: str) -> None:
    assert fault(written) == MISSING


@pytest.mark.parametrize("written", ["2026-13-01", "15.01.2024", "01/15/2024", "", "0", "20260131", "2026-00-10", "x"])
def test_a_day_that_is_not_written_as_one(written: str) -> None:
    assert fault(written) == MISWRITTEN
