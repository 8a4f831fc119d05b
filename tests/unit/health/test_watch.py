"""The watch polls everyone, again and again, and nothing that goes wrong stops it."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from linjevakt.daemons.poller import Watch
from linjevakt.model.errors import StorageError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.secret import Secret


def _target(router: str) -> SnmpTarget:
    return SnmpTarget(router, "192.0.2.1", "linjevakt", "00", Secret("00"), Secret("00"), "linjevakt.health.linjevakt")


TARGETS = tuple(_target(f"rtr-{number}") for number in range(20))


class CountingPoller:
    """Answers at once, but `rtr-3` never does and `rtr-4` has a fault."""

    def __init__(self) -> None:
        self.polls: Counter[str] = Counter()
        self.times: list[float] = []
        self.release = threading.Event()

    def poll(self, target: SnmpTarget) -> Health:
        self.polls[target.router] += 1
        self.times.append(time.monotonic())
        if target.router == "rtr-3":
            self.release.wait(10)
        if target.router == "rtr-4":
            raise KeyError(target.router)
        return Health(target.router, datetime.now(UTC), reachable=True)


class Recorder:
    """Keeps what it gets; refuses the first batch."""

    def __init__(self) -> None:
        self.healths: list[Health] = []
        self.refused = 0

    def __call__(self, healths: Sequence[Health]) -> None:
        if not self.refused:
            self.refused = len(healths)
            raise StorageError("the database is away")
        self.healths += healths


def _run(poller: CountingPoller, recorder: Recorder, *, every_s: float, for_s: float) -> list[float]:
    seconds: list[float] = []
    watch = Watch(lambda: TARGETS, poller, recorder, every_s=every_s, observe=seconds.append)
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    time.sleep(for_s)
    stop.set()
    poller.release.set()
    thread.join(5)
    assert not thread.is_alive()
    return seconds


def test_everyone_is_polled_in_each_round_and_one_that_hangs_or_fails_holds_nobody_up() -> None:
    poller, recorder = CountingPoller(), Recorder()
    seconds = _run(poller, recorder, every_s=0.4, for_s=1.0)
    assert poller.polls["rtr-3"] == 1
    assert all(poller.polls[target.router] >= 2 for target in TARGETS if target.router != "rtr-3")
    assert len(seconds) == poller.polls.total()


def test_a_database_that_is_away_costs_what_could_not_be_recorded_and_no_more() -> None:
    poller, recorder = CountingPoller(), Recorder()
    _run(poller, recorder, every_s=0.4, for_s=1.0)
    answered = poller.polls.total() - poller.polls["rtr-4"]
    assert recorder.refused > 0
    assert len(recorder.healths) + recorder.refused == answered


def test_polls_are_spread_over_the_round() -> None:
    poller = CountingPoller()
    _run(poller, Recorder(), every_s=1.0, for_s=0.9)
    gaps = [later - earlier for earlier, later in zip(poller.times, poller.times[1:], strict=False)]
    assert max(gaps) < 0.3
    assert poller.times[-1] - poller.times[0] > 0.6
