"""What is stored of the register is read when it is asked for, and no sooner."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests import prepared
from tests.registers import save_inventory

from linjevakt.model.entity import EntityKind
from linjevakt.model.errors import StorageError
from linjevakt.model.inventory import Inventory
from linjevakt.store import Store


@pytest.fixture
def damaged(tmp_path: Path, inventory: Inventory) -> str:
    """A register in which one site is none."""
    url = prepared.migrated(tmp_path)
    with closing(Store(url)) as store:
        save_inventory(store, inventory, "kari")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE versions SET document = '{}' WHERE kind = 'site' AND key = 'solbakken'"))
    engine.dispose()
    return url


def test_one_site_is_read_whatever_another_holds(damaged: str) -> None:
    with closing(Store(damaged)) as store:
        now = store.register.now()
        assert now.sites["fjellheim"].key == "fjellheim"
        assert "solbakken" in now.sites
        assert now.members[now.sites["fjellheim"].owner].number == now.sites["fjellheim"].owner


@pytest.mark.parametrize("how", ["the site", "the fleet"])
def test_what_is_no_site_is_told_as_damage_when_it_is_asked_for(damaged: str, how: str) -> None:
    with closing(Store(damaged)) as store:
        now = store.register.now()
        with pytest.raises(StorageError, match="Restore it from its backup"):
            _ = now.sites["solbakken"] if how == "the site" else now.inventory


def test_a_change_leaves_the_others_as_they_were_read(inventory: Inventory, tmp_path: Path) -> None:
    with closing(Store(prepared.migrated(tmp_path))) as store:
        save_inventory(store, inventory, "kari")
        before = store.register.now()
        one, other = before.sites.values()
        after = before.changed({(EntityKind.SITE, other.key): None}, before.revision + 1)
        assert list(after.sites) == [one.key]
        assert after.sites[one.key] is one
        assert before.sites[other.key] is other
