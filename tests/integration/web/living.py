"""A real web server over a small living fleet: orders of several kinds in various states, and no router to wait for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import uvicorn
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.workorders.field import FakeField

from linjevakt import census, web
from linjevakt.health.metrics import Metrics
from linjevakt.inventory import load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Inventory, Pool
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.web.api.examples import WISHES
from linjevakt.workorders.desk import Desk

SUBSCRIPTION = {"business": "yes", "document": "bekreftelse 17"}
SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-87"}


def filled(folder: Path, inventory: Inventory) -> Store:
    """A migrated SQLite store with the fleet, pools, and boxes in stock."""
    store = prepared.checked(f"sqlite:///{folder / 'linjevakt.db'}")
    store.migrate()
    pools = (Pool(key="sites", network=IPv4Network("10.96.0.0/16")),)
    installation = inventory.installation.model_copy(update={"pools": pools})
    save_inventory(store, inventory.model_copy(update={"installation": installation}), "kari")
    with store.register.edit(Author("kari", "delivered")) as draft:
        for n in range(5):
            draft.put(Equipment(serial=f"LV-10{n}", model="Eksempelboks 4"))
    return store


def desk_over(store: Store) -> tuple[Desk, FakeField]:
    """The orders, with a field in memory."""
    catalogue, field = load_catalogue(None), FakeField(store)
    fleet = Fleet(store, Vault(store, SealKey.generate()), catalogue)
    fleet.boxes.stage("rtr-fjellheim", claim("LV-0011"))
    return Desk(fleet, catalogue, hands=lambda _heard: field), field


def live(desk: Desk, field: FakeField) -> None:
    """Orders: one done, one cancelled, one that a box waits in, one in trouble, and two that wait for people."""
    done = _taken(desk, "share", {"site": "solbakken", "segment": _segment("psykolog"), "shares": {"apotek": 80}})
    desk.record(done, "ola", {"confirmed": "2026-01-20", "document": "arkiv 2026/99"})
    desk.run(done)
    desk.cancel(_taken(desk, "add_service", _service("ntp")), "kari", "they do not want it")
    staged = _taken(desk, "new_site", WISHES["new_site"])
    for answers in (SUBSCRIPTION, SURVEY):
        desk.record(staged, "ola", answers)
    desk.run(staged)
    desk.stage(staged, "ola", claim("LV-100"))
    desk.run(staged)
    field.away.add("rtr-fjellheim")
    troubled = _taken(desk, "add_service", _service("ntp"))
    desk.run(troubled)
    _taken(desk, "unshare", {"site": "solbakken", "segment": "psykolog", "shares": {"apotek": 100}})
    site = {**WISHES["new_site"]["site"], "key": "lia"}
    _taken(desk, "new_site", {**WISHES["new_site"], "site": site})


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """A server on the loopback while the block runs; yields its address."""
    store = desk.fleet.store
    metrics = Metrics(
        store.healths.each,
        store.pushes.totals,
        lambda: revocation.standing(desk.fleet),
        census.Taker(desk.fleet).take,
    )
    app = web.create(
        desk,
        metrics.scraped,
        nudge=lambda _number, _who: None,
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _taken(desk: Desk, kind: str, wish: Any) -> int:
    return desk.new(kind, wish, "kari").number


def _segment(name: str) -> dict[str, Any]:
    return {"name": name, "organisation": "310000019", "port": "lan1", "share": 20}


def _service(key: str) -> dict[str, Any]:
    return {"site": "fjellheim", "segment": "legekontor", "service": key}
