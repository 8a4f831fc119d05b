"""Every entity as it was at one revision; another one is reached by reading only what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Installation, Inventory, Organisation, Site
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying
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
            raise NotFoundError(Saying("No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`."))
        return Inventory(
            installation=cast(Installation, installation),
            organisations=cast(tuple[Organisation, ...], self.of(EntityKind.ORGANISATION)),
            sites=cast(tuple[Site, ...], self.of(EntityKind.SITE)),
        )

    @cached_property
    def equipment(self) -> tuple[Equipment, ...]:
        """Every box, by serial number."""
        return cast(tuple[Equipment, ...], self.of(EntityKind.EQUIPMENT))

    @cached_property
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
    """The register as it is now."""
    return as_of(connection, old, connection.execute(select(func.max(revisions.c.number))).scalar_one() or 0)


def as_of(connection: Connection, near: Snapshot, revision: int) -> Snapshot:
    """The register as it was at a revision, read from what differs between it and `near`, before or after it."""
    if revision == near.revision:
        return near
    low, high = sorted((near.revision, revision))
    differs = or_(versions.c.since.between(low + 1, high), versions.c.until.between(low + 1, high))
    gone = select(versions.c.kind, versions.c.key).where(differs, _in_force(near.revision))
    there = select(versions).where(differs, _in_force(revision))
    changes: dict[Name, Entity | None] = dict.fromkeys(map(name, connection.execute(gone).mappings()))
    return near.changed(changes | {name(row): entity(row) for row in connection.execute(there).mappings()}, revision)


def name(row: Row) -> Name:
    """Kind and key of a row of `versions`."""
    key = row["key"]
    if not isinstance(key, str):  # SQLite keeps anything in any column
        raise TypeError(f"the key {key!r} is no text")
    return EntityKind(row["kind"]), key


def entity(row: Row) -> Entity:
    """The entity in a row of `versions`."""
    return NOUNS[EntityKind(row["kind"])].model_validate(row["document"])


def _in_force(revision: int) -> ColumnElement[bool]:
    return and_(versions.c.since <= revision, or_(versions.c.until.is_(None), versions.c.until > revision))
