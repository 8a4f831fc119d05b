"""The register is changed by others while an order is on its way: nothing of theirs is overwritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.workorders.conftest import Clock
from tests.unit.workorders.papers import OWNER, SHARER, SUBSCRIPTION, SURVEY, new_site, on_its_way

from linjevakt.model.errors import ConflictError, LackingError
from linjevakt.model.inventory import Organisation, Site
from linjevakt.model.order import OrderState
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk


def imported(store: Store, key: str, change: Callable[[Site], Site] | None) -> None:
    """Someone else changes a site, or (None) takes it out."""
    fleet = store.inventory()
    sites = [change(site) if change and site.key == key else site for site in fleet.sites]
    kept = tuple(site for site in sites if change or site.key != key)
    save_inventory(store, fleet.model_copy(update={"sites": kept}), "an import")


def renamed(site: Site) -> Site:
    return site.model_copy(update={"place": site.place.model_copy(update={"name": "Fjellheim legesenter"})})


def test_what_is_imported_in_the_middle_of_a_move_stays(desk: Desk, store: Store) -> None:
    number = on_its_way(desk)
    imported(store, "fjellheim", renamed)
    desk.record(number, "ola", {})
    desk.record(number, "tekniker", {})
    assert desk.run(number).step == "register"
    moved = store.inventory().sites[0].place
    assert (moved.name, moved.street) == ("Fjellheim legesenter", "Nygata 4")


def test_an_order_whose_site_was_changed_by_someone_else_is_cancelled_when_told_to_leave_that(
    desk: Desk, store: Store
) -> None:
    number = on_its_way(desk)
    imported(store, "fjellheim", renamed)
    with pytest.raises(ConflictError, match="`leave`"):
        desk.cancel(number, "kari", "they stay")
    assert desk.cancel(number, "kari", "they stay", leave=True).state is OrderState.CANCELLED
    assert store.inventory().sites[0].place.name == "Fjellheim legesenter"


def test_an_order_whose_site_was_taken_out_is_cancelled_and_blocks_no_other(desk: Desk, store: Store) -> None:
    number = on_its_way(desk)
    imported(store, "fjellheim", None)
    desk.cancel(number, "kari", "the site is gone")
    assert desk.run(number).state is OrderState.CANCELLED
    assert [site.key for site in store.inventory().sites] == ["solbakken"]
    assert desk.new("new_site", new_site("fjellheim"), "kari").is_open


def test_a_new_site_overwrites_none_that_was_imported_meanwhile(desk: Desk, store: Store) -> None:
    number = desk.new("new_site", new_site(), "kari").number
    fleet = store.inventory()
    site = fleet.sites[1]
    moved = site.model_copy(update={"place": site.place.model_copy(update={"key": "nygata"})})
    save_inventory(store, fleet.model_copy(update={"sites": (fleet.sites[0], moved)}), "an import")
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    assert desk.run(number).step == "record"
    with pytest.raises(LackingError, match="nygata is there already"):
        desk.record(number, "ola", {})
    assert moved in store.inventory().sites


def test_a_membership_goes_on_when_its_member_has_come_elsewhere_during_the_notice(
    desk: Desk, store: Store, clock: Clock
) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim() | {"serial": "LV-7"})
    fjellheim = alone(store)
    number = desk.new("terminate", {"site": "solbakken", "notice": "2026-11-23", "document": "brev 3"}, "kari").number
    imported(store, "fjellheim", lambda _site: fjellheim)
    clock.move(timedelta(days=60))
    desk.run(number)
    desk.record(number, "ola", {})
    desk.record(number, "ola", {"serial": "LV-7", "condition": "good"})
    assert desk.run(number).state is OrderState.DONE
    assert member(store, SHARER).membership.ended is None


def alone(store: Store) -> Site:
    """Takes the sharer away from Fjellheim; the site as it was."""
    before = store.inventory().sites[0]
    own = tuple(segment for segment in before.segments if segment.organisation == OWNER)
    imported(store, "fjellheim", lambda site: site.model_copy(update={"segments": own, "sharing": ()}))
    return before


def member(store: Store, number: str) -> Organisation:
    return next(found for found in store.inventory().organisations if found.number == number)
