"""A change of the register in the making: reads see it at once, the database gets it as one revision or not at all."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import IPv4Network

from sqlalchemy import Connection, and_, bindparam, insert, update

from linjevakt.model.entity import Author, Entity, EntityKind, Name, Revision, name_of
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Inventory, Site
from linjevakt.model.order import Claim, Order
from linjevakt.model.rules import Check
from linjevakt.model.rules.change import held
from linjevakt.store import holdings, leases, scope, snapshot
from linjevakt.store.snapshot import Snapshot
from linjevakt.store.tables import revisions, versions

_END = (
    update(versions)
    .where(
        and_(
            versions.c.kind == bindparam("of_kind"),
            versions.c.key == bindparam("of_key"),
            versions.c.until.is_(None),
        )
    )
    .values(until=bindparam("ended"))
)


class Draft:
    """The register with changes that nobody else sees yet."""

    def __init__(
        self, connection: Connection, before: Snapshot, author: Author, now: datetime, check: Check | None
    ) -> None:
        self._connection, self._before, self._check = connection, before, check
        self.author, self.now = author, now
        self._changes: dict[Name, Entity | None] = {}
        self._seen: Snapshot | None = before
        self._ended: dict[Name, Entity | None] = {}
        self.saved: Revision | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The register as it would be."""
        if self._seen is None:
            self._seen = self._before.changed(self._changes, self._before.revision)
        return self._seen

    @property
    def inventory(self) -> Inventory:
        """The fleet as it would be. Raises NotFoundError when none was ever saved."""
        return self.snapshot.inventory

    def find(self, kind: EntityKind, key: str) -> Entity | None:
        """One entity as it would be."""
        name = kind, key
        return self._changes[name] if name in self._changes else self._was(name)

    def put(self, entity: Entity) -> None:
        """Adds it, or makes it the next version; an equal one is no change."""
        name = name_of(entity)
        if self.find(*name) != entity:
            self._change(name, entity)

    def remove(self, kind: EntityKind, key: str) -> None:
        """Ends it; its versions stay."""
        if self.find(kind, key) is not None:
            self._change((kind, key), None)

    def next_order(self) -> int:
        """A number for a new work order."""
        last = snapshot.last_order(self._connection)
        return 1 + max((order.number for order in self._changes.values() if isinstance(order, Order)), default=last)

    def taken(self, pool: IPv4Network) -> Iterator[leases.Range]:
        """What nobody may be given out of the pool: in use, set aside, or given back too short a time ago."""
        settled = self.now - leases.quarantine(self.inventory)
        yield from leases.taken(self._connection, pool, settled)
        yield from leases.spans(claim.network for claim in _claims(self._changes) if claim.network.overlaps(pool))

    def require_sound(self, *besides: Entity) -> None:
        """Raises InvalidInputError when a rule of the fleet is broken, or would be with these besides."""
        if self._check is None:
            return
        changes = self._changes | {name_of(entity): entity for entity in besides}
        if touched := scope.touched(self._connection, self._before, changes):
            self._check(touched)

    def commit(self) -> None:
        """Writes everything as one revision, `saved`, if anything changed. Raises ConflictError for taken addresses."""
        self._changes = {name: entity for name, entity in self._changes.items() if self._differs(name, entity)}
        self._seen = None
        if self._changes:
            self.saved = self.author.revision(self._before.revision + 1, self.now)
            self._write(self.saved)
            self._lease()
            self._hold()

    def _change(self, name: Name, entity: Entity | None) -> None:
        self._changes[name] = entity
        self._seen = None

    def _differs(self, name: Name, entity: Entity | None) -> bool:
        return self._was(name) != entity

    def _was(self, name: Name) -> Entity | None:
        """As it is in the database, where orders that have ended are too."""
        if name[0] is not EntityKind.ORDER or name in self._before.entities:
            return self._before.entities.get(name)
        if name not in self._ended:
            self._ended[name] = snapshot.order(self._connection, name[1])
        return self._ended[name]

    def _write(self, revision: Revision) -> None:
        row = {"number": revision.number, "saved": revision.saved, "who": revision.who, "why": revision.why}
        row["actor"] = revision.actor
        self._connection.execute(insert(revisions).values(**row, order_number=revision.order))
        ended = [
            {"of_kind": kind, "of_key": key, "ended": revision.number}
            for kind, key in self._changes
            if self._was((kind, key)) is not None
        ]
        begun = [
            {"kind": kind, "key": key, "since": revision.number, "document": _document(entity)}
            for (kind, key), entity in self._changes.items()
            if entity is not None
        ]
        if ended:
            self._connection.execute(_END, ended)
        if begun:
            self._connection.execute(insert(versions), begun)

    def _lease(self) -> None:
        old = {name: self._was(name) for name in self._changes}
        before, after = set(_claims(old)), set(_claims(self._changes))
        if before == after:
            return
        settled = self.now - leases.quarantine(self.inventory)
        gone, come = self._nobodys(before - after), after - before
        leases.change(self._connection, gone, come, now=self.now, settled=settled, order=self.author.order)

    def _hold(self) -> None:
        was = held([site for name in self._changes if isinstance(site := self._was(name), Site)])
        now = held([site for site in self._changes.values() if isinstance(site, Site)])
        holdings.change(self._connection, was - now, now - was)

    def _nobodys(self, claims: set[Claim]) -> set[Claim]:
        """Those that neither their site nor an open order has any more."""
        keys = {claim.site for claim in claims}
        holders: dict[Name, Entity | None] = {(EntityKind.SITE, key): self.find(EntityKind.SITE, key) for key in keys}
        holders |= {name_of(order): order for order in self.snapshot.orders} if claims else {}
        return claims - set(_claims(holders))


def _document(entity: Noun) -> object:
    """What is stored, once it is certain that it can be read again: a copy with changes was never validated."""
    document = entity.model_dump(mode="json", exclude_none=True)
    type(entity).model_validate(document)
    return document


def _claims(entities: Mapping[Name, Entity | None]) -> Iterator[Claim]:
    for entity in entities.values():
        match entity:
            case Site():
                yield from of_site(entity)
            case Order() if entity.is_open:
                yield from entity.claims


def of_site(site: Site) -> Iterator[Claim]:
    """The addresses that a connection has."""
    router = site.router
    yield Claim(purpose="management", site=site.key, name=router.name, network=IPv4Network(router.management))
    for segment in site.segments:
        yield Claim(purpose="segment", site=site.key, name=segment.name, network=segment.prefix)
