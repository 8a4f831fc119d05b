"""A register on each kind of database, by a clock that stands still."""

from collections.abc import Iterator

import pytest
from tests.integration.store.registers import Clock, opened
from tests.registers import save_inventory

from linjevakt.model.inventory import Inventory
from linjevakt.store import Store
from linjevakt.store.register import Register


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    """A migrated store that goes by the clock."""
    with opened(database_url, clock) as store:
        yield store


@pytest.fixture
def register(store: Store, inventory: Inventory) -> Register:
    """Of two sites: Fjellheim has 10.64.1.0/24 and 10.64.2.0/24, Solbakken 10.64.3.0/24; quarantine is 120 days."""
    save_inventory(store, inventory, "kari")
    return store.register
