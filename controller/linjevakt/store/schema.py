"""Brings a database to the schema of this program, through Alembic."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from linjevakt.model.errors import StorageError

_MIGRATORS_LOCK: Final = 5_001_325  # any number, the same in every controller


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Runs missing migrations in the caller's transaction. Raises StorageError when the database is newer."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATORS_LOCK})
    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise StorageError(f"The database is newer than this program ({error}). Install a newer Linjevakt.") from error


def downgrade(connection: Connection, revision: str) -> None:
    """Takes migrations back to `revision` (`base`: an empty database), in the caller's transaction."""
    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "linjevakt.store:migrations")
    config.attributes["connection"] = connection
    return config
