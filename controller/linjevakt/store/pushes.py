"""Every push: that it runs, how it ended, and what each router was last proven to run."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    select,
    update,
)

from linjevakt.model.change import PushResult, PushState
from linjevakt.model.errors import ConflictError
from linjevakt.model.record import PushRecord
from linjevakt.model.saying import Saying
from linjevakt.store import records, tables
from linjevakt.store.database import Database, insert_new


class Pushes:
    """A row a push; one at a time runs to a router."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def begin(  # noqa: PLR0913 - what is known of a push before it
        self,
        router: str,
        *,
        candidate_hash: str,
        revert_in_s: int,
        worker: str,
        until: datetime,
        why: str = "",
        revision: int | None = None,
    ) -> int:
        """Writes down that a push starts, and answers its id. Raises BusyError while another one runs."""
        row = {
            "router": router,
            "state": PushState.RUNNING,
            "started": self._clock(),
            "worker": worker,
            "until": until,
            "why": why,
            "revert_in_s": revert_in_s,
            "candidate_hash": candidate_hash,
            "revision": revision,
            **records.UNENDED,
        }
        with self._database.write() as connection:
            busy = Saying("A push to {router} runs already. Wait until it has ended.", router=router)
            return insert_new(connection, tables.pushes, row, busy)

    def end(self, push: int, result: PushResult) -> None:
        """Writes down how it ended. Raises ConflictError when it had ended already."""
        running = (tables.pushes.c.id == push) & (tables.pushes.c.state == PushState.RUNNING)
        with self._database.write() as connection:
            row = records.ended_row(result, self._clock())
            if not connection.execute(update(tables.pushes).where(running).values(**row)).rowcount:
                raise ConflictError(
                    Saying("Push {number} to {router} has ended already.", number=push, router=result.router)
                )

    def renew(self, worker: str, until: datetime) -> frozenset[int]:
        """A worker lives: what it pushes to stays its own until then. Answers the ids of those pushes.

        One that is not among them any more was broken, or somebody else has ended it.
        """
        table = tables.pushes
        held = (table.c.worker == worker) & (table.c.state == PushState.RUNNING) & table.c.broken.is_(None)
        with self._database.write() as connection:
            connection.execute(update(table).where(held).values(until=until))
            return frozenset(connection.execute(select(table.c.id).where(held)).scalars())

    def let_go(self, push: int) -> None:
        """Nobody is at it any more: whoever comes next may ask the router how it ended."""
        with self._database.write() as connection:
            connection.execute(update(tables.pushes).where(tables.pushes.c.id == push).values(until=self._clock()))

    def break_lock(self, router: str, why: str) -> PushRecord | None:
        """Ends the hold that a push has on the router, and answers what it was; None when there is none."""
        table = tables.pushes
        held = (table.c.router == router) & (table.c.state == PushState.RUNNING) & table.c.broken.is_(None)
        with self._database.write() as connection:
            row = connection.execute(select(table).where(held)).mappings().first()
            connection.execute(update(table).where(held).values(broken=why))
            return records.push(row) if row else None

    def under_way(self) -> tuple[PushRecord, ...]:
        """Every push that has begun and not ended, by router: each holds, or has held, its router."""
        query = select(tables.pushes).where(tables.pushes.c.state == PushState.RUNNING)
        return self._database.all(query.order_by(tables.pushes.c.router), records.push)

    def running(self, router: str) -> PushRecord | None:
        """The push that runs now, or that was running when its controller died; None when there is none."""
        query = select(tables.pushes).where(tables.pushes.c.router == router)
        rows = self._database.all(query.where(tables.pushes.c.state == PushState.RUNNING), records.push)
        return rows[0] if rows else None

    def latest(self, router: str | None = None, *, limit: int = 100) -> tuple[PushRecord, ...]:
        """The latest pushes of one router, or of all, newest first."""
        query = select(tables.pushes).order_by(tables.pushes.c.id.desc()).limit(limit)
        return self._database.all(query.where(tables.pushes.c.router == router) if router else query, records.push)

    def last(self, routers: Collection[str] | None = None) -> tuple[PushRecord, ...]:
        """The latest push of every router; `routers`: of these alone."""
        table = tables.pushes

        def query(wanted: ColumnElement[bool]) -> Select[Any]:
            latest = select(func.max(table.c.id)).where(wanted).group_by(table.c.router)
            return select(table).where(table.c.id.in_(latest))

        return self._database.of(routers, table.c.router, query, records.push)

    def outcomes(self) -> Mapping[str, tuple[PushState, datetime]]:
        """How the latest push of every router has ended, or that it runs, and when it began."""
        table = tables.pushes
        latest = select(func.max(table.c.id)).group_by(table.c.router)
        with self._database.read() as connection:
            query = select(table.c.router, table.c.state, table.c.started).where(table.c.id.in_(latest))
            return {router: (PushState(state), started) for router, state, started in connection.execute(query).all()}

    def totals(self) -> Mapping[PushState, int]:
        """How many pushes there were, by state."""
        query = select(tables.pushes.c.state, func.count()).group_by(tables.pushes.c.state)
        with self._database.read() as connection:
            return {PushState(state): count for state, count in connection.execute(query)}

    def proven_hashes(self) -> Mapping[str, str]:
        """What each router was last proven to run, as its configuration's hash."""
        table = tables.pushes
        proven = table.c.state.in_((PushState.CONFIRMED, PushState.UNCHANGED))
        latest = select(func.max(table.c.id)).where(proven).group_by(table.c.router)
        with self._database.read() as connection:
            query = select(table.c.router, table.c.candidate_hash).where(table.c.id.in_(latest))
            return {row[0]: row[1] for row in connection.execute(query)}
