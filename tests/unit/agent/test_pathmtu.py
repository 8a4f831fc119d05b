"""The search for a path's MTU, against paths of any size in either direction, with and without loss."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linjevakt_agent.lines.pathmtu import GRAIN, LARGEST, ROUNDS, RUNGS, SMALLEST, PathMtu, carried, carrier

PATIENCE_S = 0.25
SIZES = st.integers(SMALLEST, LARGEST)


class Line:
    """A path that swallows what is too large, each way, and some of the rest; counts what is sent."""

    def __init__(self, up: int, down: int, *, loss: float = 0.0, echoes: bool = True, seed: int = 0) -> None:
        self.up, self.down, self.loss, self.echoes = up, down, loss, echoes
        self.sent: list[int] = []
        self.clock = 0.0
        self._chance = random.Random(seed)  # noqa: S311 - nothing is secret here

    def search(self, path: PathMtu, *, grow: bool = True) -> PathMtu:
        """Look once, to the end."""
        path = path.looked(self.clock, PATIENCE_S, grow=grow)
        while path.rungs:
            path = self._round(path)
            if path.rungs and self.clock < path.due:
                self.clock = path.due
                path = path.waited(self.clock, PATIENCE_S)
        return path

    def _round(self, path: PathMtu) -> PathMtu:
        search, asked = path.search, path.rungs
        self.sent += asked
        for size in asked:
            if size > self.up or self._lost():
                continue
            if not self._lost():
                path = path.answered(self.clock, search, size, PATIENCE_S, whole=False)
            if self.echoes and size <= self.down and not self._lost():
                path = path.answered(self.clock, search, size, PATIENCE_S, whole=True)
        return path

    def _lost(self) -> bool:
        return self._chance.random() < self.loss


def grains(size: int) -> int:
    return size // GRAIN * GRAIN


@given(SIZES, SIZES)
@example(1428, 1500)
@example(1500, 1400)
@example(SMALLEST, SMALLEST)
def test_what_passes_both_ways_is_found_to_the_grain(up: int, down: int) -> None:
    assert Line(up, down).search(PathMtu()).found == grains(min(up, down))


@given(up=SIZES, down=SIZES, before=SIZES, grow=st.booleans())
def test_what_was_found_before_changes_nothing_of_it(up: int, down: int, before: int, *, grow: bool) -> None:
    known = PathMtu(found=grains(before))
    truth = grains(min(up, down))
    found = Line(up, down).search(known, grow=grow).found
    assert found == (truth if grow else min(truth, grains(before)))


@given(SIZES, SIZES, st.floats(0, 0.4), st.integers(0, 1 << 30))
def test_no_loss_whatever_makes_a_size_pass_that_does_not(up: int, down: int, loss: float, seed: int) -> None:
    """With the answers lost or not: a hub of which only short answers arrive is one that tells of one way."""
    line = Line(up, down, loss=loss, seed=seed)
    found = line.search(PathMtu()).found
    assert found is None or found <= up


@given(SIZES)
def test_a_hub_that_does_not_echo_tells_of_the_way_there(up: int) -> None:
    assert Line(up, SMALLEST, echoes=False).search(PathMtu()).found == grains(up)


@given(st.one_of(st.none(), SIZES.map(grains)))
def test_silence_says_nothing_of_sizes(before: int | None) -> None:
    after = Line(0, 0).search(PathMtu(found=before))
    assert after.found == before
    assert not after.rungs


@given(SIZES, SIZES)
def test_a_search_is_bounded_in_time_and_packets(up: int, down: int) -> None:
    line = Line(up, down)
    line.search(PathMtu())
    assert line.clock <= 3 * ROUNDS * PATIENCE_S
    assert len(line.sent) <= ROUNDS * (3 + 2 * RUNGS)


@pytest.mark.parametrize("echoes", [True, False])
def test_a_path_that_is_whole_costs_two_packets_and_then_one_each_time(*, echoes: bool) -> None:
    line = Line(LARGEST, LARGEST, echoes=echoes)
    known = line.search(PathMtu())
    line.sent.clear()
    line.search(known, grow=False)
    assert line.sent == [LARGEST]


def test_a_path_that_is_whole_takes_one_round_trip() -> None:
    line = Line(LARGEST, LARGEST)
    line.search(PathMtu())
    assert line.sent == [SMALLEST, LARGEST]
    assert line.clock == 0.0


@given(SIZES)
def test_a_hub_that_begins_to_echo_is_believed_from_then_on(down: int) -> None:
    known = Line(LARGEST, down, echoes=False).search(PathMtu())
    assert Line(LARGEST, down).search(known).found == grains(down)


def test_a_line_of_one_in_twenty_lost_is_seldom_taken_for_a_narrower_one() -> None:
    found = [Line(1400, 1428, loss=0.05, seed=seed).search(PathMtu()).found or 0 for seed in range(300)]
    assert sum(size < 1400 for size in found) <= 6
    assert all(size <= 1400 for size in found)


def test_an_answer_to_an_earlier_search_tells_nothing() -> None:
    first = PathMtu().looked(0.0, PATIENCE_S, grow=True)
    line = Line(0, 0)
    second = line.search(first).looked(5.0, PATIENCE_S, grow=True)
    assert second.answered(5.1, first.search, LARGEST, PATIENCE_S, whole=True) == second


def test_a_bound_holds_whatever_passes() -> None:
    assert Line(LARGEST, LARGEST).search(PathMtu(largest=1400)).found == 1400


@pytest.mark.parametrize(("path_mtu", "inside"), [(1500, 1438), (1464, 1402), (1463, 1398), (1428, 1366), (1400, 1338)])
def test_the_sizes_inside_the_tunnel_are_those_of_esp(path_mtu: int, inside: int) -> None:
    """Seen with strongSwan 5.9.8: 1,400 octets inside are 1,464 outside."""
    assert carried(path_mtu) == inside
    assert carrier(1400) == 1464


@given(SIZES)
def test_what_the_tunnel_carries_fits_the_path_and_no_more_would(path_mtu: int) -> None:
    inside = carried(path_mtu)
    assert carrier(inside) <= path_mtu < carrier(inside + 1)
