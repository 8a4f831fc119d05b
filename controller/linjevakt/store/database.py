"""The store's transactions: what reads sees one state, what writes comes whole, and troubles are told in our words."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Executable, Select, Table, insert, select, true, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoneFreeError

from linjevakt.model.errors import BusyError, StorageError
from linjevakt.model.saying import Saying
from linjevakt.store import records
from linjevakt.store.engine import PATIENCE_S, is_busy, open_engine
from linjevakt.store.records import Row
from linjevakt.store.turns import busy

BATCH = 500  # names in one IN (...), well under SQLite's limit of variables
T = TypeVar("T")


class Database:
    """One database; every method raises StorageError when it is away or not migrated, BusyError when others have it."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        snapshot = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        self._reader = self.engine.execution_options(reads=True, **snapshot)

    @contextmanager
    def write(self, patience_s: float = PATIENCE_S) -> Iterator[Connection]:
        """A transaction that writes, once the others let it; nothing of it stays when the block raises."""
        with _translated(patience_s), self.engine.execution_options(patience_s=patience_s).begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads, the same state from its first row to its last."""
        with _translated(), self._reader.connect() as connection, records.readable():
            yield connection

    def all(self, query: Select[Any], read: Callable[[Row], T]) -> tuple[T, ...]:
        """What the query finds."""
        with self.read() as connection:
            return tuple(map(read, rows(connection, query)))

    def of(
        self,
        routers: Collection[str] | None,
        column: Column[str],
        query: Callable[[ColumnElement[bool]], Select[Any]],
        read: Callable[[Row], T],
    ) -> tuple[T, ...]:
        """What the query finds of some routers, or (None) of all of them, by name; one query for a batch of names."""
        with self.read() as connection:
            asked = (query(wanted).order_by(column) for wanted in _wanted(column, routers))
            found = [row for some in asked for row in rows(connection, some)]
            return tuple(map(read, found))

    def pairs(self, key: Column[str], value: Column[T], keys: Collection[str] | None = None) -> Mapping[str, T]:
        """Two columns of a table, for whoever needs nothing else of thousands of rows; of some `keys` alone."""
        pairs = select(key, value)
        with self.read() as connection:
            found = [row for wanted in _wanted(key, keys) for row in connection.execute(pairs.where(wanted)).all()]
            return {row[0]: row[1] for row in found}


def rows(connection: Connection, query: Select[Any]) -> Sequence[Row]:
    """What the query finds, by the names of its columns; plain, since a thousand of them are looked into."""
    found = connection.execute(query)
    names = tuple(found.keys())
    return [dict(zip(names, values, strict=True)) for values in found.all()]


def _wanted(column: Column[str], names: Collection[str] | None) -> Sequence[ColumnElement[bool]]:
    """What the queries for some names ask, a batch each; one that asks nothing for (None) all."""
    if names is None:
        return [true()]
    some = sorted(set(names))
    return [column.in_(some[start : start + BATCH]) for start in range(0, len(some), BATCH)]


@contextmanager
def _translated(patience_s: float = PATIENCE_S) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise BusyError(Saying("Someone else wrote the same at the same moment. Try again.")) from error
    except NoneFreeError as error:  # each connection that this process may have is at work
        raise busy(patience_s) from error
    except DBAPIError as error:
        if is_busy(error):
            raise busy(patience_s) from error
        raise StorageError(
            Saying("The database cannot do it ({why}). Is it there, and has `linjevakt init` run?", why=error.orig)
        ) from error


def execute(connection: Connection, statement: Executable, rows: Sequence[Row]) -> None:
    """One statement for many rows; none at all for none."""
    if rows:
        connection.execute(statement, [dict(row) for row in rows])


def insert_new(connection: Connection, table: Table, row: Row, conflict: str) -> int:
    """The new row's key. Raises BusyError with `conflict` when there is such a row already."""
    try:
        key = connection.execute(insert(table).values(**row)).inserted_primary_key
    except IntegrityError as error:
        raise BusyError(conflict) from error
    return int(key[0]) if key else 0


def put(connection: Connection, table: Table, row: Row) -> None:
    """Updates the row with that primary key, or inserts it: the same on every database."""
    (key,) = table.primary_key.columns
    if not connection.execute(update(table).where(key == row[key.name]).values(**row)).rowcount:
        connection.execute(insert(table).values(**row))
