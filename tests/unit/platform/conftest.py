"""The made-up vendor's folder beside the shipped one, and a fleet that has both."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.routers import Today
from tests.unit.platform import acme
from tests.unit.platform.box import Box
from tests.unit.platform.field import ROUTER, Field, Poller

from linjevakt import resources
from linjevakt.inventory import load_catalogue
from linjevakt.model.change import PushState
from linjevakt.model.inventory import Inventory
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

VENDORS = {"wan0": "GigabitEthernet0/0/0.102", "wan1": "Cellular0/2/0", "lan0": "GigabitEthernet0/0/1"}


@pytest.fixture(scope="session")
def vendors(inventory: Inventory) -> Inventory:
    """The fleet with one site whose router is the vendor's, and writes its interfaces in its own way."""
    site = inventory.sites[0]
    lines = tuple(line.model_copy(update={"name": VENDORS[line.name]}) for line in site.lines)
    segments = tuple(segment.model_copy(update={"port": VENDORS[segment.port]}) for segment in site.segments)
    router = site.router.model_copy(update={"platform": "acme"})
    ours = site.model_copy(update={"router": router, "lines": lines, "segments": segments})
    return inventory.model_copy(update={"sites": (ours, *inventory.sites[1:])})


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """The shipped platform, and the vendor's folder beside it."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "linux").symlink_to(resources.templates() / "linux")
    shutil.copytree(Path(__file__).parent / "templates" / "acme", folder / "acme")
    return folder


@pytest.fixture(scope="session")
def staged(vendors: Inventory, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, SealKey]:
    """The database of a fleet whose vendor's router is staged, and its key."""
    folder, key = tmp_path_factory.mktemp("staged"), SealKey.generate()
    store = Store(prepared.migrated(folder))
    save_inventory(store, vendors, "kari")
    Fleet(store, Vault(store, key), load_catalogue(None)).boxes.pin(ROUTER, claim("LV-0011"))
    store.close()
    return prepared.content(folder), key


@pytest.fixture
def field(tmp_path: Path, templates: Path, staged: tuple[bytes, SealKey]) -> Iterator[Field]:
    """Staged, and not yet pushed to."""
    clock, (database, key) = Today(), staged
    store = Store(prepared.copied(database, tmp_path), clock=clock.now)
    box = acme.BOXES["10.250.0.11"] = Box(clock)
    poller = Poller(clock)
    fleet = Fleet(store, Vault(store, key), load_catalogue(None), templates, clock=clock, poller=poller)
    yield Field(fleet, store, box, clock, templates, poller)
    store.close()
    acme.BOXES.clear()


@pytest.fixture
def at_work(field: Field) -> Field:
    """Pushed to once."""
    assert field.push().state is PushState.CONFIRMED
    field.box.done.clear()
    return field
