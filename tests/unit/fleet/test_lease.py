"""Who holds a router: a worker that lives, and nobody for long after it has died, broken off or been broken."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.test_fleet import PlainRouter, SilentPoller
from tests.unit.push.fake_router import FakeClock, FakeRouter

from linjevakt.inventory import load_catalogue
from linjevakt.model.change import PushState
from linjevakt.model.entity import Author
from linjevakt.model.errors import BusyError, InvalidInputError, LinjevaktError, NotFoundError, StoppedError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import PushRecord
from linjevakt.model.stop import Stop
from linjevakt.office import locks
from linjevakt.provisioning import lease
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

ROUTER = "rtr-fjellheim"
OTHER = "elsewhere:1:c0ffee"


class BeatingClock(FakeClock):
    """`heart` beats whenever somebody lets time pass."""

    heart: Callable[[], object] = staticmethod(lambda: None)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.heart()


def _push(fleet: Fleet) -> PushState:
    return fleet.pushing.push(ROUTER, 60, lambda _step: None).state


@pytest.fixture
def clock() -> BeatingClock:
    return BeatingClock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return prepared.migrated(tmp_path)


@pytest.fixture
def store(url: str, clock: FakeClock, inventory: Inventory) -> Iterator[Store]:
    with closing(Store(url, clock=clock.now)) as opened:
        save_inventory(opened, inventory, "kari")
        yield opened


@pytest.fixture
def router(clock: FakeClock) -> FakeRouter:
    return PlainRouter(clock)


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def fleet(store: Store, router: FakeRouter, clock: FakeClock, stop: Stop) -> Fleet:
    vault = Vault(store, SealKey.generate())
    made = Fleet(
        store, vault, load_catalogue(None), poller=SilentPoller(), connect=router.connect, clock=clock, stop=stop
    )
    made.boxes.stage(ROUTER, claim())
    return made


@pytest.fixture
def begun(store: Store, clock: FakeClock) -> int:
    """A push that another controller has begun, and whose heart has just beaten."""
    until = clock.now() + lease.LEASE
    return store.pushes.begin(ROUTER, candidate_hash="c0ffee", revert_in_s=60, worker=OTHER, until=until, why="order 7")


def _last(store: Store) -> PushRecord:
    return store.pushes.latest(ROUTER)[0]


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("asked", [_push, lambda fleet: fleet.pushing.settle(ROUTER)])
def test_a_worker_that_lives_is_not_disturbed(
    asked: Callable[[Fleet], object], fleet: Fleet, store: Store, router: FakeRouter, clock: BeatingClock
) -> None:
    clock.heart = lambda: store.pushes.renew(OTHER, clock.now() + lease.LEASE)
    with pytest.raises(BusyError, match="runs already, by elsewhere:1"):
        asked(fleet)
    assert router.calls == []
    assert store.pushes.running(ROUTER)


@pytest.mark.usefixtures("begun")
def test_a_worker_that_has_died_holds_its_router_no_longer_than_its_lease(
    fleet: Fleet, store: Store, clock: FakeClock
) -> None:
    began = clock.now()
    assert _push(fleet) is PushState.CONFIRMED
    assert clock.now() - began < 2 * lease.LEASE
    assert [push.state for push in store.pushes.latest(ROUTER)] == [PushState.CONFIRMED, PushState.FAILED]


@pytest.mark.usefixtures("begun")
def test_a_box_that_is_stolen_while_its_dead_worker_is_waited_for_gets_nothing(
    fleet: Fleet, store: Store, router: FakeRouter, clock: BeatingClock
) -> None:
    clock.heart = lambda: fleet.boxes.shut_out(store.devices.get(ROUTER).serial)
    with pytest.raises(LinjevaktError, match="is shut out and gets nothing more"):
        _push(fleet)
    assert router.runs == "old"


@pytest.mark.usefixtures("begun")
def test_a_push_of_a_program_that_knew_no_leases_holds_its_router_as_long_as_it_may_take(
    fleet: Fleet, url: str, clock: FakeClock
) -> None:
    with create_engine(url).begin() as database:
        database.execute(text("UPDATE pushes SET until = NULL"))
    with pytest.raises(BusyError, match="runs already, by elsewhere:1"):
        _push(fleet)
    clock.sleep(60 + 5 * 60 + 1)
    assert _push(fleet) is PushState.CONFIRMED


@pytest.mark.usefixtures("begun")
def test_whoever_waits_for_a_dead_worker_can_be_interrupted(fleet: Fleet, store: Store, stop: Stop) -> None:
    stop.want()
    with pytest.raises(StoppedError, match="nothing was changed"):
        fleet.pushing.settle(ROUTER)
    assert store.pushes.running(ROUTER)


def test_a_fault_of_ours_in_the_middle_of_a_push_leaves_the_router_free(
    fleet: Fleet, store: Store, router: FakeRouter, clock: FakeClock
) -> None:
    def fault() -> None:
        del router.aftermath["commit"]
        raise ZeroDivisionError

    router.aftermath["commit"] = fault
    with suppress(ZeroDivisionError):
        _push(fleet)
    assert not _last(store).is_held(clock.now())
    assert _push(fleet) is PushState.CONFIRMED
    assert [push.state for push in store.pushes.latest(ROUTER)] == [PushState.CONFIRMED, PushState.REVERTED]


def test_a_lock_that_is_broken_is_told_to_its_worker_which_changes_nothing_any_more(
    fleet: Fleet, store: Store, router: FakeRouter
) -> None:
    def broken() -> None:
        locks.break_lock(store.pushes, ROUTER, Author("nora", "that machine is gone"))

    router.trouble["load"] = broken
    result = fleet.pushing.push(ROUTER, 60, lambda _step: None)
    assert result.state is PushState.FAILED
    assert "nora: that machine is gone" in result.reason
    assert router.runs == "old"
    assert router.candidate is None


@pytest.mark.usefixtures("begun")
def test_a_lock_that_is_broken_keeps_nobody_waiting(fleet: Fleet, store: Store, clock: FakeClock) -> None:
    held = locks.break_lock(store.pushes, ROUTER, Author("nora", "that machine is gone"))
    assert (held.worker, held.why) == (OTHER, "order 7")
    (shown,) = store.pushes.under_way()
    assert (shown.broken, shown.is_held(clock.now())) == ("nora: that machine is gone", False)
    began = clock.now()
    assert _push(fleet) is PushState.CONFIRMED
    assert clock.now() - began < lease.LEASE


def test_only_what_is_held_can_be_broken_and_not_without_a_reason(store: Store, begun: int) -> None:
    with pytest.raises(NotFoundError, match="rtr-fjellheim"):
        locks.break_lock(store.pushes, "rtr-fjelheim", Author("nora", "gone"))
    with pytest.raises(InvalidInputError, match="--reason"):
        locks.break_lock(store.pushes, ROUTER, Author("nora", " "))
    assert store.pushes.renew(OTHER, store.pushes.under_way()[0].started + lease.LEASE) == {begun}


# --- the heart ---


class Counted:
    """Locks that are in memory; `away` while the database is."""

    def __init__(self) -> None:
        self.beats = threading.Semaphore(0)
        self.let_gone: list[int] = []

    def renew(self, worker: str, until: object) -> frozenset[int]:
        del worker, until
        self.beats.release()
        return frozenset()

    def let_go(self, push: int) -> None:
        self.let_gone.append(push)

    def running(self, router: str) -> PushRecord | None:
        del router
        return None


def test_one_heart_beats_for_all_pushes_and_stops_with_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.01)
    counted = Counted()
    leases = lease.Leases(counted, FakeClock())
    with leases.kept(1):
        with leases.kept(2):
            for _ in range(3):
                assert counted.beats.acquire(timeout=30)
            assert [thread.name for thread in threading.enumerate()].count("lease") == 1
        assert counted.beats.acquire(timeout=30)
        heart = next(thread for thread in threading.enumerate() if thread.name == "lease")
    heart.join(timeout=30)
    assert not heart.is_alive()
    assert counted.let_gone == []


def test_a_fault_in_one_beat_does_not_stop_the_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty(Counted):
        def renew(self, worker: str, until: object) -> frozenset[int]:
            super().renew(worker, until)
            raise ZeroDivisionError

    monkeypatch.setattr(lease, "BEAT_S", 0.01)
    faulty = Faulty()
    with lease.Leases(faulty, FakeClock()).kept(1):
        for _ in range(3):
            assert faulty.beats.acquire(timeout=30)


def test_the_workers_of_two_containers_with_one_name_are_two() -> None:
    assert lease.Leases(Counted(), FakeClock()).worker != lease.Leases(Counted(), FakeClock()).worker
