"""A desk over a real register, with a field in memory and a clock that stands until it is moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests import prepared
from tests.registers import save_inventory
from tests.unit.workorders.field import FakeField

from linjevakt.inventory import load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Inventory, Pool
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders.desk import Desk


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime | timedelta) -> None:
        self.now = to if isinstance(to, datetime) else self.now + to


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock, inventory: Inventory) -> Store:
    """A store with the fleet, a pool, and three boxes in stock; they came in when the clocks of all tests begin."""
    return prepared.checked(prepared.copied(_stocked(inventory), folder), clock=clock)


@cache
def _stocked(inventory: Inventory) -> bytes:
    with TemporaryDirectory() as folder:
        store = prepared.checked(prepared.migrated(Path(folder)), clock=Clock())
        _fill(store, inventory)
        store.close()
        return prepared.content(Path(folder))


def _fill(store: Store, inventory: Inventory) -> None:
    pools = (Pool(key="sites", network=IPv4Network("10.96.0.0/16")),)
    installation = inventory.installation.model_copy(update={"pools": pools})
    save_inventory(store, inventory.model_copy(update={"installation": installation}), "kari")
    with store.register.edit(Author("kari", "delivered")) as draft:
        for n in range(3):
            draft.put(Equipment(serial=f"LV-10{n}", model="Test 1"))


@pytest.fixture
def store(tmp_path: Path, clock: Clock, inventory: Inventory) -> Iterator[Store]:
    made = opened(tmp_path, clock, inventory)
    yield made
    made.close()


@pytest.fixture
def field(store: Store) -> FakeField:
    return FakeField(store)


@pytest.fixture
def desk(store: Store, clock: Clock, field: FakeField) -> Desk:
    catalogue = load_catalogue(None)
    fleet = Fleet(store, Vault(store, SealKey.generate()), catalogue)
    return Desk(fleet, catalogue, clock=clock, hands=lambda _heard: field)
