"""Databases to test against: SQLite in a file, and a PostgreSQL server of our own on a Unix socket."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from tests import prepared

from linjevakt.store import Store


def _as_postgres(*argv: str | Path) -> None:
    """Runs a program as the user `postgres` (initdb refuses root), or as we are when we are not root."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    subprocess.run(argv, check=True, capture_output=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _programs() -> Path:
    """Debian's newest PostgreSQL; its package is in docs/development and must be there, no test is skipped."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster without TCP; the value is its URL, with `{}` for the database's name."""
    home, programs = Path(mkdtemp(prefix="pg-", dir="/tmp")), _programs()
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    _as_postgres(programs / "initdb", "--pgdata", home / "data", "--username", "linjevakt", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    server = (programs / "pg_ctl", "--pgdata", home / "data", "--wait")
    _as_postgres(*server, "--log", home / "log", "--options", options, "start")
    try:
        yield f"postgresql://linjevakt@/{{}}?host={home}"
    finally:
        _as_postgres(*server, "--mode", "immediate", "stop")
        shutil.rmtree(home)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'linjevakt.db'}"
    return _new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with this program's schema, a copy of the test's own, once of each kind."""
    if kind == "sqlite":
        return prepared.migrated(tmp_path)
    return _new_database(request.getfixturevalue("postgres"), request.getfixturevalue("template"))


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a database to copy: it has this program's schema and is empty."""
    url = _new_database(postgres)
    store = prepared.checked(url)
    store.migrate()
    store.close()
    return url.partition("?")[0].rpartition("/")[2]


def _new_database(postgres: str, template: str = "template1") -> str:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as site:
        site.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    return postgres.format(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store."""
    opened = prepared.checked(database_url)
    yield opened
    opened.close()
