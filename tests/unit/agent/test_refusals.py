"""Why a tunnel is not there: charon's log lines as strongSwan 5.9.8 wrote them in the lab, and what is made of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.ipsec.refusals import Heard

AT = datetime(2026, 11, 26, 14, 3, 9, tzinfo=UTC)
EXPIRED = "valid from Feb 29 12:59:38 2024 to Apr 03 12:59:38 2025"
NOT_YET = "valid from Nov 27 17:01:11 2026 to Feb 24 17:01:11 2027"
NOISE = (
    "received packet: from 203.0.113.2[4500] to 198.51.100.2[4500] (65 bytes)",
    "parsed IKE_AUTH response 1 [ N(AUTH_FAILED) ]",
    'received cert request for "CN=Linjevakt CA a2ce7a83"',
    "received DELETE for IKE_SA hub[1]",
    "establishing CHILD_SA management{3} reqid 184156171",
)


def heard(*lines: str, before: Heard | None = None) -> Heard:
    """What is known after these lines, a minute between two."""
    known = before or Heard()
    for minute, line in enumerate(lines):
        known = known.after(line, AT + timedelta(minutes=minute))
    return known


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["received AUTHENTICATION_FAILED notify error"], "the hub refuses us: AUTHENTICATION_FAILED"),
        (["received NO_PROPOSAL_CHOSEN notify error"], "the hub refuses us: NO_PROPOSAL_CHOSEN"),
        (["received TS_UNACCEPTABLE notify, no CHILD_SA built"], "the hub refuses us: TS_UNACCEPTABLE"),
        (
            [
                f"subject certificate invalid ({EXPIRED})",
                "no trusted ECDSA public key found for 'hub-oslo'",
            ],
            "we refuse the hub: the hub's certificate ended 2025-04-03 12:59 UTC, or the clock is ahead",
        ),
        (
            [
                f"subject certificate invalid ({NOT_YET})",
                "no trusted ECDSA public key found for 'hub-oslo'",
            ],
            "we refuse the hub: the clock is wrong: the hub's certificate begins 2026-11-27 17:01 UTC",
        ),
        (["no trusted ECDSA public key found for 'hub-oslo'"], "we refuse the hub: no trusted ECDSA public key for it"),
        (["peer not responding, trying again (3/0)"], "the hub does not answer"),
    ],
)
def test_an_answer_is_told_with_its_name(lines: list[str], said: str) -> None:
    refusal = heard(*lines).refusal
    assert refusal is not None
    assert refusal.said == said


def test_the_same_answer_is_counted_from_the_first() -> None:
    known = heard(*["received AUTHENTICATION_FAILED notify error", *NOISE] * 2)
    assert str(known.refusal) == "the hub refuses us: AUTHENTICATION_FAILED, 2 times since 2026-11-26 14:03 UTC"


def test_one_answer_is_told_with_its_time() -> None:
    known = heard("received NO_PROPOSAL_CHOSEN notify error")
    assert str(known.refusal) == "the hub refuses us: NO_PROPOSAL_CHOSEN, once, at 2026-11-26 14:03 UTC"


def test_another_answer_begins_anew() -> None:
    known = heard(*["received AUTHENTICATION_FAILED notify error"] * 3, "received NO_PROPOSAL_CHOSEN notify error")
    assert known.refusal is not None
    assert (known.refusal.times, known.refusal.since) == (1, AT + timedelta(minutes=3))


def test_what_is_no_answer_changes_nothing() -> None:
    assert heard(*NOISE) == Heard()


@given(st.text())
def test_no_line_upsets_the_reader(line: str) -> None:
    known = heard(line, "subject certificate " + line, "received " + line)
    assert known.refusal is None or known.refusal.said
