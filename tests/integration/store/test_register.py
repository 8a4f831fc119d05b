"""The register keeps every version, and an edit is whole or not at all; on both databases."""

import random
from contextlib import closing
from datetime import timedelta

import pytest
from tests.integration.store.registers import (
    DAY,
    FREE,
    KARI,
    NOON,
    POOL,
    Clock,
    claim,
    in_room,
    on,
    opened,
    order,
    put,
    rooms,
    site,
)
from tests.registers import save_inventory

from linjevakt.model import rules
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.inventory import Inventory
from linjevakt.store import Store
from linjevakt.store.register import Register

# --- history -------------------------------------------------------------------------------------------------------


def test_every_version_of_a_site_is_kept_newest_first_and_its_removal_too(register: Register) -> None:
    for who, room in (("ola", "1"), ("per", "2")):
        with register.edit(Author(who, f"to room {room}")) as draft:
            draft.put(in_room(site(draft, "fjellheim"), room))
    with register.edit(Author("eva", "gone")) as draft:
        draft.remove(EntityKind.SITE, "fjellheim")
    history = register.history(EntityKind.SITE, "fjellheim")
    assert rooms(history) == [None, "2", "1", "214"]
    assert [version.revision.who for version in history] == ["eva", "per", "ola", "kari"]
    assert [version.revision.why for version in history] == ["gone", "to room 2", "to room 1", ""]
    assert [version.revision.number for version in history] == [4, 3, 2, 1]


def test_an_entity_that_comes_back_has_its_removal_in_between(register: Register) -> None:
    with register.edit(KARI) as draft:
        fjellheim = site(draft, "fjellheim")
        draft.remove(EntityKind.SITE, "fjellheim")
    with register.edit(KARI) as draft:
        draft.put(fjellheim)
    history = register.history(EntityKind.SITE, "fjellheim")
    assert [version.entity for version in history] == [fjellheim, None, fjellheim]
    assert register.now().inventory.sites[0] == fjellheim


def test_what_an_order_did_is_found_by_its_number(register: Register) -> None:
    with register.edit(Author("ola", "order", 7)) as draft:
        draft.put(in_room(site(draft, "fjellheim"), "9"))
        draft.remove(EntityKind.SITE, "solbakken")
    with register.edit(Author("ola", "other", 8)) as draft:
        draft.put(in_room(site(draft, "fjellheim"), "10"))
    done = register.history(order=7)
    assert [(version.key, rooms((version,))) for version in done] == [("fjellheim", ["9"]), ("solbakken", [None])]
    assert {version.revision.order for version in done} == {7}
    assert register.history(order=9) == ()


def test_the_latest_changes_of_all_are_cut_at_the_limit(register: Register) -> None:
    with register.edit(KARI) as draft:
        draft.put(Equipment(serial="LV-1", model="R1"))
        draft.remove(EntityKind.SITE, "solbakken")
    latest = register.history(limit=3)
    assert [(v.kind, v.key, v.revision.number) for v in latest] == [
        (EntityKind.EQUIPMENT, "LV-1", 2),
        (EntityKind.SITE, "solbakken", 2),
        (EntityKind.INSTALLATION, "", 1),
    ]
    assert [version.key for version in register.history(EntityKind.EQUIPMENT)] == ["LV-1"]


def test_the_register_is_seen_as_it_was_at_any_moment(register: Register, inventory: Inventory, clock: Clock) -> None:
    clock.wait(DAY)
    with register.edit(KARI) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert register.at(NOON).inventory == inventory
    assert register.at(NOON + DAY - timedelta(seconds=1)).inventory == inventory
    assert register.at(NOON + DAY).inventory.sites == inventory.sites[:1]
    with pytest.raises(NotFoundError, match="No inventory is saved"):
        _ = register.at(NOON - DAY).inventory


def test_nothing_is_ever_overwritten(register: Register, clock: Clock, database_url: str) -> None:
    chance = random.Random(4)  # noqa: S311 - any changes will do, the same each time
    (fjellheim, solbakken), seen = register.now().inventory.sites, {clock.now: register.now()}
    for step in range(25):
        clock.wait(timedelta(hours=1))
        with register.edit(KARI) as draft:
            for site in chance.sample([fjellheim, solbakken], chance.randint(1, 2)):
                if chance.random() < 0.3:
                    draft.remove(EntityKind.SITE, site.key)
                else:
                    draft.put(in_room(site, f"{step}"))
        seen[clock.now] = register.now()
    with opened(database_url, clock) as fresh:
        moments = list(seen)
        chance.shuffle(moments)
        for moment in moments:
            assert fresh.register.at(moment).entities == register.at(moment).entities == seen[moment].entities
            fresh.register.now()
        assert fresh.register.now().entities == seen[clock.now].entities


def test_orders_and_boxes_live_through_a_new_inventory(store: Store, register: Register, inventory: Inventory) -> None:
    box, wanted = Equipment(serial="LV-1", model="R1"), order(number=3)
    with register.edit(KARI) as draft:
        draft.put(box)
        draft.put(wanted)
        assert draft.next_order() == 4
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[:1]}), "ola")
    snapshot = register.now()
    assert (snapshot.equipment, snapshot.orders) == ((box,), (wanted,))
    assert len(snapshot.inventory.sites) == 1


