"""When a line is addressed in its next way: the decision table, and what holds whatever a line lives through."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.base.schema import Addressing
from linjevakt_agent.lines.addressing import ANSWER_S, LEASE_S, OUTAGE_S, Seen, Trial

STATIC = Addressing(method="static", address="198.51.100.2/30", gateway="198.51.100.1")
OTHER = Addressing(method="static", address="198.51.100.6/30", gateway="198.51.100.5")
DHCP = Addressing(method="dhcp")
PLUG, PLUGGED_ANEW = (7, 1), (7, 2)
OWN, LENT = "198.51.100.2", "192.168.1.50"


def plugged(*offered: Addressing, at: float = 100.0, address: str | None = OWN) -> Trial:
    """A line whose cable has been plugged in at that time."""
    return Trial(offered, offered[0]).after(Seen(at, PLUG, address))


def seen(at: float, address: str | None = OWN, *, proven: float = 0.0, others_up: float | None = None) -> Seen:
    """A silent line."""
    return Seen(at, PLUG, address, proven=proven, others_up=others_up)


@pytest.mark.parametrize(
    ("first", "look", "chosen"),
    [
        (STATIC, seen(102.9), STATIC),
        (STATIC, seen(103.0), DHCP),
        (STATIC, replace(seen(109.0), up=True), STATIC),
        (STATIC, seen(103.9, proven=101.0, others_up=50.0), STATIC),
        (STATIC, seen(104.0, proven=101.0, others_up=50.0), DHCP),
        (STATIC, seen(112.9, proven=101.0, others_up=110.0), STATIC),
        (STATIC, seen(113.0, proven=101.0, others_up=110.0), DHCP),
        (STATIC, seen(130.9, proven=101.0), STATIC),
        (STATIC, seen(131.0, proven=101.0), DHCP),
        (DHCP, seen(107.9, None), DHCP),
        (DHCP, seen(108.0, None), STATIC),
        (DHCP, seen(108.9, None, proven=101.0, others_up=50.0), DHCP),
        (DHCP, seen(109.0, None, proven=101.0, others_up=50.0), STATIC),
    ],
)
def test_a_silent_line_is_addressed_in_its_next_way_when_its_time_is_up(
    first: Addressing, look: Seen, chosen: Addressing
) -> None:
    other = DHCP if first == STATIC else STATIC
    assert plugged(first, other, address=look.address).after(look).chosen == chosen


def test_a_lease_that_comes_late_still_gets_its_time_to_bring_an_answer() -> None:
    leased = plugged(DHCP, STATIC, address=None).after(seen(107.5, LENT))
    assert leased.after(seen(110.4, LENT)).chosen == DHCP
    assert leased.after(seen(110.5, LENT)).chosen == STATIC


def test_the_ways_are_gone_through_round_and_round() -> None:
    trial, chosen = plugged(STATIC, OTHER, DHCP), []
    for at in (103, 106, 114, 117):
        trial = trial.after(seen(at))
        chosen.append(trial.chosen)
    assert chosen == [OTHER, DHCP, STATIC, OTHER]


def test_a_cable_that_is_pulled_brings_the_configured_addressing_back() -> None:
    trial = plugged(STATIC, DHCP).after(seen(103.0))
    assert trial.chosen == DHCP
    assert trial.after(Seen(104.0, None, LENT)).chosen == STATIC


def test_a_cable_that_was_out_for_less_than_a_look_counts_as_pulled_too() -> None:
    trial = plugged(STATIC, DHCP).after(seen(103.0)).after(Seen(104.0, PLUGGED_ANEW, LENT, up=True, proven=103.9))
    assert trial.chosen == STATIC
    trial = trial.after(Seen(104.1, PLUGGED_ANEW, OWN, proven=103.9))
    assert trial.after(Seen(107.0, PLUGGED_ANEW, OWN, proven=103.9)).chosen == STATIC
    assert trial.after(Seen(107.2, PLUGGED_ANEW, OWN, proven=103.9)).chosen == DHCP, "what was proven was elsewhere"


def test_a_new_agent_goes_on_with_the_addressing_that_it_finds() -> None:
    assert Trial((STATIC, DHCP), DHCP).after(seen(100.0, LENT)).chosen == DHCP


def test_a_line_without_a_cable_is_as_configured_however_it_was_found() -> None:
    trial = Trial((STATIC, DHCP), DHCP)
    for at in range(100, 200, 5):
        trial = trial.after(Seen(at, None, OWN))
        assert trial.chosen == STATIC


ways = st.permutations([STATIC, OTHER, DHCP]).flatmap(
    lambda order: st.integers(2, 3).map(lambda many: tuple(order[:many]))
)
moments = st.lists(
    st.tuples(st.floats(0.01, 5.0), st.booleans(), st.sampled_from([None, OWN, LENT]), st.booleans()), max_size=60
)


def life(
    offered: tuple[Addressing, ...], script: list[tuple[float, bool, str | None, bool]]
) -> Iterator[tuple[Trial, Seen, Trial]]:
    """Each look at a line of which one thing or another is true, with the trial before and after it."""
    trial, at, proven, others_up = Trial(offered, offered[0]), 100.0, 0.0, None
    for pause, answers, address, other in script:
        at += pause
        proven = at if answers and address else proven
        others_up = (others_up or at) if other else None
        look = Seen(at, PLUG, address, up=answers and address is not None, proven=proven, others_up=others_up)
        before, trial = trial, trial.after(look)
        yield before, look, trial


@given(ways, moments)
def test_a_line_is_never_left_while_it_answers_nor_sooner_than_its_time(
    offered: tuple[Addressing, ...], script: list[tuple[float, bool, str | None, bool]]
) -> None:
    for before, look, trial in life(offered, script):
        if trial.chosen != before.chosen:
            assert not look.up
            assert look.at - max(before.began, look.proven) >= ANSWER_S
            assert offered.index(trial.chosen) == (offered.index(before.chosen) + 1) % len(offered)


@given(ways, st.floats(0.05, 0.5), st.sampled_from([None, OWN]))
def test_every_way_of_a_silent_line_is_tried_within_one_round(
    offered: tuple[Addressing, ...], step: float, address: str | None
) -> None:
    trial, at, tried = plugged(*offered, address=address), 100.0, {offered[0]}
    while at < 100 + sum(LEASE_S if way == DHCP else ANSWER_S for way in offered) + step * len(offered):
        at += step
        trial = trial.after(seen(at, address))
        tried.add(trial.chosen)
    assert tried == set(offered)


@given(ways, st.floats(0.0, OUTAGE_S - 0.1))
def test_a_hub_that_is_away_for_half_a_minute_has_no_line_addressed_anew(
    offered: tuple[Addressing, ...], away: float
) -> None:
    trial = plugged(*offered).after(Seen(105.0, PLUG, OWN, up=True, proven=105.0))
    assert trial.after(seen(105.0 + away, proven=105.0)).chosen == offered[0]
