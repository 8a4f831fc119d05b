"""The migrations lead to exactly the tables that the code knows, and back."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from linjevakt.model.errors import StorageError
from linjevakt.store import Store, schema
from linjevakt.store.engine import open_engine
from linjevakt.store.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def test_the_migrated_schema_is_the_one_in_the_code(engine: Engine) -> None:
    with engine.begin() as connection:
        schema.upgrade(connection)
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_down_and_up_again_leaves_an_empty_database_in_between(engine: Engine) -> None:
    with engine.begin() as connection:
        schema.upgrade(connection)
        schema.downgrade(connection, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    with engine.begin() as connection:
        schema.upgrade(connection)
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(store: Store) -> None:
    store.put_sealed("name", b"envelope")
    store.migrate()
    assert store.sealed("name") == b"envelope"


def test_a_database_of_a_newer_program_is_left_alone(store: Store, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer than this program"):
        store.migrate()
