"""Every certificate that was ever issued: to whom, who runs which, whom others have to refuse."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    func,
    select,
    true,
    tuple_,
)

from linjevakt.model.record import Certificate, Reason, SeenList
from linjevakt.store import issuing, records, tables
from linjevakt.store.database import Database, put


class _Revoked(NamedTuple):
    serial: str
    expires: datetime
    is_hubs: bool


class Certificates:
    """What was issued and revoked, and which list of the revoked each router was seen to run."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._known: tuple[_Revoked, ...] = ()

    def issue(self, certificate: Certificate) -> None:
        """Writes down a certificate before its router gets it. Raises ConflictError: see `issuing.issue`."""
        with self._database.write() as connection:
            issuing.issue(connection, certificate)

    def all(self, *, router: str | None = None, box: str | None = None) -> tuple[Certificate, ...]:
        """Every certificate that was ever issued, newest first; to a router, to a box (`issuing.of_box`)."""
        table = tables.certificates
        wanted = ([table.c.router == router] if router else []) + ([issuing.of_box(box)] if box else [])
        return self._database.all(select(table).where(*wanted).order_by(table.c.issued.desc()), records.certificate)

    def running(
        self, routers: Collection[str] | None = None, *, ends_by: datetime | None = None
    ) -> Mapping[str, Certificate]:
        """By router, the newest certificate that it was seen to run; of these alone, and of those that end by then."""
        table = tables.certificates
        ends = true() if ends_by is None else table.c.expires <= ends_by

        def query(wanted: ColumnElement[bool]) -> Select[Any]:
            return select(table).where(_newest_seen(wanted), ends)

        return {found.router: found for found in self._database.of(routers, table.c.router, query, records.certificate)}

    def terms(self) -> Mapping[str, tuple[datetime, datetime | None]]:
        """By router, when the newest certificate that it was seen to run ends, and since when it is revoked."""
        table = tables.certificates
        query = select(table.c.router, table.c.expires, table.c.revoked).where(_newest_seen(true()))
        with self._database.read() as connection:
            return {router: (expires, revoked) for router, expires, revoked in connection.execute(query).all()}

    def confirm(self, serial: str) -> None:
        """Its router was seen to run it."""
        with self._database.write() as connection:
            issuing.confirm(connection, serial, self._clock())

    def revoke(self, serials: Iterable[str], reason: Reason) -> None:
        """Revokes certificates for good; what is revoked stays so, since then and for that reason."""
        with self._database.write() as connection:
            issuing.revoke(connection, serials, reason, self._clock())

    def revoked(self, *, living_at: datetime | None = None, latest: int | None = None) -> tuple[Certificate, ...]:
        """Every certificate that was revoked, in that order; those that had not ended then, and so many of them."""
        table = tables.certificates
        query = select(table).where(issuing.refused(living_at)).limit(latest)
        found = self._database.all(query.order_by(table.c.revoked.desc(), table.c.serial.desc()), records.certificate)
        return found[::-1]

    def revoked_serials(self, living_at: datetime) -> frozenset[str]:
        """The serial numbers of those that were revoked and had not ended then: whom a hub has to refuse."""
        return frozenset(one.serial for one in self._refused() if one.expires > living_at)

    def revoked_hubs(self, living_at: datetime) -> frozenset[str]:
        """Of those, the ones that were a hub's: whom sites have to refuse, too."""
        return frozenset(one.serial for one in self._refused() if one.is_hubs and one.expires > living_at)

    def _refused(self) -> tuple[_Revoked, ...]:
        """All that were ever revoked. They stay so, and none goes: as long as there are as many, they are the same."""
        table = tables.certificates
        revoked = issuing.refused(None)
        with self._database.read() as connection:
            if connection.execute(select(func.count()).where(revoked)).scalar_one() != len(self._known):
                is_hubs = cast(table.c.networks, String) == "[]"
                found = connection.execute(select(table.c.serial, table.c.expires, is_hubs).where(revoked)).all()
                self._known = tuple(_Revoked(*row) for row in found)
            return self._known

    def save_seen_list(self, seen: SeenList) -> None:
        """Writes down which revocation list a router runs."""
        with self._database.write() as connection:
            put(connection, tables.hub_lists, records.seen_list_row(seen))

    def seen_lists(self, routers: Collection[str] | None = None) -> tuple[SeenList, ...]:
        """Which revocation list each router was last seen to run, by name; of those that were asked, of these alone."""
        return self._database.of(routers, tables.hub_lists.c.hub, select(tables.hub_lists).where, records.seen_list)


def _newest_seen(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """The newest certificate that each router was seen to run, of the routers that are wanted."""
    table = tables.certificates
    seen = wanted & table.c.confirmed.is_not(None)
    newest = select(table.c.router, func.max(table.c.issued)).where(seen).group_by(table.c.router)
    return seen & tuple_(table.c.router, table.c.issued).in_(newest)
