"""Who has which addresses: given without overlap, given back into quarantine, remembered for ever."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from itertools import chain, pairwise

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from linjevakt.model.entity import Lease
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import Claim
from linjevakt.model.saying import Saying
from linjevakt.store.records import Row, readable
from linjevakt.store.tables import leases

Range = tuple[int, int]
"""First and last address, as numbers."""

_LEASE = TypeAdapter(Lease)
_FEW = 50  # ranges that a query asks for one by one; more of them are a whole fleet's, which is read in one go
_END = (
    update(leases)
    .where(
        and_(
            leases.c.first == bindparam("of_first"),
            leases.c.last == bindparam("of_last"),
            leases.c.site == bindparam("of_site"),
            leases.c.until.is_(None),
        )
    )
    .values(until=bindparam("ended"))
)


def quarantine(inventory: Inventory) -> timedelta:
    """How long an address that was given back belongs to nobody."""
    return timedelta(days=inventory.installation.quarantine_days)


def spans(networks: Iterable[IPv4Network]) -> Iterator[Range]:
    """What these networks take."""
    return ((int(network.network_address), int(network.broadcast_address)) for network in networks)


def taken(connection: Connection, pool: IPv4Network, settled: datetime) -> list[Range]:
    """What of the pool someone has, or gave back after `settled`; numbers: a pool may have a whole fleet in it."""
    query = select(leases.c.first, leases.c.last).where(_meets(pool), _holds(settled)).order_by(leases.c.first)
    with readable():
        return [_range(*row) for row in connection.execute(query).all()]


def _range(first: object, last: object) -> Range:
    if not (isinstance(first, int) and isinstance(last, int)):  # SQLite keeps anything in any column
        raise TypeError(f"{first!r} to {last!r} are no addresses")
    return first, last


@readable()
def change(  # noqa: PLR0913 - what goes, what comes, when, and under which order
    connection: Connection,
    gone: Collection[Claim],
    come: Collection[Claim],
    *,
    now: datetime,
    settled: datetime,
    order: int | None,
) -> None:
    """Ends leases and begins others. Raises ConflictError when a new one overlaps another's, or its quarantine.

    What the same change gives back may be taken at once (a site was renamed), and who had it last may have it again.
    """
    held = _held(connection, come, settled)
    have = {_claim(row): row["id"] for row in held if row["until"] is None}
    new = [claim for claim in come if claim not in have]
    _refuse_taken(new, held, frozenset(have[claim] for claim in gone if claim in have))
    _refuse_overlaps_among(new)
    _end(connection, gone, now)
    if new:
        connection.execute(insert(leases), [_row(claim, now, order) for claim in new])


def holders(connection: Connection, networks: Collection[IPv4Network]) -> frozenset[str]:
    """The keys of the sites that have an address of one of these."""
    wanted = list(collapse_addresses(networks))
    query = select(leases.c.site).where(leases.c.until.is_(None))
    batches = (wanted[start : start + _FEW] for start in range(0, len(wanted), _FEW))
    met = (connection.execute(query.where(or_(*map(_meets, batch)))).scalars() for batch in batches)
    return frozenset(chain.from_iterable(met))


def who_had(connection: Connection, network: IPv4Network, at: datetime | None) -> tuple[Lease, ...]:
    """Who has had any address of the network, at that moment or (None) ever; newest first."""
    query = select(leases).where(_meets(network)).order_by(leases.c.since.desc(), leases.c.id.desc())
    if at is not None:
        query = query.where(leases.c.since <= at, or_(leases.c.until.is_(None), leases.c.until > at))
    return tuple(lease(row) for row in connection.execute(query).mappings())


@readable()
def lease(row: Row) -> Lease:
    """One row."""
    columns = ("purpose", "site", "name", "since", "until")
    said = {"network": str(IPv4Network(row["network"])), "order": row["order_number"]}
    return _LEASE.validate_python({name: row[name] for name in columns} | said)


def _held(connection: Connection, come: Collection[Claim], settled: datetime) -> Sequence[Row]:
    """Whatever may be in the way of the claims, by first address."""
    wanted = list(collapse_addresses(claim.network for claim in come))
    if not wanted:
        return []
    meets = map(_meets, wanted) if len(wanted) <= _FEW else [_spans(wanted[0], wanted[-1])]
    query = select(leases).where(or_(*meets), _holds(settled)).order_by(leases.c.first)
    return connection.execute(query).mappings().all()


def _refuse_taken(come: Collection[Claim], held: Sequence[Row], given_back: Collection[int]) -> None:
    starts = [row["first"] for row in held]
    widest = max((row["last"] - row["first"] for row in held), default=0)
    for claim in come:
        first, last = int(claim.network.network_address), int(claim.network.broadcast_address)
        low, high = bisect_right(starts, first - widest - 1), bisect_right(starts, last)
        met = sorted((row for row in held[low:high] if row["last"] >= first), key=_is_in_quarantine)
        for row in met:
            if row["id"] not in given_back and _is_in_the_way(claim, row, met):
                raise ConflictError(_taken(claim, row))


def _is_in_quarantine(row: Row) -> bool:
    return row["until"] is not None


def _is_in_the_way(claim: Claim, row: Row, met: Sequence[Row]) -> bool:
    """One in quarantine is not when it was the claim's own, or when the addresses were leased again since."""
    if not _is_in_quarantine(row):
        return True
    first = max(row["first"], int(claim.network.network_address))
    last = min(row["last"], int(claim.network.broadcast_address))
    since = (later for later in met if later["id"] > row["id"])
    return not (_is_its_own(claim, row) or any(later["first"] <= first and last <= later["last"] for later in since))


