"""Sealed secrets by name: envelopes only, see `linjevakt.trust.vault`."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import (
    select,
)

from linjevakt.store import tables
from linjevakt.store.database import Database, put


class Sealed:
    """A row a secret; nothing here can open one."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def put(self, name: str, envelope: bytes, *, replace: bool = True) -> bool:
        """Writes an envelope; False when there is one already and `replace` is not given."""
        row = {"name": name, "envelope": envelope, "saved": self._clock()}
        with self._database.write() as connection:
            found = connection.execute(select(tables.sealed.c.name).where(tables.sealed.c.name == name)).first()
            if found and not replace:
                return False
            put(connection, tables.sealed, row)
        return True

    def get(self, name: str) -> bytes | None:
        """The envelope of that name, or None."""
        with self._database.read() as connection:
            query = select(tables.sealed.c.envelope).where(tables.sealed.c.name == name)
            return connection.execute(query).scalar_one_or_none()

    def some(self, names: Collection[str]) -> Mapping[str, bytes]:
        """The envelopes of those names that are there."""
        columns = tables.sealed.c.name, tables.sealed.c.envelope
        with self._database.read() as connection:
            found = connection.execute(select(*columns).where(tables.sealed.c.name.in_(sorted(names))))
            return {row.name: row.envelope for row in found}
