"""Who has which addresses: given without overlap, given back into quarantine, remembered for ever."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from linjevakt.model.entity import Lease
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import Claim
from linjevakt.store.records import Row
from linjevakt.store.tables import leases


def quarantine(inventory: Inventory) -> timedelta:
    """How long an address that was given back belongs to nobody."""
    return timedelta(days=inventory.installation.quarantine_days)


def taken(connection: Connection, pool: IPv4Network, settled: datetime) -> Iterator[IPv4Network]:
    """What of the pool someone has, or gave back after `settled`."""
    query = select(leases.c.network).where(_meets(pool), _holds(settled))
    return (IPv4Network(network) for network in connection.execute(query).scalars())


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

    What the same change gives back may be taken at once (a site was renamed), and who had it may have it again.
    """
    held = _held(connection, come, settled)
    given_back = {row["id"] for row in held if row["until"] is None and _claim(row) in gone}
    others = [row for row in held if row["id"] not in given_back]
    have = {_claim(row) for row in others if row["until"] is None}
    new = [claim for claim in come if claim not in have]
    _refuse_overlaps(new, others)
    _end(connection, gone, now)
    if new:
        connection.execute(insert(leases), [_row(claim, now, order) for claim in new])


def who_had(connection: Connection, network: IPv4Network, at: datetime | None) -> tuple[Lease, ...]:
    """Who has had any address of the network, at that moment or (None) ever; newest first."""
    query = select(leases).where(_meets(network)).order_by(leases.c.since.desc(), leases.c.id.desc())
    if at is not None:
        query = query.where(leases.c.since <= at, or_(leases.c.until.is_(None), leases.c.until > at))
    return tuple(lease(row) for row in connection.execute(query).mappings())


def lease(row: Row) -> Lease:
    """One row."""
    return Lease(
        row["purpose"], row["network"], row["site"], row["name"], row["since"], row["until"], row["order_number"]
    )


def _held(connection: Connection, come: Collection[Claim], settled: datetime) -> Sequence[Row]:
    """Whatever may be in the way of the claims, by first address."""
    if not come:
        return []
    first = min(int(claim.network.network_address) for claim in come)
    last = max(int(claim.network.broadcast_address) for claim in come)
    span = and_(leases.c.first <= last, leases.c.last >= first)
    query = select(leases).where(span, _holds(settled)).order_by(leases.c.first)
    return connection.execute(query).mappings().all()


def _refuse_overlaps(come: Collection[Claim], held: Sequence[Row]) -> None:
    starts = [row["first"] for row in held]
    widest = max((row["last"] - row["first"] for row in held), default=0)
    for claim in come:
        first, last = int(claim.network.network_address), int(claim.network.broadcast_address)
        low, high = bisect_right(starts, first - widest - 1), bisect_right(starts, last)
        for row in held[low:high]:
            if row["last"] >= first and not (row["until"] and _claim(row) == claim):
                raise ConflictError(_taken(claim, row))


def _taken(claim: Claim, row: Row) -> str:
    whose = f"{row['name']} of site {row['site']}"
    if row["until"] is None:
        return f"{claim.network} for {claim.name} of site {claim.site} overlaps {row['network']} of {whose}."
    return (
        f"{claim.network} for {claim.name} of site {claim.site}: {whose} gave {row['network']} back on "
        f"{row['until']:%Y-%m-%d}, and it is in quarantine. Take another, or wait."
    )


def _end(connection: Connection, gone: Collection[Claim], now: datetime) -> None:
    for claim in gone:
        ours = and_(
            leases.c.first == int(claim.network.network_address),
            leases.c.last == int(claim.network.broadcast_address),
            leases.c.until.is_(None),
        )
        connection.execute(update(leases).where(ours, leases.c.site == claim.site).values(until=now))


def _meets(network: IPv4Network) -> ColumnElement[bool]:
    first, last = int(network.network_address), int(network.broadcast_address)
    return and_(leases.c.first <= last, leases.c.last >= first)


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
