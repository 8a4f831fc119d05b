"""What is told later is told in the language of who reads it then."""

from datetime import UTC, datetime, timedelta

import pytest

from linjevakt.model.change import Leg, Proof, PushResult, PushState
from linjevakt.model.errors import LONGEST, UnreachableError
from linjevakt.model.health import Health
from linjevakt.model.saying import Saying, in_language
from linjevakt.store import Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENGLISH = ("login: rtr-a: no answer; rolled back", "login", "rtr-a: no answer")
NORWEGIAN = ("innlogging: rtr-a: no answer; tilbakeført", "innlogging", "rtr-a: no answer")


def _push(store: Store, reason: str, leg: Leg) -> None:
    begun = store.pushes.begin(
        "rtr-a", candidate_hash="c0ffee", revert_in_s=60, worker="noc:1", until=datetime.now(UTC) + timedelta(minutes=5)
    )
    store.pushes.end(begun, PushResult("rtr-a", PushState.REVERTED, reason, NOON, 2.0, None, Proof((leg,))))


@pytest.mark.parametrize(("language", "expected"), [("en", ENGLISH), ("nb", NORWEGIAN)])
def test_a_push_is_told_in_both_languages(store: Store, language: str, expected: tuple[str, ...]) -> None:
    error = UnreachableError("rtr-a: no answer")
    login = Saying("login")
    reason = Saying("{}; {}", Saying("{}: {}", login, error), Saying("rolled back"))
    _push(store, reason, Leg(login, ok=False, detail=Saying("{}", error)))
    (record,) = store.pushes.latest("rtr-a")
    (leg,) = record.proof
    assert tuple(in_language(text, language) for text in (record.reason, leg["name"], leg["detail"])) == expected
    assert (record.reason, set(leg)) == (ENGLISH[0], {"name", "ok", "detail", "milliseconds"})


def test_what_a_router_says_itself_is_the_same_in_both(store: Store) -> None:
    _push(store, "its own words", Leg("dns", ok=False, detail="SERVFAIL"))
    (record,) = store.pushes.last(["rtr-a"])
    assert (record.reason, record.proof[0]["detail"]) == ("its own words", "SERVFAIL")
    assert in_language(record.reason, "nb") == "its own words"


def test_a_long_reason_is_shortened_in_both_languages(store: Store) -> None:
    _push(store, Saying("interrupted before it was proven; {reason}", reason="x" * 2 * LONGEST), Leg("dns", True, ""))  # noqa: FBT003
    (record,) = store.pushes.latest("rtr-a")
    for language, begin in (("en", "interrupted before"), ("nb", "avbrutt før")):
        said = in_language(record.reason, language)
        assert said.startswith(begin)
        assert LONGEST < len(said) < LONGEST + 50


def test_a_router_s_health_is_told_in_both_languages(store: Store) -> None:
    silent = Saying("no answer to SNMP from {address}:{port} ({reason})", address="10.0.0.1", port=161, reason="x")
    drift = Saying("not known: does the router's guard run?")
    store.healths.save(Health("rtr-a", NOON, reachable=False, detail=silent, drift=drift))
    (found,) = store.healths.current(["rtr-a"])
    assert (found.detail, found.drift) == (silent, drift)
    assert in_language(found.detail, "nb") == "ikke noe svar på SNMP fra 10.0.0.1:161 (x)"
    assert in_language(found.drift, "nb") == "ikke kjent: kjører vakten på ruteren?"
