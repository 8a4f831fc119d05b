"""Every entity as it was at one revision; brought up to the next one by reading only what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from sqlalchemy import Connection, and_, func, or_, select

from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Connection as Site
from linjevakt.model.inventory import Installation, Inventory, Organisation
from linjevakt.model.order import Order
from linjevakt.store.records import Row
from linjevakt.store.tables import revisions, versions

Entities = Mapping[Name, Entity]


@dataclass(frozen=True)
class Snapshot:
    """A whole register; frozen, so that whoever holds it is disturbed by nobody."""

    revision: int = 0
    entities: Entities = field(default_factory=dict)

    @cached_property
    def inventory(self) -> Inventory:
        """The fleet, by key. Raises NotFoundError when none was ever saved."""
        installation = self.entities.get((EntityKind.INSTALLATION, ""))
        if installation is None:
            raise NotFoundError("No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`.")
        return Inventory(
            installation=cast(Installation, installation),
            organisations=cast(tuple[Organisation, ...], self.of(EntityKind.ORGANISATION)),
            connections=cast(tuple[Site, ...], self.of(EntityKind.SITE)),
        )

    @property
    def equipment(self) -> tuple[Equipment, ...]:
        """Every box, by serial number."""
        return cast(tuple[Equipment, ...], self.of(EntityKind.EQUIPMENT))

    @property
    def orders(self) -> tuple[Order, ...]:
        """Every work order, by number."""
        found = cast(tuple[Order, ...], self.of(EntityKind.ORDER))
        return tuple(sorted(found, key=lambda order: order.number))

    def of(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Every entity of a kind, by key."""
        found = sorted((key, entity) for (of, key), entity in self.entities.items() if of is kind)
        return tuple(entity for _, entity in found)

    def changed(self, changes: Mapping[Name, Entity | None], revision: int) -> "Snapshot":
        """With these entities instead; None: gone."""
        kept = {name: entity for name, entity in self.entities.items() if name not in changes}
        return Snapshot(revision, kept | {name: entity for name, entity in changes.items() if entity is not None})


def renewed(connection: Connection, old: Snapshot) -> Snapshot:
    """The register as it is now, read from what changed since `old`."""
    last = connection.execute(select(func.max(revisions.c.number))).scalar_one() or 0
    if last == old.revision:
        return old
    since = or_(versions.c.since > old.revision, versions.c.until > old.revision)
    rows = connection.execute(select(versions).where(since)).mappings()
    return old.changed(_changes(rows), last)


def as_of(connection: Connection, revision: int) -> Snapshot:
    """The register as it was at a revision."""
    then = and_(versions.c.since <= revision, or_(versions.c.until.is_(None), versions.c.until > revision))
    rows = connection.execute(select(versions).where(then)).mappings()
    return Snapshot(revision, {name(row): entity(row) for row in rows})


def name(row: Row) -> Name:
    """Kind and key of a row of `versions`."""
    return EntityKind(row["kind"]), row["key"]


def entity(row: Row) -> Entity:
    """The entity in a row of `versions`."""
    return NOUNS[EntityKind(row["kind"])].model_validate(row["document"])


def _changes(rows: Iterable[Row]) -> Mapping[Name, Entity | None]:
    changes: dict[Name, Entity | None] = {}
    for row in rows:
        if row["until"] is None:
            changes[name(row)] = entity(row)
        else:
            changes.setdefault(name(row), None)
    return changes
