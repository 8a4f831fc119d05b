"""SQLite databases with the schema of this program: migrated once a process, then a copy for whoever asks."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from linjevakt.store import Store

_NAME = "linjevakt.db"


def migrated(folder: Path) -> str:
    """The URL of a new, empty database in the folder."""
    return copied(_migrated(), folder)


def copied(database: bytes, folder: Path) -> str:
    """The URL of a new database in the folder, with that content."""
    file = folder / _NAME
    file.write_bytes(database)
    return f"sqlite:///{file}"


def content(folder: Path) -> bytes:
    """All of the database in the folder, once its store is closed: only then is it whole in its file."""
    assert not (folder / f"{_NAME}-wal").exists(), "somebody has the database open"
    return (folder / _NAME).read_bytes()


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/{_NAME}")
        store.migrate()
        store.close()
        return content(Path(folder))