def _refuse_overlaps_among(come: Collection[Claim]) -> None:
    """Networks are one inside the other or apart: if any two overlap, two neighbours in this order do."""
    for one, other in pairwise(sorted(come, key=lambda claim: claim.network)):
        if one.network.overlaps(other.network):
            raise ConflictError(
                Saying(
                    "{network} for {name} of site {site} overlaps {other} for {its_name} of site {its_site}.",
                    **_said(other),
                    other=one.network,
                    its_name=one.name,
                    its_site=one.site,
                )
            )


def _is_its_own(claim: Claim, row: Row) -> bool:
    return (claim.purpose, claim.site, claim.name) == (row["purpose"], row["site"], row["name"])


def _taken(claim: Claim, row: Row) -> str:
    said = _said(claim) | {"other": row["network"], "its_name": row["name"], "its_site": row["site"]}
    if row["until"] is None:
        return Saying("{network} for {name} of site {site} overlaps {other} of {its_name} of site {its_site}.", **said)
    return Saying(
        "{network} for {name} of site {site}: {its_name} of site {its_site} gave {other} back on {on:%Y-%m-%d}, and it "
        "is in quarantine. Take another, or wait.",
        **said,
        on=row["until"],
    )


def _said(claim: Claim) -> dict[str, object]:
    return {"network": claim.network, "name": claim.name, "site": claim.site}


def _end(connection: Connection, gone: Collection[Claim], now: datetime) -> None:
    rows = [
        {
            "of_first": int(claim.network.network_address),
            "of_last": int(claim.network.broadcast_address),
            "of_site": claim.site,
            "ended": now,
        }
        for claim in gone
    ]
    if rows:
        connection.execute(_END, rows)


def _meets(network: IPv4Network) -> ColumnElement[bool]:
    return _spans(network, network)


def _spans(low: IPv4Network, high: IPv4Network) -> ColumnElement[bool]:
    return and_(leases.c.first <= int(high.broadcast_address), leases.c.last >= int(low.network_address))


def _holds(settled: datetime) -> ColumnElement[bool]:
    return or_(leases.c.until.is_(None), leases.c.until > settled)


def _claim(row: Row) -> Claim:
    network = IPv4Network(row["network"])
    return Claim(purpose=row["purpose"], site=row["site"], name=row["name"], network=network)


def _row(claim: Claim, now: datetime, order: int | None) -> Row:
    first, last = claim.network.network_address, claim.network.broadcast_address
    return {
        "purpose": claim.purpose,
        "network": claim.network,
        "first": int(IPv4Address(first)),
        "last": int(IPv4Address(last)),
        "site": claim.site,
        "name": claim.name,
        "since": now,
        "order_number": order,
    }
