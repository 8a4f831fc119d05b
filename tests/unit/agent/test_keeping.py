"""When a site starts what its tunnel lacks: the decision table, and a thousand sites at one hub."""

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.tunnel.keeping import FIRST_S, HUNG_S, Keeping, Pulse, Seen, wait_s

ALL = frozenset({"management", "segment_a", "segment_b"})
WAN0, WAN1 = ("generations/4", "wan0", "198.51.100.2"), ("generations/4", "wan1", "100.64.2.2")
MORE = st.floats(0, 1)


def seen(at: float, missing: frozenset[str] = ALL, *, busy: bool = False, path: object = WAN0) -> Seen:
    return Seen(at, missing, busy, path)


def initiated(*looks: Seen, chance: float = 0.0) -> list[float]:
    """When something was initiated."""
    keeping, times = Keeping(), []
    for look in looks:
        keeping = keeping.after(look, chance)
        if keeping.initiate:
            assert keeping.initiate == look.missing
            times.append(look.at)
    return times


def looks(until: int, change: Callable[[int], dict[str, Any]] = lambda _second: {}) -> list[Seen]:
    """A look each second, all missing but for what `change` says of a second."""
    return [replace(seen(float(at)), **change(at)) for at in range(100, 100 + until)]


def test_what_is_missing_is_tried_after_two_seconds_and_then_ever_more_seldom() -> None:
    assert initiated(*looks(30)) == [102, 104, 106, 109, 114, 119, 124, 129]


def test_whole_is_left_alone() -> None:
    assert initiated(*looks(100, lambda _: {"missing": frozenset()})) == []


def test_what_charon_does_by_itself_is_not_disturbed_and_gets_time_afterwards() -> None:
    assert initiated(*looks(16, lambda at: {"busy": at < 109})) == [112]


def test_what_was_missing_for_a_moment_is_not_tried() -> None:
    assert initiated(*looks(30, lambda at: {} if at % 4 < 2 else {"missing": frozenset()})) == []


def test_nothing_is_tried_while_the_line_is_down() -> None:
    assert initiated(*looks(60, lambda _: {"path": None})) == []


@pytest.mark.parametrize(
    "news",
    [
        lambda at: {"path": WAN0 if at < 3000 else WAN1},
        lambda at: {"path": WAN0 if at != 2999 else None},
        lambda at: {"missing": ALL if at < 3000 else ALL - {"management"}},
        lambda at: {"missing": ALL if at != 2999 else frozenset()},
    ],
    ids=["another line", "the hub is heard again", "some are back", "all were back"],
)
def test_news_make_it_try_at_once_again(news: Callable[[int], dict[str, Any]]) -> None:
    times = initiated(*looks(3000, news), chance=1.0)
    assert min(at for at in times if at >= 3000) <= 3000 + 3 * FIRST_S


@given(outage=st.floats(0, 1e6), chance=MORE)
def test_a_wait_is_within_its_bounds(outage: float, chance: float) -> None:
    wait = wait_s(outage, chance)
    assert FIRST_S <= wait <= 60
    assert wait <= 15 or outage > 300


@given(st.lists(st.tuples(st.sampled_from([ALL, frozenset(), frozenset({"segment_a"})]), st.booleans(), MORE)))
def test_nothing_is_ever_initiated_that_is_there_or_while_charon_is_at_it(
    story: list[tuple[frozenset[str], bool, float]],
) -> None:
    keeping = Keeping()
    for second, (missing, busy, chance) in enumerate(story):
        keeping = keeping.after(seen(float(second), missing, busy=busy), chance)
        assert keeping.initiate <= missing
        assert not (busy and keeping.initiate)


# --- a hub and its thousand sites ---

SITES = 1000


@dataclass
class Hub:
    """What a hub gets to do: initiations by the second from when it began to refuse, and when each site was back."""

    per_second: Counter[int] = field(default_factory=Counter)
    back: list[float] = field(default_factory=list)

    def busiest(self, begin: int, end: int) -> int:
        return max((self.per_second[second] for second in range(int(begin), int(end))), default=0)


def outage(length_s: float, seed: int = 1) -> Hub:
    """All sites lose their tunnels in the same moment, the worst case, and look each second, each at its own time."""
    hub, chance = Hub(), random.Random(seed)  # noqa: S311 - the same sites each time
    for _ in range(SITES):
        keeping, at = Keeping(), chance.random()
        while True:
            keeping = keeping.after(seen(at), chance.random())
            if keeping.initiate:
                hub.per_second[int(at)] += 1
                if at >= length_s:
                    hub.back.append(at - length_s)
                    break
            at += max(1.0, math.ceil(keeping.due - at))  # the looks in between decide nothing
    return hub


@pytest.mark.parametrize(
    ("length_s", "last_within_s", "busiest_later", "busiest_at_the_end"),
    [(8, 15, 0, 200), (300, 15, 200, 130), (7200, 60, 200, 50)],
    ids=["8 s", "5 min", "2 h"],
)
def test_a_thousand_sites_come_back_in_time_and_never_storm_the_hub(
    length_s: int, last_within_s: int, busiest_later: int, busiest_at_the_end: int
) -> None:
    hub = outage(length_s)
    first, later, end = (
        hub.busiest(*span) for span in ((0, 5), (10, length_s), (length_s, length_s + last_within_s + 1))
    )
    print(  # noqa: T201 - the figures, with -rP
        f"outage {length_s} s: busiest second {first} at first, {later} after 10 s, {end} once the hub is whole; "
        f"half are back after {sorted(hub.back)[SITES // 2]:.1f} s, the last after {max(hub.back):.1f} s"
    )
    assert len(hub.back) == SITES
    assert max(hub.back) <= last_within_s + 1  # a look each second
    assert first <= 300  # for four seconds; charon's own new start after a loss comes from all at once
    assert later <= busiest_later
    assert end <= busiest_at_the_end


# --- a charon that has hung ---


def test_a_charon_is_given_up_after_silence_only_and_never_while_it_carries() -> None:
    silent = Pulse(carried=7).after(100.0, 7, answered=False)
    assert not silent.after(129.0, 7, answered=False).hung(129.0)
    assert silent.after(130.0, 7, answered=False).hung(100.0 + HUNG_S)
    assert not silent.after(129.0, 8, answered=False).hung(158.0)
    assert not silent.after(129.0, 7, answered=True).hung(158.0)


def test_a_charon_that_we_have_not_asked_for_long_is_not_given_up_at_its_first_silence() -> None:
    answered = Pulse(carried=7).after(100.0, 7, answered=True)
    assert not answered.after(1000.0, 7, answered=False).hung(1000.0)
