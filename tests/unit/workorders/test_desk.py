"""Orders from beginning to end, over a real register and a field in memory."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from typing import Any

import pytest
from pydantic import ValidationError
from tests.boxes import claim
from tests.unit.workorders.conftest import Clock
from tests.unit.workorders.field import FakeField
from tests.unit.workorders.papers import (
    OWN_ISP,
    OWNER,
    PLACE,
    SHARER,
    SUBSCRIPTION,
    SURVEY,
    new_site,
    on_its_way,
    stock,
)

from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import BusyError, ConflictError, InvalidInputError, LackingError
from linjevakt.model.inventory import LineKind
from linjevakt.model.order import OrderState
from linjevakt.office import Office
from linjevakt.office import stock as boxes
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk


def test_a_new_site_goes_from_order_to_proven(desk: Desk, store: Store, field: FakeField) -> None:
    number = desk.new("new_site", new_site(), "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    assert desk.run(number).step == "stage"
    site = next(site for site in store.inventory().sites if site.key == "nygata")
    assert (str(site.segments[0].prefix), str(site.router.management)) == ("10.96.0.0/24", "10.250.0.2")
    assert "router" in desk.stage(number, "ola", claim() | {"serial": "LV-100"}).text
    assert desk.run(number).step == "ship"
    assert field.boxes == {"rtr-nygata": "LV-100"}
    desk.record(number, "ola", {"tracking": "370438101234567890"})
    desk.record(number, "tekniker", {})
    done = desk.run(number)
    assert done.state is OrderState.DONE
    assert field.running == {"rtr-nygata": {"kontor"}}
    assert stock(store)["LV-100"] is Whereabouts.INSTALLED


def test_a_step_that_lacks_something_says_so_and_changes_nothing(desk: Desk) -> None:
    number = desk.new("new_site", new_site(), "kari").number
    with pytest.raises(ConflictError, match="the next step is subscription, not survey"):
        desk.record(number, "ola", SURVEY, step="survey")
    assert desk.order(number).evidence == ()


def test_a_moving_office_is_found_behind_what_nobody_configured(desk: Desk, store: Store) -> None:
    number = desk.new("relocation", {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    assert desk.run(number).step == "unplug"
    prepared = store.inventory().sites[0].lines[0]
    assert [way.method for way in prepared.alternatives] == ["dhcp"]
    for _ in ("unplug", "plug_in"):
        desk.record(number, "tekniker", {})
    assert desk.run(number).step == "register"
    moved = store.inventory().sites[0]
    assert (moved.place.street, moved.lines[0].addressing.method) == ("Nygata 4", "dhcp")
    assert {line.kind for line in moved.lines} == {LineKind.OWN_ISP, LineKind.MOBILE}
    desk.record(number, "kari", {"address_register": "changed"})
    assert desk.order(number).state is OrderState.DONE


def test_a_line_that_stays_down_at_the_new_place_is_told_with_whom_to_call(desk: Desk, field: FakeField) -> None:
    number = desk.new("relocation", {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    desk.run(number)
    for _ in ("unplug", "plug_in"):
        desk.record(number, "tekniker", {})
    field.lines_down = {"wan0"}
    order = desk.run(number)
    assert order.trouble
    assert (order.step, order.trouble.legs[0].call) == ("push", "Nettleverandør 990 00 900")
    field.lines_down = set()
    assert desk.run(number).step == "register"


def test_nobody_is_sent_off_with_a_router_that_cannot_be_told(desk: Desk, field: FakeField) -> None:
    field.never_staged = {"rtr-fjellheim", "rtr-solbakken"}
    number = desk.new("relocation", {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    stuck = desk.run(number)
    assert stuck.trouble
    assert (stuck.step, "never staged" in str(stuck.trouble.message)) == ("preload", True)
    wish = {"site": "solbakken", "segment": "apotek", "service": "domain"}
    ordered = desk.run(desk.new("add_service", wish, "kari").number)
    assert (ordered.state, ordered.said("push", "never_staged")) == (OrderState.DONE, "rtr-solbakken")


def test_a_cancelled_relocation_is_taken_back(desk: Desk, store: Store) -> None:
    before = store.inventory().sites[0]
    number = desk.new("relocation", {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    desk.run(number)
    assert desk.cancel(number, "kari", "they stay").state is OrderState.UNDOING
    assert store.inventory().sites[0] == before
    assert desk.run(number).state is OrderState.CANCELLED


def test_a_frozen_member_closes_its_own_segment_only(desk: Desk, field: FakeField, clock: Clock) -> None:
    wish = {
        "organisation": SHARER,
        "since": "2026-12-01",
        "register_inactive": "2026-12-01",
        "edi_inactive": "2026-12-01",
    }
    number = desk.new("freeze", wish, "kari").number
    assert desk.run(number).step == "close"
    clock.move(datetime(2026, 11, 30, 23, tzinfo=UTC))
    assert desk.ready() == (number,)
    assert desk.run(number).state is OrderState.DONE
    assert field.running == {"rtr-fjellheim": {"legekontor"}, "rtr-solbakken": frozenset()}
    reopened = desk.new("reopen", {"organisation": SHARER}, "kari").number
    assert desk.run(reopened).state is OrderState.DONE
    assert field.running["rtr-fjellheim"] == {"legekontor", "tannlege"}


def test_a_sharer_without_its_agreements_is_kept_out_until_they_are_there(desk: Desk, store: Store) -> None:
    segment = {"name": "psykolog", "organisation": OWNER, "port": "lan1", "share": 20}
    wish = {"site": "solbakken", "segment": segment, "shares": {"apotek": 80}}
    number = desk.new("share", wish, "kari").number
    with pytest.raises(ConflictError, match="is open"):
        desk.new("unshare", {"site": "solbakken", "segment": "psykolog"}, "kari")
    desk.record(number, "ola", {"confirmed": "2026-11-20", "document": "arkiv 2026/99"})
    assert desk.run(number).state is OrderState.DONE
    site = store.inventory().sites[1]
    assert [(s.name, s.share) for s in site.segments] == [("apotek", 80), ("psykolog", 20)]


def test_a_terminated_site_waits_for_its_router_and_gives_its_addresses_back(
    desk: Desk, store: Store, clock: Clock, field: FakeField
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    wish = {"site": "solbakken", "notice": "2026-11-23", "document": "brev 3", "membership": False}
    number = desk.new("terminate", wish, "kari").number
    assert desk.run(number).step == "close"
    clock.move(timedelta(days=38))
    assert desk.run(number).step == "close", "31 December is the last day"
    clock.move(timedelta(days=1))
    assert desk.run(number).step == "give_back"
    assert field.running["rtr-solbakken"] == frozenset()
    assert field.forgotten == {"rtr-solbakken"}, "its certificate is refused from then on, not when the box is in"
    desk.record(number, "ola", {})
    assert stock(store)["LV-7"] is Whereabouts.TO_BE_RETURNED
    with pytest.raises(LackingError, match="LV-7 is to be returned, not LV-100"):
        desk.record(number, "ola", {"serial": "LV-100", "condition": "good"})
    desk.record(number, "ola", {"serial": "LV-7", "condition": "good"})
    assert desk.run(number).state is OrderState.DONE
    assert [site.key for site in store.inventory().sites] == ["fjellheim"]
    (lease,) = store.register.who_had(IPv4Network("10.64.3.0/24"))
    assert (lease.site, lease.until) == ("solbakken", clock.now)


def test_a_swapped_router_keeps_the_sites_identity_and_the_old_box_is_owed(
    desk: Desk, store: Store, field: FakeField
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    before = store.inventory()
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    assert desk.fleet.boxes.read_serials() == {"rtr-solbakken": "LV-7"}, "the old one is at work until the swap"
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    assert desk.run(number).step == "returned"
    assert field.boxes == {"rtr-solbakken": "LV-101"}
    assert field.trusted_alone == {"rtr-solbakken": "LV-101"}
    assert stock(store) == {
        "LV-7": Whereabouts.TO_BE_RETURNED,
        "LV-100": Whereabouts.STOCK,
        "LV-101": Whereabouts.INSTALLED,
        "LV-102": Whereabouts.STOCK,
    }
    desk.record(number, "ola", {"serial": "LV-7", "condition": "damaged"})
    assert desk.order(number).state is OrderState.DONE
    assert store.inventory() == before


def test_a_new_box_that_is_dead_on_arrival_is_given_up_for_the_old_one(
    desk: Desk, store: Store, field: FakeField
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    field.boxes["rtr-solbakken"] = "LV-7"
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    field.away = {"rtr-solbakken"}
    assert (desk.run(number).step, field.boxes["rtr-solbakken"]) == ("home", "LV-101")
    desk.cancel(number, "kari", "the new one is dead")
    field.away = set()
    assert desk.run(number).state is OrderState.CANCELLED
    assert field.boxes["rtr-solbakken"] == "LV-7"
    assert stock(store)["LV-101"] is Whereabouts.TO_BE_RETURNED


def test_a_router_that_is_unplugged_before_its_last_day_is_over_keeps_no_termination_open(
    desk: Desk, store: Store, field: FakeField, clock: Clock
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    wish = {"site": "solbakken", "notice": "2026-11-23", "document": "brev 3", "membership": False}
    number = desk.new("terminate", wish, "kari").number
    clock.move(timedelta(days=39))
    field.away = {"rtr-solbakken"}
    stuck = desk.run(number)
    assert stuck.trouble
    assert "linjevakt stock move" in str(stuck.trouble.message)
    boxes.move(Office(store), "LV-7", boxes.Move(state=Whereabouts.RETURNED), Author("ola", "by mail"))
    assert desk.run(number).step == "give_back"
    desk.record(number, "ola", {})
    assert desk.run(number).state is OrderState.DONE


def test_a_swapped_box_that_nobody_had_listed_is_owed_too(desk: Desk, store: Store) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "OLD-1"})
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    assert desk.run(number).step == "returned"
    assert stock(store)["OLD-1"] is Whereabouts.TO_BE_RETURNED
    with pytest.raises(ConflictError, match=f"order advance {number} --step returned serial=OLD-1"):
        boxes.move(Office(store), "OLD-1", boxes.Move(state=Whereabouts.RETURNED), Author("ola"))
    desk.record(number, "ola", {"serial": "OLD-1", "condition": "good"})
    assert desk.order(number).state is OrderState.DONE


def test_a_lost_box_that_was_the_router_once_keeps_no_termination_open(
    desk: Desk, store: Store, field: FakeField, clock: Clock
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    with store.register.edit(Author("kari", "long ago")) as draft:
        draft.put(Equipment(serial="LV-9", model="Test 1", state=Whereabouts.LOST, router="rtr-solbakken"))
    wish = {"site": "solbakken", "notice": "2026-11-23", "document": "brev 3", "membership": False}
    number = desk.new("terminate", wish, "kari").number
    clock.move(timedelta(days=39))
    field.away = {"rtr-solbakken"}
    desk.run(number)
    boxes.move(Office(store), "LV-7", boxes.Move(state=Whereabouts.LOST), Author("ola", "burnt"))
    assert desk.run(number).step == "give_back"
    desk.record(number, "ola", {})
    assert desk.run(number).state is OrderState.DONE


def test_a_swap_that_is_left_as_it_is_trusts_the_old_box_again(desk: Desk, field: FakeField) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    field.away = {"rtr-solbakken"}
    assert desk.run(number).step == "home"
    desk.cancel(number, "kari", "dead, and so is the old one", leave=True)
    assert desk.fleet.boxes.read_serials() == {"rtr-solbakken": "LV-7"}


def test_what_is_said_to_have_happened_has_happened(desk: Desk) -> None:
    number = desk.new("exclude", {"organisation": SHARER, "reason": "certificate"}, "kari").number
    with pytest.raises(InvalidInputError, match="told: 2099-01-01 has not come yet"):
        desk.record(number, "kari", {"told": "2099-01-01"})


def test_a_box_has_a_note_that_can_be_read() -> None:
    for unreadable in ("   ", "a\x07b", "x" * 201):
        with pytest.raises(ValidationError, match="note"):
            boxes.Move(state=Whereabouts.LOST, note=unreadable)


def test_a_box_that_an_order_is_bringing_is_not_moved_behind_its_back(desk: Desk, store: Store) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    ola = Author("ola", "on the shelf")
    with pytest.raises(ConflictError, match=f"LV-101 is staged by order {number}.*order cancel {number}"):
        boxes.move(Office(store), "LV-101", boxes.Move(state=Whereabouts.STOCK), ola)
    desk.cancel(number, "kari", "not now")
    assert stock(store)["LV-101"] is Whereabouts.STOCK
    boxes.move(Office(store), "LV-101", boxes.Move(state=Whereabouts.LOST, note="not on the shelf"), ola)
    assert stock(store)["LV-101"] is Whereabouts.LOST


def test_a_cancelled_new_site_gives_everything_back(desk: Desk, store: Store) -> None:
    number = desk.new("new_site", new_site(), "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    desk.run(number)
    desk.stage(number, "ola", claim() | {"serial": "LV-100"})
    desk.run(number)
    desk.cancel(number, "kari", "they found another house")
    assert desk.run(number).state is OrderState.CANCELLED
    assert stock(store)["LV-100"] is Whereabouts.STOCK
    assert "nygata" not in {site.key for site in store.inventory().sites}
    assert all(lease.until for lease in store.register.who_had(IPv4Network("10.96.0.0/16")))


def test_after_the_point_of_no_return_an_order_is_not_cancelled(desk: Desk) -> None:
    number = desk.new("exclude", {"organisation": SHARER, "reason": "a compromise"}, "kari").number
    desk.record(number, "ola", {"told": "2026-11-23"})
    assert desk.run(number).state is OrderState.DONE
    with pytest.raises(ConflictError, match="is done"):
        desk.cancel(number, "kari", "a mistake")


def test_two_orders_at_once_get_different_prefixes(desk: Desk) -> None:
    first, second = (desk.new("new_site", new_site(key), "kari") for key in ("nygata", "storgata"))
    assert {str(claim.network) for order in (first, second) for claim in order.claims} == {
        "10.96.0.0/24",
        "10.96.1.0/24",
        "10.250.0.2/32",
        "10.250.0.3/32",
    }


@pytest.mark.parametrize("window", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_window_with_which_one_cannot_reckon_is_refused(desk: Desk, window: str) -> None:
    wish = {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP], "window": window}
    with pytest.raises(InvalidInputError, match="1900 to 2199"):
        desk.new("relocation", wish, "kari")


def test_a_notice_that_has_not_come_in_yet_is_refused(desk: Desk) -> None:
    wish: dict[str, Any] = {"site": "solbakken", "notice": "2026-11-24", "document": "brev", "membership": False}
    with pytest.raises(InvalidInputError, match="cannot have come in on 2026-11-24"):
        desk.new("terminate", wish, "kari")
    wish = {"site": "solbakken", "segment": "apotek", "service": "internet", "notice": "2026-11-24"}
    with pytest.raises(InvalidInputError, match="cannot have come in on 2026-11-24"):
        desk.new("cancel_service", wish, "kari")


def test_a_router_that_another_is_just_pushing_to_is_no_trouble_and_keeps_no_other_waiting(
    desk: Desk, field: FakeField, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(router: str) -> None:
        if router == "rtr-fjellheim":
            raise BusyError("another is at it")
        field.running[router] = frozenset()

    monkeypatch.setattr(field, "push", push)
    number = desk.new("exclude", {"organisation": SHARER, "reason": "a compromise"}, "kari").number
    desk.record(number, "ola", {"told": "2026-11-23"})
    order = desk.run(number)
    assert (order.step, order.trouble) == ("push", None)
    assert "rtr-solbakken" in field.running


def test_a_router_that_answers_from_the_old_place_is_not_taken_for_moved(desk: Desk, field: FakeField) -> None:
    number = on_its_way(desk)
    desk.record(number, "ola", {})
    desk.record(number, "tekniker", {})
    field.found = {"wan0": "static 198.51.100.2", "wan1": "dhcp 100.64.1.2"}
    order = desk.run(number)
    assert order.step == "home"
    assert order.trouble is not None
    assert "wan0 works as static 198.51.100.2, which was not ordered" in str(order.trouble.message)
    field.found = {"wan0": "dhcp 192.168.1.2", "wan1": "dhcp 100.64.1.2"}
    assert desk.run(number).step == "register"


def test_a_box_that_an_order_waits_for_is_told_of_as_stolen_and_the_order_still_ends(desk: Desk, store: Store) -> None:
    """The attack: the reason was dropped where an order says where the box is."""
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    number = desk.new("replace_router", {"site": "solbakken"}, "kari").number
    desk.stage(number, "ola", claim() | {"serial": "LV-101"})
    desk.record(number, "ola", {"tracking": "1"})
    desk.record(number, "tekniker", {})
    assert desk.run(number).step == "returned"
    boxes.stolen(store.register, "LV-7", "rtr-solbakken", Author("kari", "burgled"))
    latest = store.register.history(EntityKind.EQUIPMENT, "LV-7")[0]
    assert (latest.revision.why, stock(store)["LV-7"]) == ("burgled", Whereabouts.TO_BE_RETURNED)
    desk.record(number, "ola", {"serial": "LV-7", "condition": "lost"})
    assert (desk.order(number).state, stock(store)["LV-7"]) == (OrderState.DONE, Whereabouts.LOST)
