"""Certificates are renewed by themselves, each in its own time, and bring nothing that waits for people."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.routers import FJELLHEIM, HUB, SOLBAKKEN, Field, at_work

from linjevakt.daemons import renewal
from linjevakt.daemons.renewal import Renewal
from linjevakt.model.health import Health
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Reason
from linjevakt.store import Store
from linjevakt.trust import ca
from napalm_linjevakt.parse import sections

DAY = 24 * 3600


@pytest.fixture
def field(tmp_path: Path, inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Field]:
    monkeypatch.setattr(renewal, "_LOOK_S", 0.05)
    monkeypatch.setattr(renewal, "_DUE_EVERY_S", 0.0)
    made = at_work(tmp_path, inventory)
    yield made
    made.fleet.store.close()


@pytest.fixture
def store(field: Field) -> Store:
    return field.fleet.store


class Running:
    """The worker at work while the block runs."""

    def __init__(self, field: Field) -> None:
        self._stop = threading.Event()
        self._renewal = Renewal(field.fleet)
        self._thread = threading.Thread(target=self._renewal.run, args=(self._stop,))

    def __enter__(self) -> Renewal:
        self._thread.start()
        return self._renewal

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _certificate(field: Field, router: str) -> str:
    return sections(field.routers[router].runs)["router.crt"]


def _eventually(field: Field, router: str, before: str, within_s: float = 20) -> bool:
    pause = threading.Event()
    for _ in range(int(within_s / 0.1)):
        if _certificate(field, router) != before and field.fleet.store.pushes.running(router) is None:
            return True
        pause.wait(0.1)
    return False


def test_nothing_is_due_in_the_first_half_of_a_certificates_life(field: Field) -> None:
    field.clock.sleep(44 * DAY)
    assert renewal.due(field.fleet) == ()


def test_each_router_is_due_in_its_own_time_and_all_a_month_before_the_end(field: Field, store: Store) -> None:
    running = store.certificates.running()
    moments = {name: ca.renewal(name, one.expires) for name, one in running.items()}
    assert len(set(moments.values())) == 3
    for name, moment in moments.items():
        field.clock.passed = (moment - field.clock.now()).total_seconds() + field.clock.passed - 60
        assert name not in renewal.due(field.fleet)
        field.clock.sleep(120)
        assert name in renewal.due(field.fleet)
    field.clock.passed = 0.0
    field.clock.sleep(60 * DAY)
    assert set(renewal.due(field.fleet)) == {HUB, FJELLHEIM, SOLBAKKEN}


def test_without_a_hub_in_reach_for_a_week_every_certificate_is_still_good(store: Store) -> None:
    for name, one in store.certificates.running().items():
        assert one.expires - (ca.renewal(name, one.expires) + timedelta(days=7)) >= timedelta(days=23)


def test_the_worker_renews_what_is_due_and_proves_it(field: Field, store: Store) -> None:
    before = {router: _certificate(field, router) for router in (HUB, FJELLHEIM, SOLBAKKEN)}
    field.clock.sleep(61 * DAY)
    with Running(field):
        assert all(_eventually(field, router, old) for router, old in before.items())
    assert renewal.due(field.fleet) == ()
    assert {push.state for push in store.pushes.last()} == {"confirmed"}
    assert len([one for one in store.certificates.all() if one.confirmed]) == 6


def test_a_renewal_brings_nothing_else_that_waits(field: Field, store: Store, inventory: Inventory) -> None:
    installation = inventory.installation.model_copy(update={"support_phone": "12345"})
    save_inventory(store, inventory.model_copy(update={"installation": installation}), "ola")
    before, old = sections(field.routers[FJELLHEIM].runs), _certificate(field, FJELLHEIM)
    assert sections(field.fleet.pushing.candidate(FJELLHEIM).text)["agent.toml"] != before["agent.toml"]
    field.clock.sleep(61 * DAY)
    with Running(field):
        assert _eventually(field, FJELLHEIM, old)
    after = sections(field.routers[FJELLHEIM].runs)
    assert {name for name in after if after[name] != before[name]} == {"router.crt"}


def test_a_certificate_whose_prefixes_are_to_change_is_left_to_people(
    field: Field, store: Store, inventory: Inventory
) -> None:
    """It would cut off the segment that is to go before anyone has pushed that."""
    shared, other = inventory.sites
    alone = shared.model_copy(update={"segments": shared.segments[:1]})
    save_inventory(store, inventory.model_copy(update={"sites": (alone, other)}), "ola")
    field.clock.sleep(61 * DAY)
    old, theirs = _certificate(field, FJELLHEIM), _certificate(field, SOLBAKKEN)
    with Running(field):
        assert _eventually(field, SOLBAKKEN, theirs)
        assert not _eventually(field, FJELLHEIM, old, within_s=1)
    assert field.push(FJELLHEIM).ok
    assert _certificate(field, FJELLHEIM) != old


def test_a_plan_that_made_a_certificate_which_nobody_pushed_does_not_hide_the_old_one(field: Field) -> None:
    field.clock.sleep(61 * DAY)
    field.fleet.pushing.candidate(FJELLHEIM)
    assert FJELLHEIM in renewal.due(field.fleet)


def test_a_router_that_does_not_answer_or_is_shut_out_is_not_tried(field: Field, store: Store) -> None:
    field.clock.sleep(61 * DAY)
    store.healths.save(Health(SOLBAKKEN, field.clock.now(), reachable=False))
    store.devices.shut_out("LV-0011")
    assert renewal.due(field.fleet) == (HUB,)


def test_one_that_fails_is_tried_again_later_and_keeps_no_other_waiting(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 0.2)
    field.clock.sleep(61 * DAY)
    field.cut(FJELLHEIM)
    old, theirs = _certificate(field, FJELLHEIM), _certificate(field, SOLBAKKEN)
    with Running(field):
        assert _eventually(field, SOLBAKKEN, theirs)
        field.mend(FJELLHEIM)
        assert _eventually(field, FJELLHEIM, old)


def test_the_worker_brings_a_revocation_to_a_hub_that_was_away(
    field: Field, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 0.2)
    field.cut(HUB)
    store.certificates.revoke([store.devices.get(FJELLHEIM).certificate_serial], Reason.REPLACED)
    before = field.routers[HUB].texts[field.routers[HUB].running.hash]
    with Running(field):
        threading.Event().wait(0.5)
        field.mend(HUB)
        assert _refuses(field, HUB)
    assert "X509 CRL" not in before


def test_a_hub_that_is_heard_of_again_is_told_at_once_however_long_the_pause_would_be(
    field: Field, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack: a hub that was away for a day was told up to six hours after it was back."""
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 3600.0)
    field.cut(HUB)
    store.certificates.revoke([store.devices.get(FJELLHEIM).certificate_serial], Reason.REPLACED)
    with Running(field) as worker:
        threading.Event().wait(0.5)
        field.mend(HUB)
        assert not _refuses(field, HUB, within_s=1.0)
        worker.heard_of([HUB])
        assert _refuses(field, HUB)


