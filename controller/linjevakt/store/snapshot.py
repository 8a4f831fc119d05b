"""Every entity as it was at one revision; another one is reached by reading only what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Installation, Inventory, Organisation, Site
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying
from linjevakt.store.documents import Documents, OfKind
from linjevakt.store.records import Row, text
from linjevakt.store.tables import revisions, versions


@dataclass(frozen=True)
class Snapshot:
    """A whole register; frozen, so that whoever holds it is disturbed by nobody.

    `inventory`, `equipment` and `orders` read all that there is; `sites`, `members` and `boxes` what is asked for.
    """

    revision: int = 0
    entities: Documents = field(default_factory=lambda: Documents({}))

    @cached_property
    def installation(self) -> Installation:
        """Raises NotFoundError when none was ever saved."""
        found = self.entities.get((EntityKind.INSTALLATION, ""))
        if not isinstance(found, Installation):
            raise NotFoundError(Saying("No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`."))
        return found

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """The sites by key."""
        return OfKind(self.entities, EntityKind.SITE)

    @cached_property
    def members(self) -> Mapping[str, Organisation]:
        """The organisations by number."""
        return OfKind(self.entities, EntityKind.ORGANISATION)

    @cached_property
    def boxes(self) -> Mapping[str, Equipment]:
        """The boxes by serial number."""
        return OfKind(self.entities, EntityKind.EQUIPMENT)

    @cached_property
    def inventory(self) -> Inventory:
        """The fleet, by key. Raises NotFoundError when none was ever saved."""
        return Inventory(
            installation=self.installation,
            organisations=tuple(self.members.values()),
            sites=tuple(self.sites.values()),
        )

    @cached_property
    def equipment(self) -> tuple[Equipment, ...]:
        """Every box, by serial number."""
        return tuple(self.boxes.values())

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Every work order, by number."""
        found = OfKind[Order](self.entities, EntityKind.ORDER)
        return tuple(found[number] for number in sorted(found, key=int))

    def of(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Every entity of a kind, by key."""
        return tuple(OfKind[Entity](self.entities, kind).values())

    def changed(self, changes: Mapping[Name, str | Entity | None], revision: int) -> "Snapshot":
        """With these entities instead; None: gone."""
        return Snapshot(revision, self.entities.changed(changes))


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
    document = cast(versions.c.document, Text)  # as it is stored: it is decoded when it is asked for
    there = select(versions.c.kind, versions.c.key, document).where(differs, _in_force(revision))
    changes: dict[Name, str | Entity | None] = {name(*row): None for row in connection.execute(gone).all()}
    changes |= {name(kind, key): text(told) for kind, key, told in connection.execute(there).all()}
    return near.changed(changes, revision)


def name(kind: str, key: object) -> Name:
    """Kind and key of an entity, as `versions` has them."""
    if not isinstance(key, str):  # SQLite keeps anything in any column
        raise TypeError(f"the key {key!r} is no text")
    return EntityKind(kind), key


def entity(row: Row) -> Entity:
    """The entity in a row of `versions`."""
    return NOUNS[EntityKind(row["kind"])].model_validate(row["document"])


def _in_force(revision: int) -> ColumnElement[bool]:
    return and_(versions.c.since <= revision, or_(versions.c.until.is_(None), versions.c.until > revision))
