"""A fleet with one router in each condition, and the web over it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.workorders.field import FakeField

from linjevakt import census, web
from linjevakt.health.metrics import Metrics
from linjevakt.inventory import load_catalogue
from linjevakt.model.change import Leg, Plan, Proof, PushResult, PushState
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment
from linjevakt.model.health import Health, LineHealth
from linjevakt.model.inventory import Inventory, Pool
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.web.api import Nudge
from linjevakt.workorders.desk import Desk

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = SealKey.generate()


def opened(url: str) -> Store:
    """A store in which it is always noon."""
    return prepared.checked(url, clock=lambda: NOON)


def fleet_of(store: Store) -> Fleet:
    return Fleet(store, Vault(store, KEY), load_catalogue(None))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """A new installation."""
    with closing(opened(prepared.migrated(tmp_path))) as store:
        yield fleet_of(store)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, inventory: Inventory) -> bytes:
    """The populated fleet, with pools, and two boxes in stock."""
    folder = tmp_path_factory.mktemp("database")
    with closing(opened(prepared.migrated(folder))) as store:
        _populate(fleet_of(store), inventory)
        _equip(store)
    return prepared.content(folder)


@pytest.fixture
def populated(database: bytes, tmp_path: Path) -> Iterator[Fleet]:
    """A fleet of the test's own, as `_populate` and `_equip` leave it."""
    with closing(opened(prepared.copied(database, tmp_path))) as store:
        yield fleet_of(store)


def _populate(fleet: Fleet, inventory: Inventory) -> None:
    """Fjellheim is well and was pushed to; Solbakken is silent and its push was reverted; the hub was never staged."""
    save_inventory(fleet.store, inventory, "kari")
    for router, serial in (("rtr-fjellheim", "LV-0011"), ("rtr-solbakken", "LV-0012")):
        fleet.boxes.stage(router, claim(serial))
    line = LineHealth("wan0", "own_isp", "up", in_use=True, rtt_ms=1.2, changes=0, address="198.51.100.2")
    well = Health(
        "rtr-fjellheim",
        NOON,
        reachable=True,
        config_state="confirmed",
        certificate_expires=NOON,
        tunnel_up=True,
        lines=(line,),
    )
    fleet.store.healths.save(well, Health("rtr-solbakken", NOON, reachable=False, detail="no answer <b>to SNMP</b>"))
    _push(fleet.store, "rtr-fjellheim", PushState.CONFIRMED, Leg("login", ok=True, detail="logged in"))
    _push(fleet.store, "rtr-solbakken", PushState.REVERTED, Leg("dns", ok=False, detail="no answer"))


def _equip(store: Store) -> None:
    pools = (Pool(key="sites", network=IPv4Network("10.96.0.0/16")),)
    with store.register.edit(Author("kari", "pools and boxes")) as draft:
        draft.put(draft.inventory.installation.model_copy(update={"pools": pools}))
        for serial in ("LV-100", "LV-101"):
            draft.put(Equipment(serial=serial, model="Eksempelboks 4"))


def _push(store: Store, router: str, state: PushState, leg: Leg) -> None:
    begun = store.pushes.begin(
        router, candidate_hash="c0ffee", revert_in_s=60, worker="noc:1", until=datetime.now(UTC) + timedelta(minutes=5)
    )
    plan = Plan(router, "+secret <secret 1a2b3c4d>", (), "beef", "")
    store.pushes.end(begun, PushResult(router, state, "", NOON, 2.0, plan, Proof((leg,))))


@dataclass
class Nudged:
    """Remembers whom it was asked to wake."""

    orders: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, number: int, who: str) -> None:
        self.orders.append((number, who))


def desk_of(fleet: Fleet, now: datetime = NOON) -> Desk:
    """The orders of a fleet, with a field in memory."""
    hands = FakeField(fleet.store)
    return Desk(fleet, load_catalogue(None), clock=lambda: now, hands=lambda _heard: hands)


def client_at(
    fleet: Fleet,
    now: datetime = NOON,
    *,
    desk: Desk | None = None,
    nudge: Nudge | None = None,
    hosts: Sequence[str] = (),
) -> TestClient:
    """The web over a fleet, at a time."""
    scraped = Metrics(
        fleet.store.healths.each,
        fleet.store.pushes.totals,
        lambda: revocation.standing(fleet),
        census.Taker(fleet).take,
    ).scraped
    app = web.create(desk or desk_of(fleet, now), scraped, clock=lambda: now, hosts=hosts, nudge=nudge)
    headers = {"Accept-Language": ""}
    return TestClient(app, "http://localhost", headers=headers, raise_server_exceptions=False)


@pytest.fixture
def desk(populated: Fleet) -> Desk:
    """The orders of the populated fleet."""
    return desk_of(populated)


@pytest.fixture
def nudged() -> Nudged:
    """Whom the web has woken."""
    return Nudged()


@pytest.fixture(scope="session")
def client(database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The web over the populated fleet, one for all tests: its database refuses to be written."""
    with closing(opened(prepared.copied(database, tmp_path_factory.mktemp("read")))) as store:
        event.listen(store._database.engine, "connect", lambda link, _: link.execute("PRAGMA query_only = ON"))  # noqa: SLF001
        yield client_at(fleet_of(store))


@pytest.fixture
def writer(populated: Fleet, desk: Desk, nudged: Nudged) -> TestClient:
    """The web over the populated fleet, for a test that writes."""
    return client_at(populated, desk=desk, nudge=nudged)


@pytest.fixture
def empty(fleet: Fleet) -> TestClient:
    """The web over a new installation."""
    return client_at(fleet)
