"""Which of two with one identity stays, told second by second."""

from collections import UserDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.collect.duplicates import Duplicate
from linjevakt_agent.tunnel.roster import (
    ASKED_S,
    MOST_ROWS,
    PROVEN_S,
    REMEMBERED,
    TAKEN_OVER_S,
    Ask,
    Bar,
    End,
    Peer,
    Roster,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOME, AWAY, OFFICE = "198.51.100.6", "203.0.113.22", "198.51.100.134"
BARRED = Bar("rtr-a", "hub", frozenset({AWAY}))
OPEN = Bar("rtr-a", "hub", frozenset())


def peer(number: int, address: str, port: int = 4500, *, barred: bool = False, identity: str = "rtr-a") -> Peer:
    return Peer(str(number), identity, "hub", address, str(port), barred=barred)


def roster(*peers: Peer, known: Iterable[Duplicate] = ()) -> Roster:
    made = Roster(known, wall=lambda: NOON)
    for one in peers:
        made.came(one, 0)
    return made


def test_one_that_is_alone_is_left_alone() -> None:
    alone = roster(peer(1, HOME), peer(2, AWAY, identity="rtr-b"))
    assert alone.due(0) == []
    assert alone.due(1e6) == []


def test_the_first_is_asked_once_and_the_second_ended_told_of_and_barred_when_it_answers() -> None:
    found = roster(peer(1, HOME), peer(2, AWAY))
    assert found.due(0) == [Ask("1")]
    assert found.due(1) == []
    found.alive("2", 1)
    assert found.due(1) == [], "whoever it is that has the key says nothing about the first"
    found.alive("1", 1)
    assert found.due(1) == [BARRED, End("2")]
    found.left("2")
    assert found.due(2) == []
    assert found.duplicates == (Duplicate("rtr-a", AWAY, 1, NOON, NOON),)


def test_the_second_carries_on_when_the_first_is_given_up() -> None:
    moved = roster(peer(1, HOME), peer(2, OFFICE))
    assert moved.due(0) == [Ask("1")]
    moved.left("1")
    assert moved.due(6) == []
    assert moved.duplicates == ()


def test_one_that_has_moved_is_asked_itself_and_not_taken_for_the_one_that_was_asked_before() -> None:
    moved = roster(peer(1, HOME), peer(2, OFFICE))
    assert moved.due(0) == [Ask("1")]
    moved.left("1")
    moved.came(peer(3, AWAY), 12)
    assert moved.due(12) == [Ask("2")], "a thief has no part of the time that the old place had to answer"
    moved.alive("2", 12)
    assert moved.due(12) == [BARRED, End("3")]


def test_the_first_is_asked_again_when_its_answer_never_came_and_for_each_who_comes_long_after() -> None:
    found = roster(peer(1, HOME), peer(2, AWAY))
    assert found.due(0) == [Ask("1")]
    assert found.due(ASKED_S) == [Ask("1")]
    found.alive("1", ASKED_S)
    found.due(ASKED_S)
    found.left("2")
    soon, later = ASKED_S + PROVEN_S, ASKED_S + PROVEN_S + 1
    found.came(peer(3, OFFICE), soon)
    assert End("3") in found.due(soon)
    found.left("3")
    found.came(peer(4, "192.0.2.1"), later)
    assert found.due(later) == [Ask("1")]


def test_one_from_the_same_place_takes_over_after_a_while() -> None:
    again = roster(peer(1, HOME), peer(2, HOME))
    assert again.due(TAKEN_OVER_S - 1) == []
    assert again.due(TAKEN_OVER_S) == [Ask("1")], "a router that was started anew does not answer for the old SA"
    again.left("1")
    assert again.due(TAKEN_OVER_S + 6) == []
    assert again.duplicates == ()


def test_a_copy_that_forges_the_routers_own_place_ends_nothing_and_is_told_of_where_it_came_from() -> None:
    forged = roster(peer(1, HOME), peer(2, AWAY))
    forged.due(0)
    forged.came(peer(2, HOME), 0.1)
    assert End("1") not in forged.due(TAKEN_OVER_S)
    forged.alive("1", TAKEN_OVER_S)
    assert forged.due(TAKEN_OVER_S) == [BARRED, End("2")]
    assert [row.address for row in forged.duplicates] == [AWAY]


def test_a_copy_that_begins_in_the_routers_own_place_has_the_grace_of_a_reauthentication_once() -> None:
    forged = roster(peer(1, HOME), peer(2, HOME))
    assert forged.due(0) == []
    assert forged.due(TAKEN_OVER_S) == [Ask("1")]
    forged.alive("1", TAKEN_OVER_S)
    assert forged.due(TAKEN_OVER_S) == [End("2")]
    forged.left("2")
    forged.came(peer(3, HOME), TAKEN_OVER_S + 1)
    assert forged.due(TAKEN_OVER_S + 1) == [Ask("1")], "what the last one said of itself is no sign of life since"
    forged.alive("1", TAKEN_OVER_S + 1)
    assert forged.due(TAKEN_OVER_S + 1) == [End("3")]
    assert [(row.address, row.count) for row in forged.duplicates] == [(HOME, 2)]


def test_a_router_that_is_started_anew_gets_its_tunnel_although_a_copy_is_about() -> None:
    again = roster(peer(1, HOME), peer(2, HOME), known=[Duplicate("rtr-a", HOME, 1, NOON, NOON)])
    assert again.due(0) == [Ask("1")]
    again.left("1")
    assert again.due(6) == []


def test_a_barred_copy_that_forges_the_routers_place_is_ended_and_not_the_router() -> None:
    forged = roster(peer(1, HOME), peer(2, AWAY, barred=True))
    forged.alive("1", 0)
    forged.came(peer(2, HOME, barred=True), 5)
    later = [act for second in range(5, 40) for act in forged.due(second)]
    assert End("1") not in later
    assert End("2") in later


def test_nobody_drives_the_duplicates_of_another_out() -> None:
    rows = [Duplicate("rtr-a", AWAY, 1, NOON, NOON)]
    rows += [Duplicate("*", f"192.0.2.{n}", 1, NOON, NOON + timedelta(seconds=n)) for n in range(MOST_ROWS + 8)]
    told = roster(known=rows).duplicates
    assert rows[0] in told
    assert len(told) == MOST_ROWS + 1


def test_one_behind_the_same_address_is_a_duplicate_that_is_not_barred() -> None:
    neighbour = roster(peer(1, HOME), peer(2, HOME, 60001))
    neighbour.due(0)
    neighbour.alive("1", 0)
    assert neighbour.due(0) == [End("2")]
    assert [row.address for row in neighbour.duplicates] == [HOME]


def test_a_barred_one_waits_but_not_for_ever_and_not_many_do() -> None:
    found = roster(peer(1, HOME), peer(2, AWAY, barred=True))
    found.due(0)
    found.alive("1", 0)
    assert found.due(0) == [BARRED]
    assert found.due(TAKEN_OVER_S) == [End("2")]
    for number in range(3, 9):
        found.came(peer(number, AWAY, barred=True), 1)
    assert {End(str(number)) for number in range(3, 9)} <= set(found.due(1))


def test_a_barred_one_that_is_left_alone_comes_again_with_its_children() -> None:
    known = [Duplicate("rtr-a", AWAY, 3, NOON, NOON)]
    found = roster(peer(1, HOME), known=known)
    assert found.due(0) == [BARRED], "also by an agent that has just started"
    found.came(peer(2, AWAY, barred=True), 5)
    assert found.due(5) == [Ask("1")]
    found.left("1")
    assert found.due(11) == [OPEN, End("2")]


def test_bars_are_renewed_after_a_count_and_lifted_when_nobody_has_come_for_long() -> None:
    moment = NOON
    found = Roster([Duplicate("rtr-a", AWAY, 1, NOON, NOON)], wall=lambda: moment)
    found.counted([peer(1, HOME)], 0)
    assert found.due(0) == [BARRED]
    found.counted([peer(1, HOME)], 10)
    assert found.due(10) == [BARRED]
    moment = NOON + REMEMBERED + timedelta(seconds=1)
    assert found.due(900) == [OPEN]
    assert found.duplicates == ()


def test_a_rekeyed_first_is_still_the_first_and_a_count_keeps_the_order() -> None:
    found = roster(peer(1, HOME), peer(2, AWAY))
    found.rekeyed("1", peer(3, HOME), 1)
    found.counted([peer(2, AWAY), peer(3, HOME)], 2)
    assert found.due(2) == [Ask("3")]
    found.rekeyed("8", peer(9, OFFICE, identity="rtr-b"), 2)
    found.left("9")
    found.counted([peer(3, HOME)], 3)
    assert found.due(3) == []


def test_a_first_that_moves_is_not_barred_where_it_is() -> None:
    found = roster(peer(1, HOME), known=[Duplicate("rtr-a", AWAY, 1, NOON, NOON)])
    assert found.due(0) == [BARRED]
    found.came(peer(1, AWAY), 1)
    assert found.due(1) == [OPEN]


@pytest.mark.parametrize("name", ["*", "*rtr-a", "CN=rtr-a", "", "192.0.2.1/24", "rtr a"])
def test_one_that_does_not_say_which_router_it_is_is_ended(name: str) -> None:
    found = roster(peer(1, HOME), peer(2, AWAY, identity=name))
    assert found.due(0) == [End("2")]
    assert found.due(0) == [End("2")], "no bar: it would shut out others who come from there"
    assert [(row.router, row.count) for row in found.duplicates] == [(name, 1)]


def test_a_thief_with_many_addresses_fills_no_memory() -> None:
    found = roster(peer(1, HOME))
    for number in range(2, 200):
        found.came(peer(number, f"192.0.2.{number}"), 0)
        found.alive("1", 0)
        found.due(0)
        found.left(str(number))
    assert len(found.duplicates) == MOST_ROWS


@given(st.lists(st.tuples(st.sampled_from((HOME, AWAY, OFFICE)), st.sampled_from((4500, 60001)), st.booleans())))
def test_a_first_that_answers_keeps_its_place_whoever_comes(visits: list[tuple[str, int, bool]]) -> None:
    found, now = roster(peer(1, HOME, 5000)), 0.0
    for number, (address, port, barred) in enumerate(visits, start=2):
        now += 1
        found.came(peer(number, address, port, barred=barred), now)
        ended: set[str] = set()
        for _ in range(2):
            acts = found.due(now)
            ended |= {act.number for act in acts if isinstance(act, End)}
            if Ask("1") in acts:
                found.alive("1", now)
        assert "1" not in ended
        assert barred or str(number) in ended
        for gone in ended:
            found.left(gone)


class Walked(UserDict[str, object]):
    """Sites by identity, that count how many were walked past."""

    steps = 0

    def __iter__(self) -> Iterator[str]:
        for name in super().__iter__():
            self.steps += 1
            yield name


def test_what_one_peer_does_is_found_without_a_look_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A charon that starts again loses thousands at once: to look each up among all of them took a hub 7 s."""
    found, sites = Roster(), Walked()
    monkeypatch.setattr(found, "_sites", sites)
    for number in range(50):
        found.came(peer(number, HOME, identity=f"rtr-{number}"), 0)
    found.alive("49", 1)
    found.rekeyed("48", peer(100, HOME, identity="rtr-48"), 1)
    found.left("47")
    found.counted([], 2)
    assert sites.steps == 0
    assert not sites
