"""The register's doors: read it, read it as of a day, change it as one, and see who changed what."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from ipaddress import IPv4Network
from threading import Lock
from typing import Final

from sqlalchemy import Connection, Select, and_, exists, func, select, text

from linjevakt.model.entity import Author, EntityKind, Lease, Revision, Version
from linjevakt.model.order import LARGEST_NUMBER, Order
from linjevakt.model.rules import Check
from linjevakt.store import leases, snapshot
from linjevakt.store.database import BATCH
from linjevakt.store.draft import Draft
from linjevakt.store.records import Row, revision
from linjevakt.store.snapshot import Snapshot
from linjevakt.store.tables import revisions, versions
from linjevakt.store.turns import Turns

_EDITORS_LOCK = 5_001_326  # any number, the same in every controller
EDITORS_PATIENCE_S: Final = 60.0
"""How long an editor waits for those before it: of two hundred at once the last one waits some seconds."""

Opened = Callable[[], AbstractContextManager[Connection]]
Waiting = Callable[[float], AbstractContextManager[Connection]]


class Register:
    """Installation, organisations, sites, boxes and orders: every version of each."""

    def __init__(
        self,
        read: Opened,
        write: Waiting,
        clock: Callable[[], datetime],
        *,
        check: Check | None = None,
        patience_s: float = EDITORS_PATIENCE_S,
    ) -> None:
        self._read, self._write, self._clock = read, write, clock
        self._check, self._patience_s = check, patience_s
        self._last = Snapshot()
        self._lock, self._first, self._turns = Lock(), Lock(), Turns()

    def now(self) -> Snapshot:
        """Everything as it is; of those that ask before it was read once, one reads, and the others wait for it."""
        with nullcontext() if self._last.revision else self._first, self._read() as connection:
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
    def edit(self, author: Author, *, rehearse: bool = False, unchecked: str | None = None) -> Iterator[Draft]:
        """A draft that becomes one revision when the block ends, and nothing when it raises, or breaks a rule.

        One at a time, in the order in which they came: whoever edits reads what the one before has written. Raises
        InvalidInputError for a broken rule, ConflictError for taken addresses, BusyError when the others take too
        long. `rehearse`: all is done, to see whether it can be, and taken back. `unchecked`: why no rule
        is looked at.
        """
        if self._check is None and unchecked is None:
            raise TypeError("this register was opened without rules: open it with `check=`, or say why `unchecked=`")
        check = self._check if unchecked is None else None
        with self._turns.take(self._patience_s):
            self.now()  # before the lock: to read a whole register takes seconds, what was changed since does not
            with self._write(self._patience_s) as connection:
                _alone(connection, self._patience_s)
                draft = Draft(connection, self._renewed(connection), author, self._clock(), check)
                yield draft
                draft.require_sound()
                draft.commit()
                if rehearse:
                    connection.rollback()

    def order(self, number: int) -> Order | None:
        """One work order as it is, ended or not; None when there is none."""
        with self._read() as connection:
            return snapshot.order(connection, number)

    def ended_orders(self, before: int = LARGEST_NUMBER) -> Iterator[Order]:
        """Work orders that have ended, newest first, of lower numbers; `now()` has the others.

        They are read as they are asked for: numbers have no gaps, so that those before one are the next.
        """
        with self._read() as connection:
            newest = min(before - 1, snapshot.last_order(connection))
        for start in range(newest, 0, -BATCH):
            with self._read() as connection:
                found = snapshot.ended_orders(connection, range(start, max(0, start - BATCH), -1))
            yield from found

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


def _alone(connection: Connection, patience_s: float) -> None:
    """Waits for the other editors; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{patience_s:g}s'"))
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
