"""The store keeps what it is given, whole or not at all, on SQLite and PostgreSQL alike."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests import prepared
from tests.registers import save_inventory

from linjevakt.model.change import Leg, Plan, Proof, PushResult, PushState
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError, StorageError
from linjevakt.model.health import Health, LineHealth, ProbeHealth
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import DeviceIdentity, Stage
from linjevakt.store import Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _device(router: str, serial: str = "LV-1") -> DeviceIdentity:
    return DeviceIdentity(
        router=router,
        serial=serial,
        host_key="ssh-ed25519 AAAA",
        csr="csr",
        certificate="certificate",
        certificate_serial=f"certificate of {router}",
        certificate_expires=NOON,
        engine_id=f"engine of {router}",
        stage=Stage.STAGED,
        enrolled=NOON,
    )


def _health(at: datetime = NOON, *, rtt_ms: float = 1.0, wan0: str = "up", tunnel_up: bool = True) -> Health:
    return Health(
        router="rtr-a",
        at=at,
        reachable=True,
        config_state="confirmed",
        tunnel_up=tunnel_up,
        line_in_use="wan0",
        certificate_expires=NOON,
        lines=(LineHealth("wan0", "own_isp", wan0, in_use=True, rtt_ms=rtt_ms, changes=0, address="198.51.100.2"),),
        probes=(ProbeHealth("internet", "legekontor", "ok", NOON, 12.0, "200 OK"),),
    )


def _begin(store: Store, router: str = "rtr-a") -> int:
    return store.pushes.begin(
        router, candidate_hash="c0ffee", revert_in_s=60, worker="noc:1", until=datetime.now(UTC) + timedelta(minutes=5)
    )


def _result(state: PushState = PushState.CONFIRMED) -> PushResult:
    plan = Plan("rtr-a", "-a\n+b", ("Fjellheim",), "beef", "f00d")
    return PushResult("rtr-a", state, "", NOON, 2.5, plan, Proof((Leg("login", ok=True, detail="in"),)), {"load": 0.5})


def test_an_inventory_comes_back_as_it_was_saved(store: Store, inventory: Inventory) -> None:
    revision = save_inventory(store, inventory, "kari")
    assert store.inventory() == inventory
    assert (revision.number, revision.who) == (1, "kari")
    assert store.revision() == revision


def test_saving_an_equal_inventory_makes_no_new_revision(store: Store, inventory: Inventory) -> None:
    assert save_inventory(store, inventory, "kari") == save_inventory(store, inventory, "ola")


def test_a_new_inventory_replaces_the_old_one_as_a_whole(store: Store, inventory: Inventory) -> None:
    save_inventory(store, inventory, "kari")
    smaller = inventory.model_copy(update={"sites": inventory.sites[1:]})
    assert save_inventory(store, smaller, "ola").number == 2
    assert store.inventory() == smaller


def test_an_inventory_with_another_ones_address_leaves_the_old_one(store: Store, inventory: Inventory) -> None:
    save_inventory(store, inventory, "kari")
    first, second = inventory.sites
    router = second.router.model_copy(update={"management": first.router.management})
    twice = inventory.model_copy(update={"sites": (first, second.model_copy(update={"router": router}))})
    with pytest.raises(ConflictError, match=r"10\.250\.0\.11/32 for rtr-solbakken .* overlaps"):
        save_inventory(store, twice, "ola")
    assert store.inventory() == inventory
    assert store.revision() == save_inventory(store, inventory, "kari")


def test_an_inventory_is_never_read_half_old_half_new(store: Store, inventory: Inventory) -> None:
    smaller = inventory.model_copy(update={"sites": inventory.sites[1:]})
    save_inventory(store, inventory, "kari")
    done = threading.Event()

    def swap() -> None:
        for number in range(20):
            save_inventory(store, (smaller, inventory)[number % 2], "ola")
        done.set()

    writer = threading.Thread(target=swap)
    writer.start()
    while not done.is_set():
        assert store.inventory() in {inventory, smaller}
    writer.join()


def test_without_a_saved_inventory_it_says_how_to_save_one(store: Store) -> None:
    with pytest.raises(NotFoundError, match="linjevakt inventory import"):
        store.inventory()
    assert store.revision() is None


def test_a_sealed_envelope_is_kept_and_not_replaced_unless_asked(store: Store) -> None:
    assert store.sealed.get("ca.key") is None
    assert store.sealed.put("ca.key", b"\x00one")
    assert not store.sealed.put("ca.key", b"two", replace=False)
    assert store.sealed.get("ca.key") == b"\x00one"
    assert store.sealed.put("ca.key", b"two")
    assert store.sealed.get("ca.key") == b"two"


def test_a_device_is_pinned_and_pinned_anew(store: Store) -> None:
    store.devices.save(_device("rtr-a"))
    store.devices.save(_device("rtr-a", "LV-2"))
    assert store.devices.get("rtr-a") == _device("rtr-a", "LV-2")
    assert store.devices.all() == (_device("rtr-a", "LV-2"),)


def test_one_box_cannot_be_two_routers(store: Store) -> None:
    store.devices.save(_device("rtr-a"))
    with pytest.raises(ConflictError, match=r"LV-1 is staged as another router than rtr-b"):
        store.devices.save(_device("rtr-b"))


def test_a_router_that_was_never_staged_says_how_to_stage_it(store: Store) -> None:
    with pytest.raises(NotFoundError, match="linjevakt router stage rtr-a"):
        store.devices.get("rtr-a")


def test_a_push_is_written_down_from_begin_to_end(store: Store) -> None:
    push = _begin(store)
    running = store.pushes.running("rtr-a")
    assert running
    assert (running.id, running.state, running.worker, running.ended) == (push, PushState.RUNNING, "noc:1", None)
    store.pushes.end(push, _result())
    assert store.pushes.running("rtr-a") is None
    (record,) = store.pushes.latest("rtr-a")
    assert (record.state, record.plan_hash, record.diff) == (PushState.CONFIRMED, "beef", "-a\n+b")
    assert record.steps == {"load": 0.5}
    assert record.proof == ({"name": "login", "ok": True, "detail": "in", "milliseconds": 0.0},)
    assert record.ended
    assert record.ended.tzinfo == UTC


def test_two_pushes_to_one_router_never_run_at_once(store: Store) -> None:
    _begin(store)
    _begin(store, "rtr-b")
    with pytest.raises(ConflictError, match="A push to rtr-a runs already"):
        _begin(store)


def test_a_push_ends_once(store: Store) -> None:
    push = _begin(store)
    store.pushes.end(push, _result())
    with pytest.raises(ConflictError, match="ended already"):
        store.pushes.end(push, _result(PushState.LOST))


def test_pushes_are_listed_newest_first_and_counted_by_state(store: Store) -> None:
    for state in (PushState.CONFIRMED, PushState.FAILED, PushState.CONFIRMED):
        store.pushes.end(_begin(store), _result(state))
    last = _begin(store, "rtr-b")
    assert [push.id for push in store.pushes.latest(limit=2)] == [last, last - 1]
    assert {push.router: push.id for push in store.pushes.last()} == {"rtr-a": last - 1, "rtr-b": last}
    assert store.pushes.totals() == {PushState.CONFIRMED: 2, PushState.FAILED: 1, PushState.RUNNING: 1}


def test_health_is_kept_as_polled(store: Store) -> None:
    store.healths.save(_health())
    assert store.healths.current() == (_health(),)


def test_a_measurement_that_differs_is_no_transition(store: Store) -> None:
    (first,) = store.healths.save(_health())
    assert (first.before, first.after) == ("", "ok")
    later = _health(NOON + timedelta(seconds=30), rtt_ms=99.0)
    assert store.healths.save(later) == ()
    assert store.healths.current() == (later,)


def test_a_condition_that_differs_is_a_transition(store: Store) -> None:
    store.healths.save(_health())
    store.healths.save(_health(NOON + timedelta(seconds=30), wan0="down"))
    change, _ = store.healths.transitions("rtr-a")
    assert (change.before, change.after) == ("ok", "degraded")
    assert change.changes == {"state": ("ok", "degraded"), "line wan0": ("up", "down")}


def test_a_router_is_in_its_state_since_the_last_change_of_state_not_of_anything_else(store: Store) -> None:
    store.healths.save(_health())
    for seconds, wan0 in ((30, "up"), (60, "down")):
        store.healths.save(_health(NOON + timedelta(seconds=seconds), wan0=wan0, tunnel_up=False))
    assert store.healths.transitions("rtr-a")[0].at == NOON + timedelta(seconds=60)
    assert store.healths.since(["rtr-a", "rtr-nowhere"]) == {"rtr-a": NOON + timedelta(seconds=30)}
    assert store.healths.since([]) == {}
    fleet = [Health(f"rtr-{number:04}", NOON, reachable=False) for number in range(1200)]
    store.healths.save(*fleet)
    assert set(store.healths.since([one.router for one in fleet]).values()) == {NOON}
    assert [one.router for one in store.healths.current(["rtr-a", "rtr-0007"])] == ["rtr-0007", "rtr-a"]


def test_an_older_poll_does_not_overwrite_a_newer_one(store: Store) -> None:
    store.healths.save(_health())
    assert store.healths.save(_health(NOON - timedelta(seconds=1), tunnel_up=False)) == ()
    assert store.healths.current() == (_health(),)


def test_many_polls_are_saved_in_one_go(store: Store) -> None:
    fleet = [Health(f"rtr-{number:04}", NOON, reachable=False) for number in range(1200)]
    assert len(store.healths.save(*fleet)) == 1200
    assert store.healths.save(*fleet) == ()
    assert len(store.healths.current()) == 1200


def test_times_are_utc_whatever_zone_they_came_in(store: Store) -> None:
    oslo = NOON.astimezone(timezone(timedelta(hours=1)))
    store.healths.save(_health(oslo))
    assert store.healths.current()[0].at == NOON
    assert store.healths.transitions()[0].at.tzinfo == UTC


def test_a_time_without_a_zone_is_refused(database_url: str) -> None:
    store = prepared.checked(database_url, clock=lambda: datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(Exception, match="has no time zone"):
        store.sealed.put("name", b"envelope")
    store.close()


def test_a_database_that_was_never_migrated_says_what_to_run(empty_url: str) -> None:
    store = prepared.checked(empty_url)
    with pytest.raises(StorageError, match="linjevakt init"):
        store.healths.current()
    store.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", ""])
def test_a_database_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="sqlite:////path"):
        prepared.checked(url)


def test_a_database_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be opened"):
        prepared.checked(f"sqlite:///{tmp_path}/missing/linjevakt.db")


def test_the_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    prepared.checked(f"sqlite:///{tmp_path}/linjevakt.db").close()
    assert (tmp_path / "linjevakt.db").stat().st_mode & 0o077 == 0
