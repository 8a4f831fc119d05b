"""Brings a database to the schema of this program, through Alembic."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, text

from linjevakt.model.errors import StorageError
from linjevakt.model.saying import Saying

_MIGRATORS_LOCK: Final = 5_001_325  # any number, the same in every controller


def upgrade(connection: Connection, revision: str = "head") -> bool:
    """Runs missing migrations in the caller's transaction; False when there were none.

    Raises StorageError when the database is newer than this program.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATORS_LOCK})
    before = _version(connection)
    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise StorageError(
            Saying("The database is newer than this program ({error}). Install a newer Linjevakt.", error=error)
        ) from error
    return _version(connection) != before


def downgrade(connection: Connection, revision: str) -> None:
    """Takes migrations back to `revision` (`base`: an empty database), in the caller's transaction."""
    command.downgrade(_config(connection), revision)


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "linjevakt.store:migrations")
    config.attributes["connection"] = connection
    return config
