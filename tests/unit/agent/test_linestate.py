"""The line watch's state machine: when a line counts as down, and which line is used."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from linjevakt_agent.base.schema import Watch
from linjevakt_agent.lines.linestate import (
    FIRST_TIMEOUT_S,
    Answered,
    Event,
    Judged,
    LineState,
    Ready,
    RoundTrip,
    Sent,
    choose,
    pace,
)

WATCH = Watch(target="203.0.113.2", interval_ms=150, missed=3)
RECOVER_S = 3.0


def line(name: str = "wan0", priority: int = 1, *, up: bool | None = True, good_since: float = 0.0) -> LineState:
    return LineState(name, priority, WATCH, up=up, linked=up is not False, good_since=good_since)


def after(state: LineState, *events: Event) -> LineState:
    for event in events:
        state = state.after(event)
    return state


def answering(round_trip_s: float = 0.02) -> LineState:
    """A line whose first probe has been answered."""
    return after(LineState("wan0", 1, WATCH), Ready(0.0), Sent(0.0, 1), Answered(round_trip_s, 1))


def test_a_line_is_unknown_until_its_first_probe_is_answered_or_given_up() -> None:
    asked = after(LineState("wan0", 1, WATCH), Ready(0.0), Sent(0.0, 1))
    assert asked.up is None
    assert asked.after(Answered(0.02, 1)).up is True
    lost = after(asked, Sent(0.15, 2), Sent(0.3, 3), Judged(0.3 + FIRST_TIMEOUT_S))
    assert lost.up is False
    assert lost.changes == 0, "finding out is no change"


def test_a_line_goes_down_with_the_third_probe_in_a_row_that_gets_no_answer() -> None:
    state = after(answering(), Sent(0.15, 2), Sent(0.30, 3), Sent(0.45, 4))
    assert after(state, Judged(0.59)).up is True
    down = after(state, Judged(0.59), Judged(0.61))
    assert (down.up, down.changes, down.detail) == (False, 1, "3 probes in a row unanswered")


def test_an_answer_that_comes_late_still_shows_that_the_line_is_alive() -> None:
    state = after(answering(), Sent(0.15, 2), Sent(0.30, 3), Judged(0.46), Answered(0.47, 3), Sent(0.45, 4))
    assert state.missed == 0
    assert after(state, Judged(0.62)).up is True


def test_answers_heard_late_because_we_were_late_ourselves_are_not_held_against_the_line() -> None:
    asked = after(answering(), Sent(0.15, 2), Sent(0.30, 3), Sent(0.45, 4))
    heard = after(asked, Answered(9.0, 2), Answered(9.0, 3), Answered(9.0, 4), Judged(9.0))
    assert (heard.up, heard.missed) == (True, 0)


def test_a_slow_line_gets_the_time_it_needs() -> None:
    state = answering(0.6)
    assert state.timeout > 0.6
    assert after(state, Sent(1.0, 2), Sent(1.15, 3), Sent(1.3, 4), Judged(1.59)).up is True


def test_a_lost_carrier_takes_a_line_down_at_once_and_an_answer_brings_it_back() -> None:
    gone = answering().after(Ready(1.0, "no carrier"))
    assert (gone.up, gone.detail, gone.since) == (False, "no carrier", 1.0)
    back = after(gone, Ready(2.0))
    assert back.up is False, "carrier alone proves nothing"
    assert after(back, Sent(2.0, 2), Answered(2.02, 2)).up is True


def test_an_answer_to_a_probe_from_before_the_link_went_down_counts_for_nothing() -> None:
    back = after(answering(), Sent(0.9, 2), Ready(1.0, "no carrier"), Ready(1.1))
    assert back.after(Answered(1.2, 2)).up is False


def test_without_a_watch_a_line_is_as_good_as_its_link() -> None:
    linked = LineState("wan0", 1, None).after(Ready(1.0))
    assert linked.up is True
    assert linked.after(Ready(2.0, "link is down")).up is False


def test_traffic_leaves_a_line_that_is_down_for_the_first_choice_among_those_up() -> None:
    lines = [line(up=False), line("wan1", 2, up=None), line("wan2", 3), line("wan3", 4)]
    assert choose(lines, "wan0", 10.0, RECOVER_S) == "wan2"


def test_traffic_stays_where_it_is_when_every_line_is_down() -> None:
    assert choose([line(up=False), line("wan1", 2, up=False)], "wan1", 10.0, RECOVER_S) == "wan1"


def test_traffic_goes_back_only_when_the_better_line_has_missed_nothing_for_long_enough() -> None:
    lines = [line(good_since=7.5), line("wan1", 2)]
    assert choose(lines, "wan1", 10.0, RECOVER_S) == "wan1"
    assert choose(lines, "wan1", 10.5, RECOVER_S) == "wan0"


def test_a_line_taken_out_of_the_configuration_is_left_for_the_best_there_is() -> None:
    assert choose([line(up=None), line("wan1", 2, up=True)], "wan9", 0.0, RECOVER_S) == "wan1"
    assert choose([line("wan1", 2, up=None), line(up=None)], None, 0.0, RECOVER_S) == "wan0"
    assert choose([], None, 0.0, RECOVER_S) is None


def test_a_line_in_reserve_is_probed_slowly_until_it_is_about_to_take_over() -> None:
    first, second = line(), line("wan1", 2)
    assert pace(first, first, WATCH) == 0.15
    assert pace(second, first, WATCH) == 1.0
    assert pace(first, second, WATCH) == 0.15
    assert pace(replace(first, up=False), second, WATCH) == 1.0
    assert pace(second, replace(first, given_up=1), WATCH) == 0.15, "the one in use is in doubt"


STEP_S = 0.01
FEW = settings(max_examples=20, deadline=None)  # each is 12 to 16 s of a watch's life


def simulate(answers: Callable[[str, float], bool], until_s: float) -> list[tuple[float, str]]:
    """Run the watch on wan0 (20 ms) and wan1 (60 ms) without sockets; returns each move with its time."""
    round_trips = {"wan0": 0.02, "wan1": 0.06}
    lines = {name: line(name, number).after(Ready(0.0)) for number, name in enumerate(round_trips, start=1)}
    in_use, moves, flying = "wan0", list[tuple[float, str]](), list[tuple[float, str, int]]()
    probed = dict.fromkeys(lines, -9.0)
    for tick in range(int(until_s / STEP_S)):
        now = tick * STEP_S
        for _, name, sequence in [probe for probe in flying if probe[0] <= now]:
            lines[name] = lines[name].after(Answered(now, sequence))
        flying = [probe for probe in flying if probe[0] > now]
        for name, state in lines.items():
            lines[name] = state.after(Judged(now))
            if now - probed[name] >= pace(state, lines[in_use], WATCH):
                lines[name] = lines[name].after(Sent(now, state.sent + 1))
                probed[name] = now
                if answers(name, now):
                    flying.append((now + round_trips[name], name, state.sent + 1))
        chosen = choose(lines.values(), in_use, now, RECOVER_S)
        if chosen is not None and chosen != in_use:
            in_use = chosen
            moves.append((now, chosen))
    return moves


@FEW
@given(st.floats(5, 7))
def test_a_black_hole_on_the_line_in_use_is_left_within_0_65_s_and_gone_back_to_3_s_after_it_ends(
    hole_at: float,
) -> None:
    moves = simulate(lambda name, now: name != "wan0" or not hole_at <= now < hole_at + 4, 16)
    (away, first), (back, second) = moves
    assert (first, second) == ("wan1", "wan0")
    assert 0.4 <= away - hole_at <= 0.65
    assert RECOVER_S <= back - (hole_at + 4) <= RECOVER_S + 1.2


@FEW
@given(st.floats(5, 7), st.floats(0.05, 6))
def test_a_hub_that_is_away_for_a_while_moves_nobody(away_at: float, away_for: float) -> None:
    assert simulate(lambda _name, now: not away_at <= now < away_at + away_for, 16) == []


@FEW
@given(st.floats(5, 7))
def test_a_reserve_that_died_unnoticed_in_the_same_moment_is_not_moved_to(dead_at: float) -> None:
    assert simulate(lambda _name, now: now < dead_at, 12) == []


rounds = st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.14), st.floats(0, 5)), max_size=60)


@given(rounds)
def test_a_line_is_down_exactly_while_its_last_three_probes_or_more_went_unanswered(
    script: list[tuple[bool, float, float]],
) -> None:
    """Each round sends a probe, answers it or not, and judges it after its time, however late we are ourselves."""
    state, now, unanswered = answering(), 0.15, 0
    for sequence, (answered, delay, our_lateness) in enumerate(script, start=2):
        state = state.after(Sent(now, sequence))
        if answered:
            state = state.after(Answered(now + delay, sequence))
        now += max(state.timeout, 0.15) + our_lateness
        state = state.after(Judged(now))
        unanswered = 0 if answered else unanswered + 1
        assert state.missed == unanswered
        assert state.up is (unanswered < WATCH.missed)


lines_strategy = st.lists(
    st.builds(
        lambda priority, up, good_since: line(f"wan{priority}", priority, up=up, good_since=good_since),
        st.integers(1, 6),
        st.sampled_from([True, False, None]),
        st.floats(0, 100),
    ),
    min_size=1,
    unique_by=lambda state: state.priority,
)


@given(lines_strategy, st.integers(1, 6), st.floats(0, 200))
def test_traffic_never_moves_to_a_line_that_is_not_up_nor_off_a_good_one_without_a_reason(
    lines: list[LineState], present_priority: int, now: float
) -> None:
    named = {state.name: state for state in lines}
    present = named.get(f"wan{present_priority}")
    chosen = choose(lines, f"wan{present_priority}", now, RECOVER_S)
    if present is None or chosen == present.name:
        return
    assert chosen is not None
    assert named[chosen].up is True
    if present.up is not False:
        assert named[chosen].priority < present.priority
        assert now - named[chosen].good_since >= RECOVER_S


@given(lines_strategy, st.floats(0, 200))
def test_a_choice_settles(lines: list[LineState], now: float) -> None:
    chosen: str | None = "wan1"
    for _ in range(len(lines) + 1):
        chosen = choose(lines, chosen, now, RECOVER_S)
    assert choose(lines, chosen, now, RECOVER_S) == chosen


@given(st.lists(st.floats(0.0005, 3.0), min_size=1, max_size=50))
def test_the_smoothed_round_trip_stays_within_what_was_measured(samples: list[float]) -> None:
    round_trip = RoundTrip.first(samples[0])
    for sample in samples[1:]:
        round_trip = round_trip.after(sample)
    assert min(samples) * 0.999 <= round_trip.smoothed <= max(samples) * 1.001
