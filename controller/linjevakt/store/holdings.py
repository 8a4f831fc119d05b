"""Who holds what no two sites may have, and who names a member: an index of the sites in force, for the rules."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from linjevakt.model.rules.change import Holding
from linjevakt.store.database import BATCH
from linjevakt.store.tables import holdings

_LET_GO = delete(holdings).where(
    and_(
        holdings.c.what == bindparam("of_what"),
        holdings.c.value == bindparam("of_value"),
        holdings.c.site == bindparam("of_site"),
    )
)


def holders(connection: Connection, wanted: Collection[tuple[str, str]]) -> frozenset[str]:
    """The keys of the sites that hold one of these, each a kind of value and the value."""
    return frozenset(
        site
        for what, values in _batches(wanted)
        for site in connection.execute(
            select(holdings.c.site).where(holdings.c.what == what, holdings.c.value.in_(values))
        ).scalars()
    )


def change(connection: Connection, gone: Collection[Holding], come: Collection[Holding]) -> None:
    """Lets go of some, and takes others."""
    if gone:
        rows = [{f"of_{name}": value for name, value in one._asdict().items()} for one in gone]
        connection.execute(_LET_GO, rows)
    if come:
        connection.execute(insert(holdings), [one._asdict() for one in come])


def _batches(wanted: Collection[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    values = defaultdict[str, list[str]](list)
    for what, value in sorted(wanted):
        values[what].append(value)
    for what, found in values.items():
        yield from ((what, found[start : start + BATCH]) for start in range(0, len(found), BATCH))
