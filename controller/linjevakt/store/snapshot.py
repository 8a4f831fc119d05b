"""Every entity at one revision, but the orders that had ended; another is reached by reading only what differs."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, cast

from sqlalchemy import JSON, ColumnElement, Connection, Integer, Text, and_, func, not_, or_, select, type_coerce
from sqlalchemy import cast as cast_to

from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name, name_of
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Installation, Inventory, Organisation, Site
from linjevakt.model.order import ENDED, Order
from linjevakt.model.saying import Saying
from linjevakt.store.documents import Documents, OfKind
from linjevakt.store.records import Row, text
from linjevakt.store.tables import revisions, versions

_NOW: Final = versions.c.until.is_(None)
_FLEET: Final = frozenset({EntityKind.INSTALLATION, EntityKind.ORGANISATION, EntityKind.SITE})


@dataclass(frozen=True)
class Snapshot:
    """A whole register; frozen, so that whoever holds it is disturbed by nobody.

    `inventory`, `equipment` and `orders` read all that there is; `sites`, `members` and `boxes` what is asked for.
    """

    revision: int = 0
    entities: Documents = field(default_factory=lambda: Documents({}))
    _of: dict[EntityKind, tuple[Entity, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def installation(self) -> Installation:
        """What is the same for the whole fleet. Raises NotFoundError when no inventory was ever saved."""
        found = self.entities.get((EntityKind.INSTALLATION, ""))
        if found is None:
            raise NotFoundError(Saying("No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`."))
        return cast(Installation, found)

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
        return Inventory.model_construct(
            installation=self.installation,
            organisations=cast(tuple[Organisation, ...], self.of(EntityKind.ORGANISATION)),
            sites=cast(tuple[Site, ...], self.of(EntityKind.SITE)),
        )

    @cached_property
    def equipment(self) -> tuple[Equipment, ...]:
        """Every box, by serial number."""
        return tuple(self.boxes.values())

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Every work order that has not ended, by number."""
        found = cast(tuple[Order, ...], self.of(EntityKind.ORDER))
        return tuple(sorted(found, key=lambda order: order.number))

    def of(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Every entity of a kind, by key."""
        if kind not in self._of:
            self._of[kind] = tuple(OfKind[Entity](self.entities, kind).values())
        return self._of[kind]

    def changed(self, changes: Mapping[Name, str | Entity | None], revision: int) -> "Snapshot":
        """With these entities instead; None: gone. Costs what is changed, not what there is."""
        entities = self.entities.changed(changes)
        kept = {kind: _with(found, kind, changes, entities) for kind, found in self._of.items()}
        after = Snapshot(revision, entities, kept)
        if "inventory" in vars(self) and not any(kind in _FLEET for kind, _ in changes):
            vars(after)["inventory"] = self.inventory
        return after


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
    document = cast_to(versions.c.document, Text)  # as it is stored: it is decoded when it is asked for
    there = select(versions.c.kind, versions.c.key, document).where(differs, _in_force(revision), not_(_ended()))
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


def order(connection: Connection, number: int | str) -> Order | None:
    """One work order as it is, ended or not."""
    query = select(versions).where(versions.c.kind == EntityKind.ORDER, versions.c.key == f"{number}", _NOW)
    row = connection.execute(query).mappings().first()
    return cast(Order, entity(row)) if row else None


def ended_orders(connection: Connection, numbers: Iterable[int]) -> tuple[Order, ...]:
    """Those of these work orders that have ended, newest first."""
    wanted = versions.c.kind == EntityKind.ORDER, versions.c.key.in_(list(map(str, numbers))), _NOW, _ended()
    found = connection.execute(select(versions).where(*wanted)).mappings()
    return tuple(sorted((cast(Order, entity(row)) for row in found), key=lambda order: -order.number))


def last_order(connection: Connection) -> int:
    """The highest number of a work order; 0: there was none yet."""
    number = func.max(cast_to(versions.c.key, Integer))
    return connection.execute(select(number).where(versions.c.kind == EntityKind.ORDER, _NOW)).scalar_one() or 0


def _with(
    known: tuple[Entity, ...], kind: EntityKind, changes: Iterable[Name], entities: Mapping[Name, Entity]
) -> tuple[Entity, ...]:
    """Entities by key, with those of their kind that changed."""
    mine = [key for of, key in changes if of is kind]
    if not mine:
        return known
    found = list(known)
    for key in mine:
        place = bisect_left(found, key, key=_key)
        there = place < len(found) and _key(found[place]) == key
        found[place : place + there] = [entities[kind, key]] if (kind, key) in entities else []
    return tuple(found)


def _key(entity: Entity) -> str:
    return name_of(entity)[1]


def _ended() -> ColumnElement[bool]:
    """Whether it is an order that has ended: most of those that ever were, and read by number when one is asked for."""
    state = type_coerce(versions.c.document, JSON)["state"].as_string()
    return and_(versions.c.kind == EntityKind.ORDER, func.coalesce(state, "").in_(ENDED))


def _in_force(revision: int) -> ColumnElement[bool]:
    return and_(versions.c.since <= revision, or_(versions.c.until.is_(None), versions.c.until > revision))
