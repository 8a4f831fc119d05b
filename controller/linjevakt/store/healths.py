"""Each router's current health, and when its condition changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)

from linjevakt.model.health import Health, Transition, transition
from linjevakt.store import records, tables
from linjevakt.store.database import BATCH, Database, execute

_UPDATE_HEALTH = (
    update(tables.health)
    .where(tables.health.c.router == bindparam("of_router"))
    .values(at=bindparam("new_at"), state=bindparam("new_state"), snapshot=bindparam("new_snapshot"))
)

# As they are stored: to have pydantic read the text itself takes a quarter of the time.
_ROWS = select(tables.health.c.router, cast(tables.health.c.snapshot, Text).label("snapshot"))


class Healths:
    """A row a router, and a row a change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, *healths: Health) -> tuple[Transition, ...]:
        """Makes each the router's current one unless it is older; writes and answers the changes of condition."""
        with self._database.write() as connection:
            current = _current_health(connection, [health.router for health in healths])
            fresh = [h for h in healths if h.router not in current or current[h.router].at <= h.at]
            changes = [change for h in fresh if (change := transition(current.get(h.router), h))]
            execute(
                connection, insert(tables.health), [records.health_row(h) for h in fresh if h.router not in current]
            )
            execute(connection, _UPDATE_HEALTH, [records.health_change(h) for h in fresh if h.router in current])
            execute(connection, insert(tables.transitions), [records.transition_row(change) for change in changes])
        return tuple(changes)

    def current(self, routers: Collection[str] | None = None) -> tuple[Health, ...]:
        """Every router's current health, by name; `routers`: of these alone."""
        return self._database.of(routers, tables.health.c.router, _ROWS.where, records.health)

    def each(self) -> Iterator[Health]:
        """Every router's current health, one made after the other of what is stored: all of them take 40 MB."""
        with self._database.read() as connection:
            found = connection.execute(select(_ROWS.selected_columns.snapshot)).scalars().all()
        return _made(found)

    def after(self, router: str, limit: int) -> tuple[Health, ...]:
        """The current health of so many routers whose names come after that one, by name."""
        query = _ROWS.where(tables.health.c.router > router)
        return self._database.all(query.order_by(tables.health.c.router).limit(limit), records.health)

    def states(self) -> Mapping[str, str]:
        """Every polled router's state: `ok`, `degraded` or `down`."""
        found = self._database.pairs(tables.health.c.router, tables.health.c.state)
        with records.readable():
            return {router: records.state(value) for router, value in found.items()}

    def since(self, routers: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these routers came into the state in which it is, as far as that is known."""
        table, found = tables.transitions, dict[str, datetime]()
        changed = select(table.c.router, func.max(table.c.at)).where(table.c.before != table.c.after)
        with self._database.read() as connection:
            for start in range(0, len(routers), BATCH):
                batch = table.c.router.in_(routers[start : start + BATCH])
                rows = connection.execute(changed.where(batch).group_by(table.c.router))
                found |= {row[0]: row[1] for row in rows}
        return found

    def transitions(self, router: str | None = None, *, limit: int = 100) -> tuple[Transition, ...]:
        """The latest changes of condition of one router, or of all, newest first."""
        columns = [column for column in tables.transitions.c if column.name != "id"]
        query = select(*columns).order_by(tables.transitions.c.id.desc()).limit(limit)
        return self._database.all(
            query.where(tables.transitions.c.router == router) if router else query, records.transition
        )


def _made(snapshots: Sequence[str]) -> Iterator[Health]:
    with records.readable():
        for snapshot in snapshots:
            yield records.health({"snapshot": snapshot})


@records.readable()
def _current_health(connection: Connection, routers: list[str]) -> Mapping[str, Health]:
    found: dict[str, Health] = {}
    for start in range(0, len(routers), BATCH):
        query = _ROWS.where(tables.health.c.router.in_(routers[start : start + BATCH]))
        found |= {row["router"]: records.health(row) for row in connection.execute(query).mappings()}
    return found
