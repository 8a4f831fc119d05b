"""A vault over a database of its own, and a box's own keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim

from linjevakt.model.record import BoxIdentity
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = prepared.checked(prepared.migrated(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def vault(store: Store) -> Vault:
    return Vault(store, SealKey.generate())


@pytest.fixture
def box() -> BoxIdentity:
    """What a fresh box answers to `linjevakt-agent identity --json`."""
    return BoxIdentity(**claim())
