"""Which box becomes which router: the wrong one is told of at once, the one in use is not replaced by mistake."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.boxes import claim
from tests.unit.workorders.papers import OWN_ISP, OWNER, SUBSCRIPTION, SURVEY, new_site, stock

from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.record import Stage
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.workorders import staging
from linjevakt.workorders.desk import Desk

ROUTER = "rtr-solbakken"
KARI = Author("kari", "the first one burned")
PORTS = ["lan0", "lan1", "wan0", "wan1"]
Box = dict[str, Any]


@pytest.fixture
def fleet(desk: Desk) -> Fleet:
    return desk.fleet


@pytest.fixture
def live(fleet: Fleet, store: Store) -> Box:
    """The box that is in use as the router."""
    box = claim("LV-7")
    staging.stage(fleet, ROUTER, box, KARI)
    store.devices.set_stage(ROUTER, Stage.LIVE, host_key=store.devices.get(ROUTER).host_key)
    return box


def _why(store: Store, serial: str) -> str:
    return store.register.history(EntityKind.EQUIPMENT, serial)[0].revision.why


def _notes(store: Store) -> dict[str, str | None]:
    return {box.serial: box.note for box in store.register.now().equipment if box.note}


@pytest.mark.parametrize("serial", ["LV-8", "LV-7"])
def test_a_router_in_use_is_not_pinned_again_by_mistake(live: Box, fleet: Fleet, store: Store, serial: str) -> None:
    before, certificates = store.devices.get(ROUTER), store.certificates.all()
    with pytest.raises(ConflictError, match=r"is in use as the box LV-7.*--replace-identity --reason WHY"):
        staging.stage(fleet, ROUTER, claim(serial), KARI)
    assert (store.devices.get(ROUTER), store.certificates.all()) == (before, certificates), (
        "nothing was certified or revoked"
    )
    del live


def test_one_that_is_replaced_is_in_the_history_of_both_boxes(live: Box, fleet: Fleet, store: Store) -> None:
    staging.stage(fleet, ROUTER, claim("LV-8"), KARI, replace=True)
    assert fleet.boxes.read_serials() == {ROUTER: "LV-8"}
    assert (_why(store, "LV-8"), _why(store, "LV-7")) == (KARI.why, KARI.why)
    assert (stock(store)["LV-7"], stock(store)["LV-8"]) == (Whereabouts.TO_BE_RETURNED, Whereabouts.STAGED)
    assert _notes(store) == {
        "LV-7": f"LV-8 took its place as {ROUTER}, 2026-11-23.",
        "LV-8": f"Took the place of LV-7 as {ROUTER}, 2026-11-23.",
    }
    del live


def test_new_keys_of_the_same_box_are_in_its_history(live: Box, fleet: Fleet, store: Store) -> None:
    staging.stage(fleet, ROUTER, claim("LV-7"), KARI, replace=True)
    assert _notes(store) == {"LV-7": f"Got new keys as {ROUTER}, 2026-11-23."}
    assert _why(store, "LV-7") == KARI.why
    del live


def test_the_same_box_with_the_same_keys_is_staged_again_as_often_as_wanted(live: Box, fleet: Fleet) -> None:
    for _ in range(2):
        staging.stage(fleet, ROUTER, live, KARI)
    with pytest.raises(ConflictError, match="is in use as the box LV-7"):
        staging.stage(fleet, ROUTER, claim("LV-8"), KARI)


def test_a_box_that_never_came_into_use_or_was_stolen_is_replaced_without_asking(fleet: Fleet, store: Store) -> None:
    staging.stage(fleet, ROUTER, claim("LV-7"), KARI)
    staging.stage(fleet, ROUTER, claim("LV-8"), KARI)
    store.devices.set_stage(ROUTER, Stage.LIVE, host_key=store.devices.get(ROUTER).host_key)
    fleet.boxes.shut_out("LV-8")
    staging.stage(fleet, ROUTER, claim("LV-9"), KARI)
    assert fleet.boxes.read_serials() == {ROUTER: "LV-9"}
    assert set(stock(store)) >= {"LV-7", "LV-8", "LV-9"}, "each is in the history"


def _put(store: Store, **fields: Any) -> None:
    with store.register.edit(Author("kari", "bought")) as draft:
        draft.put(Equipment(**({"model": "Test 1"} | fields)))


@pytest.mark.parametrize("state", [Whereabouts.STAGED, Whereabouts.SHIPPED, Whereabouts.INSTALLED, Whereabouts.LOST])
def test_a_box_that_is_another_router_is_told_at_once(fleet: Fleet, store: Store, state: Whereabouts) -> None:
    _put(store, serial="LV-50", state=state, router="rtr-fjellheim")
    with pytest.raises(ConflictError, match=f"The box LV-50 is {state} as rtr-fjellheim, not {ROUTER}"):
        staging.stage(fleet, ROUTER, claim("LV-50"), KARI)
    assert store.certificates.all() == ()


def test_a_box_of_another_platform_or_without_a_port_is_told_at_once(fleet: Fleet, store: Store) -> None:
    _put(store, serial="LV-51", platform="other")
    with pytest.raises(ConflictError, match="LV-51 is of the platform other"):
        staging.stage(fleet, ROUTER, claim("LV-51"), KARI)
    with pytest.raises(InvalidInputError, match=rf"{ROUTER} has no port wan1, lan0\. It has: eth0, wan0\."):
        staging.stage(fleet, ROUTER, claim("LV-52") | {"ports": ["wan0", "eth0"]}, KARI)
    assert store.certificates.all() == ()


def _waiting_for_its_box(desk: Desk) -> int:
    number = desk.new("new_site", new_site(), "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    assert desk.run(number).step == "stage"
    return number


def test_a_router_that_an_order_brings_a_box_for_is_staged_by_the_order(desk: Desk) -> None:
    number = _waiting_for_its_box(desk)
    with pytest.raises(ConflictError, match=f"linjevakt order stage {number} --identity FILE"):
        staging.stage(desk.fleet, "rtr-nygata", claim("LV-8"), KARI)
    desk.stage(number, "ola", claim("LV-100"))
    desk.run(number)
    with pytest.raises(ConflictError, match=rf"should be the box with serial number LV-100 \(order {number}\)"):
        staging.stage(desk.fleet, "rtr-nygata", claim("LV-8"), KARI)


@pytest.mark.parametrize(
    ("box", "error", "says"),
    [
        (lambda: claim("LV-1000"), NotFoundError, "no box with serial number LV-1000"),
        (lambda: claim("LV-60"), ConflictError, "LV-60 is installed as rtr-fjellheim"),
        (lambda: claim("LV-61"), ConflictError, "LV-61 is returned"),
        (lambda: claim("LV-100") | {"ports": ["wan0", "lan0"]}, InvalidInputError, "has no port wan1"),
        (lambda: claim("LV-100") | {"ports": "everywhere"}, InvalidInputError, "has no port wan0, wan1, lan0"),
        (lambda: claim("LV-100") | {"csr": 1}, InvalidInputError, "wrong or missing: csr"),
    ],
)
def test_a_wrong_box_is_told_to_an_order_before_it_gets_a_certificate(
    desk: Desk, store: Store, box: Callable[[], Box], error: type[Exception], says: str
) -> None:
    _put(store, serial="LV-60", state=Whereabouts.INSTALLED, router="rtr-fjellheim")
    _put(store, serial="LV-61", state=Whereabouts.RETURNED)
    number = _waiting_for_its_box(desk)
    with pytest.raises(error, match=says):
        desk.stage(number, "ola", box())
    assert (store.certificates.all(), desk.order(number).step) == ((), "stage")


# --- ports, known since staging ---


def test_a_port_that_the_router_does_not_have_is_refused_when_the_order_is_taken(desk: Desk) -> None:
    line = OWN_ISP | {"name": "wan7", "priority": 3}
    segment = {"name": "psykolog", "organisation": OWNER, "port": "lan9", "share": 20}
    share = {"site": "solbakken", "segment": segment, "shares": {"apotek": 80}}
    assert desk.new("share", share, "kari", rehearse=True), "nothing is known of a box that was never staged"
    desk.fleet.boxes.stage(ROUTER, claim("LV-7") | {"ports": PORTS})
    assert desk.fleet.boxes.read_ports(ROUTER) == tuple(PORTS)
    with pytest.raises(InvalidInputError, match=rf"{ROUTER} has no port lan9\. It has: lan0, lan1, wan0, wan1\."):
        desk.new("share", share, "kari")
    with pytest.raises(InvalidInputError, match="has no port wan7"):
        desk.new("line_change", {"site": "solbakken", "lines": [line]}, "kari")
    assert desk.orders() == ()
    good = share | {"segment": segment | {"port": "lan1", "vlan": 20}}
    number = desk.new("share", good, "kari").number
    with pytest.raises(InvalidInputError, match="has no port lan9"):
        desk.amend(number, share, "nora", "the other way in")


def test_an_order_keeps_the_ports_of_the_box_it_brings(desk: Desk) -> None:
    number = _waiting_for_its_box(desk)
    desk.stage(number, "ola", claim("LV-100") | {"ports": PORTS})
    assert desk.order(number).said("stage", "ports") == "lan0 lan1 wan0 wan1"
    evidence = desk.order(number).done("stage")
    assert evidence
    desk.fleet.boxes.pin("rtr-nygata", evidence.values)
    assert desk.fleet.boxes.read_ports("rtr-nygata") == tuple(PORTS)
