"""Opens the database: SQLite with its safety catches off the shelf put on, PostgreSQL as it is."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from linjevakt.model import system
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

PATIENCE_S = 10.0
"""How long a writer waits for the others."""

_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's, when lock_timeout is over
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://...`. Raises InvalidInputError for any other URL."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return create_engine(parsed, pool_pre_ping=True)


def is_busy(error: DBAPIError) -> bool:
    """Whether it only says that others had the database for too long."""
    code: str = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    return code.startswith("SQLITE_BUSY") or code == _LOCK_NOT_AVAILABLE


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        return parsed.set(drivername=_DRIVERS[parsed.drivername.split("+")[0]])
    except (ArgumentError, KeyError):
        raise InvalidInputError(
            Saying(
                "The database URL is none that Linjevakt knows: use sqlite:////path/to/file or "
                "postgresql://user@host/name."
            )
        ) from None


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        _create(Path(url.database))
    engine = create_engine(url, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _create(file: Path) -> None:
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise InvalidInputError(
            Saying(
                "The database file {file} cannot be opened: {why}. Has `linjevakt init` run?",
                file=file,
                why=system.reason(error),
            )
        ) from error


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - this listener is SQLite's
    for pragma in (f"busy_timeout = {1000 * PATIENCE_S:.0f}", "journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: a read that turns into a write would not wait (SQLITE_BUSY_SNAPSHOT)."""
    options = connection.get_execution_options()
    patience_s: float = options.get("patience_s", PATIENCE_S)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {1000 * patience_s:.0f}")
    connection.exec_driver_sql("BEGIN" if options.get("reads", False) else "BEGIN IMMEDIATE")
