"""A router's order reads the register once, and all that it makes says which revision that was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.routers import BOXES, FJELLHEIM, HUB, SOLBAKKEN, Field, at_work

from linjevakt.inventory import generate
from linjevakt.model.dossier import dossier
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Inventory
from linjevakt.provisioning import lease
from linjevakt.store.snapshot import Snapshot


@pytest.fixture
def field(tmp_path: Path, inventory: Inventory) -> Iterator[Field]:
    made = at_work(tmp_path, inventory)
    yield made
    made.store.close()


@pytest.fixture
def reads(field: Field, monkeypatch: pytest.MonkeyPatch) -> list[Snapshot]:
    """Every snapshot that anyone asks the register for."""
    found: list[Snapshot] = []
    now = field.store.register.now

    def counting() -> Snapshot:
        found.append(now())
        return found[-1]

    monkeypatch.setattr(field.store.register, "now", counting)
    return found


ORDERS: dict[str, Callable[[Field, str], object]] = {
    "candidate": lambda field, router: field.fleet.pushing.candidate(router),
    "plan": lambda field, router: field.fleet.pushing.plan(router),
    "push": lambda field, router: field.push(router),
    "push of trust": lambda field, router: field.fleet.pushing.push_trust(router, 60, lambda _step: None, ""),
    "settle": lambda field, router: field.fleet.pushing.settle(router),
    "target": lambda field, router: field.fleet.doors.target(router),
    "poll": lambda field, router: field.fleet.polling.poll(router),
    "openings": lambda field, router: field.fleet.doors.try_openings(router, "wan0"),
    "list": lambda field, router: field.fleet.doors.read_list(router),
    "stage": lambda field, router: field.fleet.boxes.pin(router, claim(BOXES[router])),
    "bootstrap": lambda field, router: field.fleet.boxes.bootstrap(router, claim("LV-0098")),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("router", [FJELLHEIM, HUB])
def test_an_order_to_a_router_reads_the_register_once(
    field: Field, reads: list[Snapshot], order: str, router: str
) -> None:
    ORDERS[order](field, router)
    assert len(reads) == 1


def test_a_push_that_settles_what_was_left_behind_reads_the_register_anew_after_the_wait(
    field: Field, reads: list[Snapshot]
) -> None:
    until = field.clock.now() + lease.LEASE
    field.store.pushes.begin(FJELLHEIM, candidate_hash="c0ffee", revert_in_s=60, worker="elsewhere:1", until=until)
    field.clock.sleep(3600)
    assert field.push(FJELLHEIM).ok
    assert len(reads) == 2


def test_a_plan_a_push_and_its_proof_say_which_revision_they_were_made_from(field: Field) -> None:
    inventory, first = field.fleet.inventory, _revision(field)
    assert field.store.pushes.latest(FJELLHEIM)[0].revision == first
    closed = inventory.site("fjellheim").model_copy(update={"segments": inventory.site("fjellheim").segments[:1]})
    others = tuple(site for site in inventory.sites if site.key != closed.key)
    save_inventory(field.store, inventory.model_copy(update={"sites": (closed, *others)}), "kari")
    second = _revision(field)
    assert second > first
    plan, result = field.fleet.pushing.plan(FJELLHEIM), field.push(FJELLHEIM)
    assert result.plan
    assert result.proof
    assert {plan.revision, result.revision, result.plan.revision, result.proof.revision} == {second}
    assert [push.revision for push in field.store.pushes.latest(FJELLHEIM)] == [second, first]


def test_a_push_under_way_has_its_revision_written_down(field: Field) -> None:
    seen = []

    def heard(_step: str) -> None:
        running = field.store.pushes.running(SOLBAKKEN)
        seen.append(running.revision if running else None)

    field.fleet.pushing.push(SOLBAKKEN, 60, heard)
    assert set(seen) == {_revision(field)}


def test_a_push_of_trust_says_its_revision_too(field: Field) -> None:
    result = field.fleet.pushing.push_trust(SOLBAKKEN, 60, lambda _step: None, "")
    assert (result.revision, result.proof and result.proof.revision) == (_revision(field), _revision(field))


def test_what_was_approved_stays_so_when_something_else_changes(field: Field) -> None:
    """The hash binds what the router would get, and not which revision says so."""
    plan, inventory = field.fleet.pushing.plan(FJELLHEIM), field.fleet.inventory
    elsewhere = inventory.site("solbakken")
    moved = elsewhere.model_copy(update={"place": elsewhere.place.model_copy(update={"room": "13"})})
    others = tuple(site for site in inventory.sites if site.key != moved.key)
    save_inventory(field.store, inventory.model_copy(update={"sites": (moved, *others)}), "kari")
    again = field.fleet.pushing.plan(FJELLHEIM)
    assert (again.hash, again.revision) == (plan.hash, plan.revision + 1)


def test_a_dossier_holds_what_is_the_router_s_and_nothing_of_the_rest() -> None:
    fleet = generate(50)
    last, hub = fleet.sites[-1], fleet.installation.hubs[0]
    found = dossier(fleet, last.router.name, revision=7)
    assert (found.revision, found.role, found.site, found.hub) == (7, "site", last, fleet.hub_of(last))
    assert list(found.members) == list(dict.fromkeys([last.owner, *(one.organisation for one in last.segments)]))
    centre = dossier(fleet, hub.router.name)
    assert (centre.role, centre.site, centre.hub, dict(centre.members)) == ("hub", None, hub, {})
    assert centre.behind == len(fleet.behind(hub.router.name))


def test_a_dossier_of_nobody_and_one_without_a_box_say_so() -> None:
    fleet = generate(3)
    with pytest.raises(NotFoundError, match="There is no router 'rtr-nobody'"):
        dossier(fleet, "rtr-nobody")
    with pytest.raises(NotFoundError, match="is not staged yet"):
        _ = dossier(fleet, fleet.sites[0].router.name).box


def _revision(field: Field) -> int:
    last = field.store.revision()
    assert last
    return last.number
