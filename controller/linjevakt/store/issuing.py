"""Which certificates there are: issued so that no two routers may ever speak for the same addresses, and revoked."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import IPv4Network, collapse_addresses

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, text, update

from linjevakt.model.errors import ConflictError, StolenError
from linjevakt.model.record import Certificate, Reason
from linjevakt.model.saying import Saying
from linjevakt.store import records
from linjevakt.store.tables import certificates, certified

_ISSUERS_LOCK = 5_001_327  # any number, the same in every controller


@records.readable()
def issue(connection: Connection, new: Certificate) -> None:
    """Writes a certificate down before anyone gets it.

    Raises StolenError for a key that was stolen, ConflictError for one that is known under another serial number, or
    when another router still has a certificate for any of its networks. One that its router has replaced by a newer
    one, and does not run any more, is revoked instead.
    """
    _alone(connection)
    _refuse_stolen(connection, new)
    _refuse_renamed(connection, new)
    for other in _in_the_way(connection, new):
        if not _is_outdated(connection, other):
            raise ConflictError(_taken(new, other))
        revoke(connection, [other.serial], Reason.SUPERSEDED, new.issued)
    connection.execute(insert(certificates).values(**records.certificate_row(new)))
    spans = [{"serial": new.serial, "first": first, "last": last} for first, last in _spans(new.networks)]
    if spans:
        connection.execute(insert(certified), spans)


def revoke(connection: Connection, serials: Iterable[str], reason: Reason, at: datetime) -> None:
    """Revokes those that are not revoked yet."""
    for serial in serials:
        mine = and_(certificates.c.serial == serial, certificates.c.revoked.is_(None))
        connection.execute(update(certificates).where(mine).values(revoked=at, reason=reason))


def steal(connection: Connection, box: str, at: datetime) -> None:
    """Revokes every certificate of a box (`of_box`); its keys are known as stolen from now on."""
    _alone(connection)
    theirs = of_box(box)
    connection.execute(update(certificates).where(theirs, certificates.c.revoked.is_(None)).values(revoked=at))
    connection.execute(update(certificates).where(theirs).values(reason=Reason.STOLEN))


def of_box(box: str) -> ColumnElement[bool]:
    """Whose key the box ever had, whatever serial number it came under: a box says that of itself.

    Its keys lead to the other serial numbers that they came under, and those to further keys, until there are no more.
    """
    first, same, other = certificates.alias(), certificates.alias(), certificates.alias()
    keys = select(first.c.key).where(first.c.box == box).cte("keys", recursive=True)
    more = select(other.c.key).join(same, same.c.box == other.c.box).where(same.c.key == keys.c.key)
    return certificates.c.key.in_(select(keys.union(more).c.key))


def require_unstolen(connection: Connection, serial: str) -> None:
    """Raises StolenError for a certificate whose key was stolen since it was issued."""
    _alone(connection)
    stolen = and_(certificates.c.serial == serial, certificates.c.reason == Reason.STOLEN)
    for row in connection.execute(select(certificates).where(stolen)).mappings():
        raise _stolen(records.certificate(row), row["box"])


def confirm(connection: Connection, serial: str, at: datetime) -> None:
    """Its router was seen to run it; the first time counts."""
    known = and_(certificates.c.serial == serial, certificates.c.confirmed.is_(None))
    connection.execute(update(certificates).where(known).values(confirmed=at))


def _alone(connection: Connection) -> None:
    """Whoever issues and whoever shuts out come one after the other. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ISSUERS_LOCK})


def _refuse_stolen(connection: Connection, new: Certificate) -> None:
    stolen = and_(certificates.c.key == new.key, certificates.c.reason == Reason.STOLEN)
    for row in connection.execute(select(certificates).where(stolen)).mappings():
        raise _stolen(records.certificate(row), new.box)


def _stolen(was: Certificate, box: str) -> StolenError:
    return StolenError(
        Saying(
            "The key of the box {box} was stolen with {router} (certificate {serial}) and is never certified again. "
            "Install the box anew, so that it makes itself new keys, or take another box.",
            box=box,
            router=was.router,
            serial=was.serial,
        )
    )


def _refuse_renamed(connection: Connection, new: Certificate) -> None:
    """Certificates from before this rule may have one key under several serial numbers: each of those stays good."""
    same = select(certificates).where(certificates.c.key == new.key).order_by(certificates.c.issued.desc())
    known = [records.certificate(row) for row in connection.execute(same).mappings()]
    if known and new.box not in {one.box for one in known}:
        was = known[0]
        raise ConflictError(
            Saying(
                "The key of the box {box} is known as that of the box {known} (certificate {serial} of {router}), and "
                "a box does not change its serial number. Stage it as {known}, or install it anew, so that it makes "
                "itself new keys.",
                box=new.box,
                known=was.box,
                serial=was.serial,
                router=was.router,
            )
        )


def _in_the_way(connection: Connection, new: Certificate) -> Iterator[Certificate]:
    meets = [and_(certified.c.first <= last, certified.c.last >= first) for first, last in _spans(new.networks)]
    if not meets:
        return
    serials = select(certified.c.serial).where(or_(*meets))
    others = and_(certificates.c.router != new.router, certificates.c.serial.in_(serials), living(new.issued))
    for row in connection.execute(select(certificates).where(others)).mappings().all():
        yield records.certificate(row)


def living(at: datetime) -> ColumnElement[bool]:
    """Neither ended nor revoked."""
    return and_(certificates.c.expires > at, certificates.c.revoked.is_(None))


def refused(living_at: datetime | None) -> ColumnElement[bool]:
    """Revoked, and (unless None) not ended then."""
    revoked = certificates.c.revoked.is_not(None)
    return revoked if living_at is None else and_(revoked, certificates.c.expires > living_at)


def _is_outdated(connection: Connection, old: Certificate) -> bool:
    """Whether its router was seen to run a newer one, of the same key: to revoke the old one then cuts nobody off."""
    newer = and_(
        certificates.c.router == old.router,
        certificates.c.key == old.key,
        certificates.c.issued > old.issued,
        certificates.c.confirmed.is_not(None),
    )
    return connection.execute(select(certificates.c.serial).where(newer)).first() is not None


def _spans(networks: Iterable[IPv4Network]) -> list[tuple[int, int]]:
    joined = collapse_addresses(networks)
    return [(int(network.network_address), int(network.broadcast_address)) for network in joined]


def _taken(new: Certificate, other: Certificate) -> str:
    theirs = ", ".join(str(one) for one in other.networks if any(one.overlaps(ours) for ours in new.networks))
    return Saying(
        "{router} cannot have a certificate for {theirs} yet: {other} has one until {until:%Y-%m-%d %H:%M} UTC. Push "
        "{other}, which gives it one without, or if that box is gone: "
        "`linjevakt router stolen {other} --reason WHY`.",
        router=new.router,
        theirs=theirs,
        other=other.router,
        until=other.expires,
    )
