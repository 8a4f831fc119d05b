"""The register's doors: read it, read it as of a day, change it as one, and see who changed what."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from ipaddress import IPv4Network
from threading import Lock

from sqlalchemy import Connection, Select, and_, exists, func, select, text

from linjevakt.model.entity import Author, EntityKind, Lease, Revision, Version
from linjevakt.store import leases, snapshot
from linjevakt.store.draft import Draft
from linjevakt.store.engine import BUSY_TIMEOUT_MS
from linjevakt.store.records import Row, revision
from linjevakt.store.snapshot import Snapshot
from linjevakt.store.tables import revisions, versions

_EDITORS_LOCK = 5_001_326  # any number, the same in every controller
Opened = Callable[[], AbstractContextManager[Connection]]


class Register:
    """Installation, organisations, sites, boxes and orders: every version of each."""

    def __init__(self, read: Opened, write: Opened, clock: Callable[[], datetime]) -> None:
        self._read, self._write, self._clock = read, write, clock
        self._last = Snapshot()
        self._lock = Lock()

    def now(self) -> Snapshot:
        """Everything as it is."""
        with self._read() as connection:
            return self._renewed(connection)

    def at(self, moment: datetime) -> Snapshot:
        """Everything as it was at a moment."""
        with self._read() as connection:
            query = select(func.max(revisions.c.number)).where(revisions.c.saved <= moment)
            return snapshot.as_of(connection, self._last, connection.execute(query).scalar_one() or 0)

    def at_revision(self, number: int) -> Snapshot:
        """Everything as that revision left it."""
        with self._read() as connection:
            return snapshot.as_of(connection, self._last, number)

    @contextmanager
    def edit(
        self, author: Author, check: Callable[[Draft], None] = lambda _draft: None, *, rehearse: bool = False
    ) -> Iterator[Draft]:
        """A draft that becomes one revision when the block ends, and nothing when it raises, or `check` does.

        One at a time: whoever edits reads what the one before has written. Raises ConflictError for taken addresses,
        and when the others take longer than 10 s. `rehearse`: all is done, to see whether it can be, and taken back.
        """
        self.now()  # before the lock: to read a whole register takes seconds, what was changed since does not
        with self._write() as connection:
            _alone(connection)
            draft = Draft(connection, snapshot.renewed(connection, self._last), author, self._clock())
            yield draft
            check(draft)
            draft.commit()
            if rehearse:
                connection.rollback()

    def revision(self, number: int | None = None) -> Revision | None:
        """The change of that number, or the last of all; None when there was none."""
        query = select(revisions).order_by(revisions.c.number.desc()).limit(1)
        with self._read() as connection:
            wanted = query if number is None else query.where(revisions.c.number == number)
            row = connection.execute(wanted).mappings().first()
            return revision(row) if row else None

    def history(
        self, kind: EntityKind | None = None, key: str | None = None, *, order: int | None = None, limit: int = 100
    ) -> tuple[Version, ...]:
        """What was changed, newest first: of a kind, of one entity, or by an order."""
        wanted = (kind, key, order)
        with self._read() as connection:
            made = [_version(row) for row in connection.execute(_made(*wanted).limit(limit)).mappings()]
            gone = [_removal(row) for row in connection.execute(_removed(*wanted).limit(limit)).mappings()]
        found = sorted([*made, *gone], key=lambda version: (-version.revision.number, version.kind, version.key))
        return tuple(found[:limit])

    def who_had(self, network: IPv4Network, at: datetime | None = None) -> tuple[Lease, ...]:
        """Who has had any address of the network, at that moment or (None) ever; newest first."""
        with self._read() as connection:
            return leases.who_had(connection, network, at)

    def _renewed(self, connection: Connection) -> Snapshot:
        """Kept for the next reader, who then reads only what is newer."""
        found = snapshot.renewed(connection, self._last)
        with self._lock:
            if found.revision > self._last.revision:
                self._last = found
        return found


def _alone(connection: Connection) -> None:
    """Waits for the other editors; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _EDITORS_LOCK})


def _made(kind: EntityKind | None, key: str | None, order: int | None) -> Select[tuple[object, ...]]:
    query: Select[tuple[object, ...]] = select(versions, revisions).join(
        revisions, versions.c.since == revisions.c.number
    )
    return _matching(query, kind, key, order)


def _removed(kind: EntityKind | None, key: str | None, order: int | None) -> Select[tuple[object, ...]]:
    """Versions that ended without another one in their place."""
    next_one = versions.alias()
    follows = and_(
        next_one.c.kind == versions.c.kind, next_one.c.key == versions.c.key, next_one.c.since == versions.c.until
    )
    query: Select[tuple[object, ...]] = select(versions, revisions).join(
        revisions, versions.c.until == revisions.c.number
    )
    return _matching(query, kind, key, order).where(~exists().where(follows))


def _matching(
    query: Select[tuple[object, ...]], kind: EntityKind | None, key: str | None, order: int | None
) -> Select[tuple[object, ...]]:
    for column, value in ((versions.c.kind, kind), (versions.c.key, key), (revisions.c.order_number, order)):
        query = query if value is None else query.where(column == value)
    return query.order_by(revisions.c.number.desc(), versions.c.kind, versions.c.key)


def _version(row: Row) -> Version:
    return Version(*snapshot.name(row["kind"], row["key"]), revision(row), snapshot.entity(row))


def _removal(row: Row) -> Version:
    return Version(*snapshot.name(row["kind"], row["key"]), revision(row), None)
