"""Databases to test against: SQLite in a file, and a PostgreSQL server of our own on a Unix socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import prepared
from tests.cluster import cluster, new_database

from linjevakt.store import Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """See `cluster`."""
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'linjevakt.db'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with this program's schema, a copy of the test's own, once of each kind."""
    if kind == "sqlite":
        return prepared.migrated(tmp_path)
    return new_database(request.getfixturevalue("postgres"), request.getfixturevalue("template"))


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a database to copy: it has this program's schema and is empty."""
    url = new_database(postgres)
    store = prepared.checked(url)
    store.migrate()
    store.close()
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store."""
    opened = prepared.checked(database_url)
    yield opened
    opened.close()
