"""The runner does the system's steps by itself: at once, again after a pause, never twice at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.workorders.conftest import Clock
from tests.unit.workorders.field import FakeField

from linjevakt.daemons.orders import Runner, pause
from linjevakt.model.entity import Author
from linjevakt.model.errors import BusyError, StorageError
from linjevakt.model.order import Order, OrderState
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

SERVICE = {"site": "fjellheim", "segment": "legekontor", "service": "ntp"}


@contextmanager
def running(runner: Runner) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def eventually(true: Callable[[], bool], within_s: float = 15.0) -> bool:
    ends = time.monotonic() + within_s
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Slow(FakeField):
    """Pushes that last until they are let go, and how many there were at once."""

    go: threading.Event = field(default_factory=threading.Event)
    begun: int = 0

    def push(self, router: str) -> bool:
        self.begun += 1
        assert self.go.wait(20)
        return super().push(router)


def _with(desk: Desk, hands: Any) -> Desk:
    desk._hands = lambda _heard: hands  # noqa: SLF001 - another pair of hands for the same desk
    return desk


def _is(desk: Desk, number: int, state: OrderState) -> Callable[[], bool]:
    return lambda: desk.order(number).state is state


def test_pauses_grow_to_five_minutes() -> None:
    assert [pause(n).total_seconds() for n in (0, 1, 2, 3, 6, 7, 8, 10**9)] == [5, 5, 10, 20, 160, 300, 300, 300]


def test_an_order_is_done_as_soon_as_it_is_taken(desk: Desk) -> None:
    with running(Runner(desk)):
        number = desk.new("add_service", SERVICE, "kari").number
        assert eventually(_is(desk, number, OrderState.DONE))


def test_an_order_in_trouble_waits_its_pause_and_is_then_tried_again(
    desk: Desk, field: FakeField, clock: Clock
) -> None:
    field.away.add("rtr-fjellheim")
    number = desk.new("add_service", SERVICE, "kari").number
    desk.run(number)
    field.away.clear()
    runner = Runner(desk, clock=clock)
    assert runner._due() == []  # noqa: SLF001 - what it would do now
    clock.move(timedelta(seconds=5))
    assert runner._due() == [number]  # noqa: SLF001
    with running(runner):
        assert eventually(_is(desk, number, OrderState.DONE))


def test_the_pause_grows_with_every_try(desk: Desk, field: FakeField, clock: Clock) -> None:
    field.away.add("rtr-fjellheim")
    number = desk.new("add_service", SERVICE, "kari").number
    runner = Runner(desk, clock=clock)
    for seconds in (5, 10, 20, 40):
        runner._advance(number, threading.Event())  # noqa: SLF001
        clock.move(timedelta(seconds=seconds - 1))
        assert runner._due() == []  # noqa: SLF001
        clock.move(timedelta(seconds=1))
        assert runner._due() == [number]  # noqa: SLF001


def test_no_pause_is_kept_when_the_site_was_changed_or_someone_asks(
    desk: Desk, store: Store, field: FakeField, clock: Clock
) -> None:
    field.away.add("rtr-fjellheim")
    number = desk.new("add_service", SERVICE, "kari").number
    runner = Runner(desk, clock=clock)

    def tried() -> None:
        runner._advance(number, threading.Event())  # noqa: SLF001
        assert runner._due() == []  # noqa: SLF001

    tried()
    runner.nudge(number, "kari")
    assert runner._due() == [number]  # noqa: SLF001
    tried()
    runner.heard_of(["rtr-solbakken"])
    assert runner._due() == []  # noqa: SLF001
    runner.heard_of(["rtr-fjellheim"])
    assert runner._due() == [number]  # noqa: SLF001
    tried()
    with store.register.edit(Author("kari", "another rate")) as draft:
        site = draft.inventory.sites[0]
        line = site.lines[0].model_copy(update={"down_mbit": 900})
        draft.put(site.model_copy(update={"lines": (line, *site.lines[1:])}))
    assert runner._due() == [number]  # noqa: SLF001


def test_an_order_is_never_done_twice_at_the_same_time(desk: Desk, store: Store) -> None:
    hands = Slow(store)
    runner = Runner(_with(desk, hands))
    number = desk.new("add_service", SERVICE, "kari").number
    with running(runner):
        assert eventually(lambda: hands.begun == 1)
        for _ in range(3):
            runner.nudge(number, "kari")
            time.sleep(0.7)
        assert hands.begun == 1
        hands.go.set()
        assert eventually(_is(desk, number, OrderState.DONE))


def test_a_stop_lets_the_step_end_and_begins_no_other(desk: Desk, store: Store) -> None:
    hands, stop = Slow(store), threading.Event()
    number = desk.new("add_service", SERVICE, "kari").number
    thread = threading.Thread(target=Runner(_with(desk, hands)).run, args=(stop,))
    thread.start()
    assert eventually(lambda: hands.begun == 1)
    stop.set()
    hands.go.set()
    thread.join(10)
    assert not thread.is_alive()
    assert desk.order(number).state is OrderState.DONE
    assert desk.run(number, going=lambda: False).state is OrderState.DONE
    waiting = desk.new("freeze", _freeze("2026-11-20"), "kari").number
    assert desk.run(waiting, going=lambda: False).evidence == ()


def test_what_another_controller_is_doing_is_no_trouble(desk: Desk, store: Store) -> None:
    class Taken(FakeField):
        def push(self, router: str) -> bool:
            raise BusyError(f"A push to {router} runs already, by noc-2:17. Wait until it has ended.")

    number = desk.new("add_service", SERVICE, "kari").number
    order = _with(desk, Taken(store)).run(number)
    assert (order.step, order.trouble) == ("push", None)


def test_two_runners_share_the_work_and_leave_no_trouble(desk: Desk, clock: Clock, store: Store) -> None:
    hands = FakeField(store)
    other = Desk(desk.fleet, desk.catalogue, clock=clock, hands=lambda _heard: hands)
    numbers = [
        desk.new("add_service", SERVICE, "kari").number,
        desk.new("freeze", _freeze("2026-11-20"), "kari").number,
    ]
    with running(Runner(desk)), running(Runner(other)):
        assert eventually(lambda: all(desk.order(n).state is OrderState.DONE for n in numbers))
    for number in numbers:
        steps = [evidence.step for evidence in desk.order(number).evidence]
        assert len(steps) == len(set(steps))


def test_a_database_that_is_away_and_a_fault_of_ours_end_nothing(desk: Desk) -> None:
    class Trying(Desk):
        failures: list[Exception] = [StorageError("away"), KeyError("a fault")]  # noqa: RUF012 - of this test only

        def ready(self) -> tuple[int, ...]:
            if self.failures:
                raise self.failures.pop(0)
            return super().ready()

    desk.__class__ = Trying
    with running(Runner(desk)):
        number = desk.new("add_service", SERVICE, "kari").number
        assert eventually(_is(desk, number, OrderState.DONE))


def test_one_order_that_cannot_be_read_keeps_no_other_waiting(desk: Desk, store: Store) -> None:
    broken = desk.new("relocation", {"site": "solbakken", "place": PLACE, "lines": [LINE]}, "kari").number
    with store.register.edit(Author("kari", "it is gone")) as draft:
        draft.put(_without_site(desk.order(broken)))
    number = desk.new("add_service", SERVICE, "kari").number
    with running(Runner(desk)):
        assert eventually(_is(desk, number, OrderState.DONE))


PLACE = {"street": "A 1", "postcode": "0001", "city": "A", "municipality": "A", "floor": "1", "room": "1"}
LINE = {"name": "wan0", "kind": "own_isp", "provider": "Nyfiber"}


def _without_site(order: Order) -> Order:
    return order.model_copy(update={"site": "nowhere", "wish": {**order.wish, "site": "nowhere"}})


def _freeze(day: str) -> dict[str, str]:
    return {"organisation": "310000027", "since": day, "register_inactive": day, "edi_inactive": day}


@pytest.fixture(autouse=True)
def _norwegian_winter(clock: Clock) -> None:
    clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