def test_a_hub_whose_renewal_failed_is_told_whom_to_refuse_all_the_same(
    field: Field, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 3600.0)
    field.clock.sleep(61 * DAY)
    field.cut(HUB)
    with structlog.testing.capture_logs() as logged, Running(field):
        assert _within(lambda: any(one["event"] == "certificate not renewed" for one in logged))
        field.mend(HUB)
        store.certificates.revoke([store.devices.get(FJELLHEIM).certificate_serial], Reason.REPLACED)
        assert _refuses(field, HUB)


def test_a_hub_that_stays_away_is_tried_ever_less_often_and_each_try_is_one_line(
    field: Field, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 0.2)
    field.cut(HUB)
    store.certificates.revoke([store.devices.get(FJELLHEIM).certificate_serial], Reason.REPLACED)
    with structlog.testing.capture_logs() as logged, Running(field):
        threading.Event().wait(3.0)
    lines = [one["reason"] for one in logged if one["event"] == "revocation not in force"]
    assert 2 <= len(lines) <= 5, "after 0, 0.2, 0.6, 1.4 and 3.0 s"
    assert all(HUB in line for line in lines)


def test_the_worker_tells_the_sites_of_a_stolen_hub_once_another_box_answers_in_its_place(
    field: Field, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_FIRST_PAUSE_S", 0.2)
    store.devices.shut_out("LV-0001")
    field.cut(HUB)
    with Running(field):
        field.fleet.boxes.stage(HUB, claim("LV-0002"))
        assert not _refuses(field, FJELLHEIM, within_s=1.0)
        field.mend(HUB)
        assert _refuses(field, FJELLHEIM)
        assert _refuses(field, SOLBAKKEN)


def _refuses(field: Field, router: str, within_s: float = 20.0) -> bool:
    """Whether it comes to run a list of revoked certificates."""
    return _within(lambda: "X509 CRL" in field.routers[router].runs, within_s)


def _within(condition: Callable[[], bool], within_s: float = 20.0) -> bool:
    pause = threading.Event()
    for _ in range(int(within_s / 0.1)):
        if condition():
            return True
        pause.wait(0.1)
    return False
