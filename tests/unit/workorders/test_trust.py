"""Orders and whom the hubs refuse: the real hands over routers in memory, real certificates, a real register."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.boxes import claim
from tests.unit.fleet.routers import HUB, SOLBAKKEN, Field, at_work

from linjevakt.inventory import load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import OrderState
from linjevakt.model.record import Reason
from linjevakt.office import loss
from linjevakt.trust import crl
from linjevakt.workorders import field as hands
from linjevakt.workorders.desk import Desk

NEW = "LV-101"


@pytest.fixture
def field(tmp_path: Path, inventory: Inventory) -> Iterator[Field]:
    made = at_work(tmp_path, inventory)
    with made.store.register.edit(Author("kari", "delivered")) as draft:
        draft.put(Equipment(serial=NEW, model="Test 1"))
    yield made
    made.store.close()


@pytest.fixture
def desk(field: Field) -> Desk:
    fleet = field.fleet
    return Desk(fleet, load_catalogue(None), clock=field.clock.now, hands=lambda heard: hands.Field(fleet, heard, 0.1))


def _revoked(field: Field) -> dict[str, str]:
    """Reason by box."""
    return {one.box: str(one.reason) for one in field.store.certificates.revoked()}


def _plugged_in(desk: Desk, because: str) -> int:
    """An order whose new box was just plugged in."""
    number = desk.new("replace_router", {"site": "solbakken", "because": because}, "kari").number
    desk.run(number)
    desk.stage(number, "ola", claim(NEW))
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    return number


def test_a_replaced_box_is_refused_once_the_new_one_is_at_work_and_not_before(desk: Desk, field: Field) -> None:
    number = _plugged_in(desk, "broken")
    assert _revoked(field) == {}
    assert desk.run(number).step == "returned", desk.order(number).trouble
    assert _revoked(field) == {"LV-0012": Reason.REPLACED}
    assert crl.listed(field.routers[HUB].runs) == {one.serial for one in field.store.certificates.revoked()}


def test_a_lost_box_is_refused_before_anything_else_is_done(desk: Desk, field: Field) -> None:
    number = desk.new("replace_router", {"site": "solbakken", "because": "lost"}, "kari").number
    assert desk.run(number).step == "stage"
    assert _revoked(field) == {"LV-0012": Reason.STOLEN}
    assert len(crl.listed(field.routers[HUB].runs)) == 1


def test_a_stolen_router_whose_box_nobody_had_listed_is_replaced(desk: Desk, field: Field) -> None:
    loss.of_router(field.fleet, SOLBAKKEN, Author("kari", "burgled"))
    number = _plugged_in(desk, "lost")
    assert desk.run(number).state is OrderState.DONE, desk.order(number).trouble
    boxes = {box.serial: box.state for box in field.store.register.now().equipment}
    assert boxes == {"LV-0012": Whereabouts.LOST, NEW: Whereabouts.INSTALLED}


def test_a_new_box_that_is_dead_on_arrival_is_refused_and_the_old_one_is_not(desk: Desk, field: Field) -> None:
    number = _plugged_in(desk, "broken")
    field.cut(SOLBAKKEN)
    assert desk.run(number).step == "home"
    desk.cancel(number, "kari", "the new one is dead")
    field.mend(SOLBAKKEN)
    assert desk.run(number).state is OrderState.CANCELLED, desk.order(number).trouble
    assert _revoked(field) == {NEW: Reason.REPLACED}
    assert field.store.devices.get(SOLBAKKEN).serial == "LV-0012"


def test_a_box_that_was_staged_for_an_order_that_is_cancelled_has_no_certificate(desk: Desk, field: Field) -> None:
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim(NEW))
    desk.cancel(number, "kari", "not needed")
    assert _revoked(field) == {NEW: Reason.SUPERSEDED}


def test_an_order_takes_no_box_whose_key_is_known_under_another_serial_number(desk: Desk, field: Field) -> None:
    former = field.store.devices.get(SOLBAKKEN)
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    box = {"csr": former.csr, "ssh_host_key": former.host_key, "serial": NEW}
    with pytest.raises(ConflictError, match="known as that of the box LV-0012"):
        desk.stage(number, "ola", box)
    assert not desk.order(number).done("stage")
    assert [one.box for one in field.store.certificates.all(router=SOLBAKKEN)] == ["LV-0012"]


def test_a_lost_box_is_not_trusted_again_when_its_replacement_is_cancelled(desk: Desk, field: Field) -> None:
    number = _plugged_in(desk, "lost")
    field.cut(SOLBAKKEN)
    assert desk.run(number).step == "home"
    desk.cancel(number, "kari", "wrong site", leave=True)
    assert _revoked(field) == {"LV-0012": Reason.STOLEN}
    assert field.store.devices.get(SOLBAKKEN).serial == NEW


def test_an_order_is_in_trouble_while_the_hub_cannot_be_told_and_goes_on_when_it_is(desk: Desk, field: Field) -> None:
    number = _plugged_in(desk, "broken")
    field.routers[HUB].dark.append((field.clock.passed, 1e9))
    stuck = desk.run(number)
    assert stuck.step == "shut_out"
    assert stuck.trouble
    assert "NOT YET in force on hub-oslo" in stuck.trouble.message.en
    assert "IKKE ENNÅ på hub-oslo" in stuck.trouble.message.nb
    assert _revoked(field) == {"LV-0012": Reason.REPLACED}, "revoked all the same"
    field.mend(HUB)
    assert desk.run(number).step == "returned"


def test_a_site_whose_box_is_shut_out_keeps_no_other_order_waiting(desk: Desk, field: Field) -> None:
    field.fleet.boxes.shut_out("LV-0012")
    wish = {"site": "solbakken", "segment": "apotek", "service": "ntp"}
    number = desk.new("cancel_service", {**wish, "notice": "2026-01-05"}, "kari").number
    assert desk.run(number).trouble is None
