"""SQLite databases with the schema of this program, migrated once a process and copied; stores that hold the rules."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from linjevakt import platforms
from linjevakt.inventory import load_catalogue
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Inventory
from linjevakt.store import Store

_NAME = "linjevakt.db"


def checked(url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC), *, patience_s: float = 60.0) -> Store:
    """A store as the program opens it: whoever edits keeps to the rules."""
    return Store(url, clock, check=refuse_broken, patience_s=patience_s)


def refuse_broken(fleet: Inventory | rules.Change) -> None:
    """By the catalogue and the platforms that come with the program."""
    rules.refuse_broken(fleet, _catalogue(), platforms.every())


@cache
def _catalogue() -> Catalogue:
    return load_catalogue(None)


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