# --- one edit ------------------------------------------------------------------------------------------------------


class _SecondThoughtsError(Exception):
    pass


def test_a_block_that_raises_leaves_nothing_behind(register: Register) -> None:
    def change_and_regret() -> None:
        with register.edit(KARI) as draft:
            draft.put(on(site(draft, "fjellheim"), FREE))
            draft.put(order(claim("10.65.8.0/24")))
            raise _SecondThoughtsError

    before = register.now()
    with pytest.raises(_SecondThoughtsError):
        change_and_regret()
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_a_broken_rule_leaves_nothing_behind(register: Register) -> None:
    before = register.now()
    outside = pytest.raises(InvalidInputError, match=r"192\.0\.2\.0/24 of segment .* is outside the closed network")
    with outside, register.edit(KARI) as draft:
        draft.put(in_room(on(site(draft, "fjellheim"), "192.0.2.0/24"), "9"))
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_taken_addresses_leave_nothing_behind(register: Register) -> None:
    before = register.now()
    fjellheim, solbakken = before.inventory.sites
    with pytest.raises(ConflictError):
        put(register, in_room(fjellheim, "9"), on(solbakken, "10.64.1.0/24"))
    assert register.now() is before
    assert len(register.history(EntityKind.SITE, "fjellheim")) == 1


def test_a_rehearsal_finds_what_is_wrong_and_keeps_nothing(register: Register) -> None:
    before = register.now()
    with pytest.raises(InvalidInputError, match="overlaps"), register.edit(KARI, rehearse=True) as draft:
        draft.put(on(site(draft, "solbakken"), "10.64.1.0/24"))
    with register.edit(KARI, rehearse=True) as draft:
        draft.put(on(site(draft, "solbakken"), FREE))
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_what_changes_nothing_is_no_revision(register: Register) -> None:
    with register.edit(KARI) as draft:
        fjellheim = site(draft, "fjellheim")
        draft.put(in_room(fjellheim, "9"))
        draft.put(fjellheim)
        draft.put(Equipment(serial="LV-1", model="R1"))
        draft.remove(EntityKind.EQUIPMENT, "LV-1")
        draft.remove(EntityKind.SITE, "nowhere")
    assert draft.saved is None
    assert len(register.history(EntityKind.SITE, "fjellheim")) == 1


def test_a_draft_sees_its_own_changes_and_nobody_else_does(register: Register) -> None:
    held = register.now()
    with register.edit(KARI) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
        draft.put(in_room(site(draft, "fjellheim"), "9"))
        assert [connection.place.room for connection in draft.inventory.sites] == ["9"]
        assert register.now() is held
    assert [connection.place.room for connection in register.now().inventory.sites] == ["9"]
    assert len(held.inventory.sites) == 2


def test_what_one_process_saves_another_one_reads_at_once(register: Register, database_url: str) -> None:
    with opened(database_url) as other:
        assert len(other.inventory().sites) == 2
        with register.edit(KARI) as draft:
            draft.remove(EntityKind.SITE, "solbakken")
        assert len(other.inventory().sites) == 1
        with other.register.edit(KARI) as draft:
            draft.put(in_room(site(draft, "fjellheim"), "9"))
    assert register.now().inventory.sites[0].place.room == "9"


def test_a_register_without_rules_is_not_edited_unless_somebody_says_why(database_url: str, store: Store) -> None:
    with closing(Store(database_url)) as bare:
        with pytest.raises(TypeError, match="without rules"), bare.register.edit(KARI):
            pytest.fail("there is a draft")
        with bare.register.edit(KARI, unchecked="a test") as draft:
            draft.put(Equipment(serial="LV-1", model="R1"))
    assert [box.serial for box in store.register.now().equipment] == ["LV-1"]


def test_the_rules_are_shown_what_an_edit_changes_and_no_more(database_url: str, register: Register) -> None:
    """Of two sites and five members: one site by itself; who names a member that changes; all of the installation."""
    shown: list[Inventory | rules.Change] = []
    now = register.now().inventory
    with closing(Store(database_url, check=shown.append)) as store:
        with store.register.edit(KARI) as draft:
            draft.put(Equipment(serial="LV-1", model="R1"))
        assert shown == []
        with store.register.edit(KARI) as draft:
            draft.put(in_room(site(draft, "fjellheim"), "9"))
        (of_site,) = shown
        with store.register.edit(KARI) as draft:
            draft.put(now.organisations[0].model_copy(update={"name": "Another"}))
        with store.register.edit(KARI) as draft:
            draft.put(now.installation.model_copy(update={"support_phone": "02018"}))
    assert isinstance(of_site, rules.Change)
    assert [[one.key for one in found] for found in (of_site.sites, of_site.near, of_site.naming)] == [
        ["fjellheim"],
        [],
        [],
    ]
    _, of_member, of_installation = shown
    assert isinstance(of_member, rules.Change)
    assert (of_member.sites, [one.key for one in of_member.naming]) == ((), ["fjellheim"])
    assert isinstance(of_installation, Inventory)
    assert len(of_installation.sites) == len(now.sites)
