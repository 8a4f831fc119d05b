"""A fleet with one router in each condition, and the web over it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.boxes import claim

from linjevakt import web
from linjevakt.fleet import Fleet
from linjevakt.health.metrics import Metrics
from linjevakt.inventory import load_catalogue
from linjevakt.model.change import Leg, Plan, Proof, PushResult, PushState
from linjevakt.model.health import Health, LineHealth
from linjevakt.model.inventory import Inventory
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'linjevakt.db'}", clock=lambda: NOON)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def fleet(store: Store) -> Fleet:
    return Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None))


@pytest.fixture
def populated(fleet: Fleet, inventory: Inventory) -> Fleet:
    """Fjellheim is well and was pushed to; Solbakken is silent and its push was reverted; the hub was never staged."""
    fleet.store.save_inventory(inventory, "kari")
    for router, serial in (("rtr-fjellheim", "LV-0011"), ("rtr-solbakken", "LV-0012")):
        fleet.stage(router, claim(serial))
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
    fleet.store.save_health(well, Health("rtr-solbakken", NOON, reachable=False, detail="no answer <b>to SNMP</b>"))
    _push(fleet.store, "rtr-fjellheim", PushState.CONFIRMED, Leg("login", ok=True, detail="logged in"))
    _push(fleet.store, "rtr-solbakken", PushState.REVERTED, Leg("dns", ok=False, detail="no answer"))
    return fleet


def _push(store: Store, router: str, state: PushState, leg: Leg) -> None:
    begun = store.begin_push(router, candidate_hash="c0ffee", revert_in_s=60, worker="noc:1")
    plan = Plan(router, "+secret <secret 1a2b3c4d>", (), "beef", "")
    store.end_push(begun, PushResult(router, state, "", NOON, 2.0, plan, Proof((leg,))))


def client_at(fleet: Fleet, now: datetime = NOON) -> TestClient:
    """The web over a fleet, at a time."""
    app = web.create(fleet, Metrics(fleet.store).registry, clock=lambda: now)
    return TestClient(app, headers={"Accept-Language": ""}, raise_server_exceptions=False)


@pytest.fixture
def client(populated: Fleet) -> TestClient:
    """The web over the populated fleet."""
    return client_at(populated)


@pytest.fixture
def empty(fleet: Fleet) -> TestClient:
    """The web over a new installation."""
    return client_at(fleet)
