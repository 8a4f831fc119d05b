"""What a clock should say, by what lies on the disk: behind, ahead, and never against better knowledge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.machine.evidence import TOLERANCE, Evidence, Sign

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
BEGINS, ENDS = datetime(2026, 11, 25, tzinfo=UTC), datetime(2027, 2, 24, tzinfo=UTC)
KEPT = datetime(2026, 12, 24, 18, tzinfo=UTC)
PAST = (Sign(RELEASED, "this software was made"), Sign(BEGINS, "the router's certificate begins"))
ENDING = (Sign(ENDS, "the router's certificate ends"),)
DAY = timedelta(days=1)
moments = st.floats(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize(
    ("now", "to"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), KEPT),
        (BEGINS - DAY, KEPT),
        (KEPT - timedelta(seconds=1), KEPT),
        (KEPT, None),
        (ENDS, None),
        (ENDS + timedelta(seconds=1), KEPT),
        (datetime(2040, 1, 1, tzinfo=UTC), KEPT),
    ],
)
def test_a_clock_behind_is_lifted_and_one_ahead_goes_back(now: datetime, to: datetime | None) -> None:
    correction = Evidence(PAST, KEPT, ENDING).correction(now)
    assert (correction and correction.to) == to


def test_a_box_that_was_never_right_goes_by_its_certificate() -> None:
    assert Evidence(PAST, None, ENDING).floor == PAST[1]


def test_a_time_that_a_clock_ahead_wrote_down_is_not_believed() -> None:
    correction = Evidence(PAST, ENDS + DAY, ENDING).correction(datetime(2040, 1, 1, tzinfo=UTC))
    assert correction is not None
    assert correction.to == BEGINS


def test_a_certificate_that_has_truly_ended_stays_ended() -> None:
    """The hub shows one that ended before the clock was last known right."""
    old = Sign(KEPT - DAY, "the certificate that the hub shows ends")
    assert (
        Evidence((*PAST, Sign(KEPT, "the list of revoked certificates was made")), None, (*ENDING, old)).correction(
            KEPT + DAY
        )
        is None
    )


def test_the_hubs_certificate_that_is_not_valid_yet_says_that_it_is_later() -> None:
    """It was renewed while the box lay in a drawer."""
    renewed = Sign(datetime(2027, 2, 1, tzinfo=UTC), "the certificate that the hub shows begins")
    correction = Evidence((*PAST, renewed), KEPT, ENDING).correction(KEPT)
    assert correction is not None
    assert correction.to == renewed.at
    assert "the hub shows" in correction.why


def test_what_was_counted_on_in_this_boot_goes_before_all_else() -> None:
    """The certificate ended while the box ran: its clock is right, and is not set back again and again."""
    assert Evidence(PAST, KEPT, ENDING, reckoned=ENDS + DAY).correction(ENDS + DAY) is None


@pytest.mark.parametrize("stray", [TOLERANCE, -TOLERANCE])
def test_a_clock_that_somebody_sets_wrong_is_set_back(stray: timedelta) -> None:
    known = Evidence(PAST, KEPT, ENDING, reckoned=KEPT + DAY)
    assert known.correction(KEPT + DAY + stray) is None
    correction = known.correction(KEPT + DAY + stray * 2)
    assert correction is not None
    assert correction.to == KEPT + DAY


@given(moments, moments, moments, moments)
def test_one_correction_is_enough_and_no_clock_ends_before_what_is_over(
    now: datetime, kept: datetime, begins: datetime, ends: datetime
) -> None:
    evidence = Evidence((PAST[0], Sign(begins, "begins")), kept, (Sign(ends, "ends"),))
    correction = evidence.correction(now)
    after = correction.to if correction else now
    assert after >= evidence.floor.at >= begins
    assert evidence.correction(after) is None
