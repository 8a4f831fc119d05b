"""A box that is trusted no more is refused by every hub, which is read back, or said not to be so yet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.routers import BOXES, FJELLHEIM, HUB, SOLBAKKEN, Field, at_work

from linjevakt.daemons import renewal
from linjevakt.model.change import PushState
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, LockedError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Reason, Stage
from linjevakt.office import loss
from linjevakt.provisioning import revocation
from linjevakt.store import Store
from linjevakt.trust import crl
from napalm_linjevakt.parse import sections


@pytest.fixture
def field(tmp_path: Path, inventory: Inventory) -> Iterator[Field]:
    made = at_work(tmp_path, inventory)
    yield made
    made.fleet.store.close()


@pytest.fixture
def store(field: Field) -> Store:
    return field.fleet.store


KARI = Author("kari", "burgled")


def _listed(field: Field, router: str) -> frozenset[str]:
    return crl.listed(field.routers[router].runs)


def _serial(store: Store, router: str) -> str:
    return store.devices.get(router).certificate_serial


def test_nobody_is_refused_and_no_list_goes_out_before_someone_is_revoked(field: Field) -> None:
    assert "ca.crl" not in sections(field.routers[HUB].runs)
    assert revocation.refusals(field.fleet) == ()
    assert revocation.enforce(field.fleet) == ()


def test_a_stolen_box_is_refused_by_the_hub_at_once_and_the_hub_knows_whose_tunnel_to_end(
    field: Field, store: Store
) -> None:
    serial = _serial(store, FJELLHEIM)
    found = loss.of_router(field.fleet, FJELLHEIM, KARI)
    assert ([one.serial for one in found.revoked], found.waiting) == ([serial], ())
    assert _listed(field, HUB) == {serial}
    agent = sections(field.routers[HUB].runs)["agent.toml"]
    assert f'[[revoked]]\nserial = "{serial}"\nrouter = "{FJELLHEIM}"\n' in agent
    (refusal,) = revocation.refusals(field.fleet)
    assert (set(refusal.in_force), refusal.waiting) == ({HUB}, {})


def test_every_living_certificate_of_the_stolen_box_is_refused_not_only_the_last(field: Field, store: Store) -> None:
    first = _serial(store, FJELLHEIM)
    field.clock.sleep(61 * 24 * 3600)
    assert field.push(FJELLHEIM).ok
    second = _serial(store, FJELLHEIM)
    assert first != second
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    assert _listed(field, HUB) == {first, second}


def test_a_box_that_comes_under_another_serial_number_is_refused(field: Field, store: Store) -> None:
    box = claim("LV-0013")
    field.fleet.boxes.stage(SOLBAKKEN, box)
    before = store.certificates.all(), store.devices.all()
    renamed = box | {"serial": "LV-9"}
    for take in (field.fleet.boxes.stage, field.fleet.boxes.pin, field.fleet.boxes.bootstrap):
        with pytest.raises(ConflictError, match=r"known as that of the box LV-0013 .* Stage it as LV-0013"):
            take(SOLBAKKEN, renamed)
    assert (store.certificates.all(), store.devices.all()) == before, "what is refused is not written"


def test_a_stolen_box_that_was_staged_under_two_serial_numbers_is_refused_by_the_hub_under_both(
    field: Field, store: Store, tmp_path: Path
) -> None:
    """The attack: the certificate in use, which was issued under the first number, stayed good."""
    first = _serial(store, SOLBAKKEN)
    field.clock.sleep(61 * 24 * 3600)
    field.fleet.pushing.candidate(SOLBAKKEN)  # renewed, not pushed
    second = _serial(store, SOLBAKKEN)
    _renamed(tmp_path, first)
    found = loss.of_router(field.fleet, SOLBAKKEN, KARI)
    assert {one.serial for one in found.revoked} == _listed(field, HUB) == {first, second}


def test_a_box_lost_by_its_former_serial_number_is_pushed_to_no_more(
    field: Field, store: Store, tmp_path: Path
) -> None:
    field.clock.sleep(61 * 24 * 3600)
    first = _serial(store, SOLBAKKEN)
    field.fleet.pushing.candidate(SOLBAKKEN)
    _renamed(tmp_path, first)
    loss.of_box(field.fleet, "LV-old")
    assert field.fleet.boxes.is_shut_out(SOLBAKKEN)
    assert not field.fleet.boxes.is_shut_out(FJELLHEIM)
    with pytest.raises(ConflictError, match="shut out"):
        field.push(SOLBAKKEN)


def _renamed(folder: Path, serial: str) -> None:
    """Issued to LV-old, as a controller wrote it that let a box change its serial number."""
    engine = create_engine(f"sqlite:///{folder / 'linjevakt.db'}")
    with engine.begin() as site:
        site.execute(text("UPDATE certificates SET box = 'LV-old' WHERE serial = :serial"), {"serial": serial})
    engine.dispose()


def test_a_list_brings_the_hub_nothing_else_that_waits(field: Field, store: Store, inventory: Inventory) -> None:
    before = sections(field.routers[HUB].runs)
    controllers = (*inventory.installation.controllers, IPv4Network("10.255.0.11/32"))
    installation = inventory.installation.model_copy(update={"controllers": controllers})
    save_inventory(store, inventory.model_copy(update={"installation": installation}), "ola")
    waiting = sections(field.fleet.pushing.candidate(HUB).text)
    assert waiting["nftables.conf"] != before["nftables.conf"], "something waits for people"
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    after = sections(field.routers[HUB].runs)
    assert {name for name in after if after[name] != before.get(name)} == {"ca.crl", "agent.toml"}


def test_a_hub_out_of_reach_is_said_not_to_refuse_yet_until_it_does(field: Field, store: Store) -> None:
    field.cut(HUB)
    found = loss.of_router(field.fleet, FJELLHEIM, KARI)
    (waiting,) = found.waiting
    assert waiting.router == HUB
    assert "NOT YET in force on hub-oslo" in revocation.told(found.waiting).en
    (refusal,) = revocation.refusals(field.fleet)
    assert (refusal.in_force, set(refusal.waiting)) == ({}, {HUB})
    assert revocation.behind(field.fleet) == (HUB,)
    field.mend(HUB)
    assert revocation.enforce(field.fleet, only=revocation.behind(field.fleet)) == ()
    assert _listed(field, HUB) == {_serial(store, FJELLHEIM)}
    assert revocation.behind(field.fleet) == ()


def test_a_hub_that_was_given_another_list_behind_our_back_is_found_out(field: Field) -> None:
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    router = field.routers[HUB]
    router.running = router.confirmed = router.generation(9, "an engineer's own")
    assert revocation.behind(field.fleet) == (), "nobody has asked it since"
    revocation.ask(field.fleet)
    assert revocation.behind(field.fleet) == (HUB,)


def test_whoever_pushes_to_the_hub_meanwhile_is_waited_for(field: Field, store: Store) -> None:
    """A push of another machine holds the hub: with no patience that is told, and nothing is broken."""
    held = store.pushes.begin(
        HUB,
        candidate_hash="c0ffee",
        revert_in_s=60,
        worker="elsewhere:1",
        until=datetime.now(UTC) + timedelta(minutes=5),
    )
    store.certificates.revoke([_serial(store, FJELLHEIM)], Reason.STOLEN)
    (waiting,) = revocation.enforce(field.fleet, patience_s=0)
    assert "runs already" in waiting.reason
    assert held


def test_a_hub_that_goes_back_to_what_it_ran_does_not_count(field: Field) -> None:
    field.routers[HUB].trouble["commit"] = _raises
    found = loss.of_router(field.fleet, FJELLHEIM, KARI)
    assert [one.router for one in found.waiting] == [HUB]
    assert _listed(field, HUB) == frozenset()


def _raises() -> None:
    raise LockedError("hub-oslo: held")


def test_a_stolen_box_gets_no_push_and_no_new_certificate(field: Field, store: Store) -> None:
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    with pytest.raises(ConflictError, match="shut out"):
        field.push(FJELLHEIM)
    store.devices.set_stage(FJELLHEIM, Stage.LIVE)
    assert field.fleet.boxes.is_shut_out(FJELLHEIM), "a push that ends late does not let it in again"


def test_the_stock_knows_of_a_stolen_box(field: Field, store: Store) -> None:
    with store.register.edit(KARI) as draft:
        draft.put(Equipment(serial=BOXES[FJELLHEIM], model="Test 1", state=Whereabouts.INSTALLED, router=FJELLHEIM))
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    (box,) = store.register.now().equipment
    assert box.state is Whereabouts.LOST


def test_a_box_swapped_by_staging_another_is_superseded_and_the_new_one_is_not(field: Field, store: Store) -> None:
    old = _serial(store, SOLBAKKEN)
    bootstrap = field.fleet.boxes.stage(SOLBAKKEN, claim("LV-0013"))
    assert [(one.serial, one.reason) for one in store.certificates.revoked()] == [(old, Reason.SUPERSEDED)]
    assert crl.listed(bootstrap.text) == {old}


def test_staging_the_same_box_again_revokes_nothing(field: Field, store: Store) -> None:
    box = claim("LV-0013")
    field.fleet.boxes.stage(SOLBAKKEN, box)
    revoked = store.certificates.revoked()
    field.fleet.boxes.stage(SOLBAKKEN, box)
    assert store.certificates.revoked() == revoked


def test_a_box_with_new_keys_is_another_box(field: Field, store: Store) -> None:
    old = _serial(store, SOLBAKKEN)
    field.fleet.boxes.stage(SOLBAKKEN, claim(BOXES[SOLBAKKEN]))
    assert [one.serial for one in store.certificates.revoked()] == [old]


def test_a_replacement_shares_no_snmp_key_with_the_box_before_it(field: Field) -> None:
    """The attack: a stolen box's keys read the replacement's answers, since both were derived from the name alone."""
    before = field.fleet.polling.target(SOLBAKKEN)
    field.fleet.boxes.stage(SOLBAKKEN, claim("LV-0013"))
    after = field.fleet.polling.target(SOLBAKKEN)
    assert len({before.auth_key, before.privacy_key, after.auth_key, after.privacy_key}) == 4


def test_forgetting_a_router_ends_whatever_box_has_come_as_it(field: Field, store: Store) -> None:
    serial = _serial(store, SOLBAKKEN)
    field.fleet.boxes.forget(SOLBAKKEN)
    assert [(one.serial, one.reason) for one in store.certificates.revoked()] == [(serial, Reason.TERMINATED)]


def test_a_push_of_trust_alone_is_bound_to_what_runs(field: Field, store: Store) -> None:
    """Someone commits between our reading and our pushing: it is not undone."""
    store.certificates.revoke([_serial(store, FJELLHEIM)], Reason.STOLEN)
    router = field.routers[HUB]

    def commit() -> None:
        router.running = router.confirmed = router.generation(9, "an engineer's own")
        router.aftermath.clear()

    router.aftermath["prove"] = commit
    result = field.fleet.pushing.push_trust(HUB, 60, lambda _step: None, "revocation")
    assert (result.state, router.runs) == (PushState.FAILED, "an engineer's own")
    assert "plan again" in result.reason


def test_a_push_that_ends_after_its_box_was_swapped_says_nothing_of_the_new_one(field: Field, store: Store) -> None:
    """The attack: `live` was written on whichever box was the router by then."""

    def swap() -> None:
        field.fleet.boxes.stage(SOLBAKKEN, claim("LV-0013"))

    field.routers[SOLBAKKEN].aftermath["confirm"] = swap
    field.clock.sleep(61 * 24 * 3600)
    assert field.push(SOLBAKKEN).state is PushState.CONFIRMED
    assert (store.devices.get(SOLBAKKEN).serial, store.devices.get(SOLBAKKEN).stage) == ("LV-0013", Stage.STAGED)


def test_a_stolen_hub_is_refused_by_its_sites_once_another_box_is_in_its_place(field: Field, store: Store) -> None:
    """The attack: no site was ever told; one that was pushed to lost its tunnel at the next reauthentication."""
    serial = _serial(store, HUB)
    found = loss.of_router(field.fleet, HUB, KARI)
    reasons = {one.router: one.reason for one in found.waiting}
    assert set(reasons) == {HUB, FJELLHEIM, SOLBAKKEN}
    assert "router stage hub-oslo" in reasons[HUB]
    assert revocation.behind(field.fleet) == (), "nobody can be told yet, so nobody is bothered"

    field.fleet.boxes.stage(HUB, claim("LV-0002"))
    assert revocation.behind(field.fleet) == (HUB,)
    assert field.push(HUB).ok
    assert set(revocation.behind(field.fleet)) == {HUB, FJELLHEIM, SOLBAKKEN}
    assert revocation.enforce(field.fleet) == ()
    for router in (HUB, FJELLHEIM, SOLBAKKEN):
        assert _listed(field, router) == {serial}
    (refusal,) = revocation.refusals(field.fleet)
    assert set(refusal.in_force) == {HUB, FJELLHEIM, SOLBAKKEN}
    assert revocation.behind(field.fleet) == ()


def test_no_site_is_given_a_list_that_refuses_the_only_hub_there_is(field: Field) -> None:
    """By nobody: people, a renewal or a list; nor while the new box may be on its way."""
    loss.of_router(field.fleet, HUB, KARI)
    for _stage in ("shut out", "staged"):
        for push in (field.push, lambda router: field.fleet.pushing.push_trust(router, 60, lambda _step: None, "")):
            with pytest.raises(ConflictError, match=r"would have no tunnel.*`linjevakt push hub-oslo` first"):
                push(FJELLHEIM)
        field.clock.sleep(61 * 24 * 3600)
        assert FJELLHEIM not in renewal.due(field.fleet)
        assert {one.router for one in revocation.enforce(field.fleet, only=[FJELLHEIM])} == {FJELLHEIM}
        field.clock.sleep(-61 * 24 * 3600)
        field.fleet.boxes.stage(HUB, claim("LV-0002"))
    assert _listed(field, FJELLHEIM) == frozenset()


def test_of_a_stolen_site_no_other_site_is_told(field: Field) -> None:
    assert loss.of_router(field.fleet, FJELLHEIM, KARI).waiting == ()
    assert (_listed(field, SOLBAKKEN), revocation.unseen(field.fleet)) == (frozenset(), ())


def test_a_site_whose_prefixes_are_to_change_gets_no_list_that_would_bring_those(
    field: Field, store: Store, inventory: Inventory
) -> None:
    field.fleet.boxes.stage(HUB, claim("LV-0002"))
    assert field.push(HUB).ok
    shared, other = inventory.sites
    alone = shared.model_copy(update={"segments": shared.segments[:1]})
    save_inventory(store, inventory.model_copy(update={"sites": (alone, other)}), "ola")
    (waiting,) = revocation.enforce(field.fleet)
    assert waiting.router == shared.router.name
    assert "people's to push" in waiting.reason


def test_a_second_time_nothing_is_done_but_who_was_not_told_is_told(field: Field, store: Store) -> None:
    field.cut(HUB)
    first = loss.of_router(field.fleet, FJELLHEIM, KARI)
    known, revisions = store.certificates.all(), store.revision()
    field.clock.sleep(3600)
    second = loss.of_router(field.fleet, FJELLHEIM, KARI)
    (shut,) = [one.revoked for one in known if one.revoked]
    assert (first.since, second.since) == (None, shut)
    assert [one.router for one in second.waiting] == [HUB]
    field.mend(HUB)
    assert loss.of_router(field.fleet, FJELLHEIM, KARI).waiting == ()
    field.cut(HUB)
    assert loss.of_router(field.fleet, FJELLHEIM, KARI).waiting == (), "it was seen to refuse it, and is left alone"
    assert (store.certificates.all(), store.revision()) == (known, revisions)


@pytest.mark.parametrize("state", [None, Whereabouts.INSTALLED, Whereabouts.LOST])
def test_who_said_that_a_box_was_stolen_and_why_is_in_the_history_whatever_the_stock_knew(
    field: Field, store: Store, state: Whereabouts | None
) -> None:
    serial = BOXES[FJELLHEIM]
    if state:
        with store.register.edit(Author("ola")) as draft:
            draft.put(Equipment(serial=serial, model="Test 1", state=state, router=FJELLHEIM, note="Scratched"))
    loss.of_router(field.fleet, FJELLHEIM, KARI)
    latest = store.register.history(EntityKind.EQUIPMENT, serial)[0]
    assert (latest.revision.who, latest.revision.why) == ("kari", "burgled")
    assert isinstance(latest.entity, Equipment)
    assert (latest.entity.state, latest.entity.router) == (Whereabouts.LOST, FJELLHEIM)
    assert latest.entity.note == ("Stolen. Scratched" if state else "Stolen.")


def test_what_it_would_do_is_told_and_not_done(field: Field, store: Store) -> None:
    before = store.certificates.all(), store.devices.all(), store.revision()
    hub, site = loss.outlook(field.fleet, HUB), loss.outlook(field.fleet, FJELLHEIM)
    assert (hub.tells, site.tells) == ((FJELLHEIM, SOLBAKKEN), (HUB,))
    assert (hub.revokes, site.revokes) == ((_serial(store, HUB),), (_serial(store, FJELLHEIM),))
    assert "the hub of 2 sites" in hub.costs[0].en
    assert "replace_router" in site.costs[0].en
    assert (store.certificates.all(), store.devices.all(), store.revision()) == before
