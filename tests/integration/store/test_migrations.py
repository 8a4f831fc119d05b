"""The migrations lead to exactly the tables that the code knows, and back."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text
from tests import prepared
from tests.integration.store.registers import on, put
from tests.registers import save_inventory

from linjevakt.inventory import generate
from linjevakt.model.actor import Actor, Role, Via
from linjevakt.model.change import PushResult, PushState
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import StorageError
from linjevakt.model.rules.change import NAMES, Holding, held
from linjevakt.model.rules.tables import UNIQUE
from linjevakt.model.saying import Saying, in_language
from linjevakt.store import Store, schema
from linjevakt.store.engine import open_engine
from linjevakt.store.tables import holdings, metadata


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    opened = open_engine(empty_url)
    yield opened
    opened.dispose()


def test_the_migrated_schema_is_the_one_in_the_code(engine: Engine) -> None:
    with engine.begin() as site:
        schema.upgrade(site)
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(site, opts=options), metadata) == []


def test_down_and_up_again_leaves_an_empty_database_in_between(engine: Engine) -> None:
    with engine.begin() as site:
        schema.upgrade(site)
        schema.downgrade(site, "base")
        assert inspect(site).get_table_names() == ["alembic_version"]
    with engine.begin() as site:
        schema.upgrade(site)
        assert set(inspect(site).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    store = Store(empty_url)
    assert store.migrate()
    store.sealed.put("name", b"envelope")
    assert not store.migrate()
    assert store.sealed.get("name") == b"envelope"
    store.close()


def test_a_database_of_a_newer_program_is_left_alone(store: Store, database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as site:
        site.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match="newer than this program"):
        store.migrate()


def test_a_reason_from_before_the_norwegian_one_is_english_in_both(empty_url: str, engine: Engine) -> None:
    """Whatever it holds: a text of data is no template."""
    store, said = Store(empty_url), Saying("{router} is not staged", router="{0.__class__}")
    store.migrate()
    begun = store.pushes.begin(
        "rtr-a",
        candidate_hash="c0ffee",
        revert_in_s=60,
        worker="noc:1",
        until=datetime.now(UTC) + timedelta(minutes=5),
        revision=7,
    )
    store.pushes.end(begun, PushResult("rtr-a", PushState.FAILED, said, datetime.now(UTC), 1.0))
    (now,) = store.pushes.latest("rtr-a")
    assert [in_language(now.reason, language) for language in ("en", "nb")] == [said, said.said("nb")]
    with engine.begin() as site:
        schema.downgrade(site, "0003")
        schema.upgrade(site)
    (old,) = store.pushes.latest("rtr-a")
    assert {in_language(old.reason, language) for language in ("en", "nb")} == {str(said)}
    assert (now.revision, old.revision) == (7, None)
    store.close()


def test_a_change_from_before_actors_were_kept_has_the_name_that_it_had(empty_url: str, engine: Engine) -> None:
    store, kari = prepared.checked(empty_url), Actor("kari", "kari", frozenset({Role.CLERK}), Via.CLI, "Nora")
    store.migrate()
    with store.register.edit(Author(kari, "delivered")) as draft:
        draft.put(Equipment(serial="LV-1", model="Test 1"))
    new = store.register.revision()
    assert new is not None
    assert (new.who, new.actor) == ("Nora (recorded by kari)", kari)
    with engine.begin() as site:
        schema.downgrade(site, "0007")
        schema.upgrade(site)
    (old,) = (version.revision for version in store.register.history())
    assert (old.who, old.why, old.actor) == ("Nora (recorded by kari)", "delivered", None)
    store.close()


def test_who_holds_what_is_written_down_of_the_sites_that_were_there_before(empty_url: str, engine: Engine) -> None:
    """As an edit of today would: with every kind of value that is looked for."""
    with closing(prepared.checked(empty_url)) as store:
        store.migrate()
        plain, *others = generate(10).sites
        serial = plain.model_copy(update={"router": plain.router.model_copy(update={"serial": "LV-1"})})
        fleet = generate(10).model_copy(update={"sites": (serial, *others)})
        save_inventory(store, fleet, "kari")
        put(store.register, on(serial, "10.99.0.0/24"))
        with engine.begin() as site:
            schema.downgrade(site, "0006")
            schema.upgrade(site)
            rows = site.execute(select(holdings.c.what, holdings.c.value, holdings.c.site)).all()
    assert {Holding(*row) for row in rows} == held(fleet.sites)
    assert {what for what, _, _ in rows} == {NAMES, *UNIQUE}
