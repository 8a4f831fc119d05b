"""What the rules look at of an edit: what it changes, and of all the rest no more than that can clash with it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection

from linjevakt.model.entity import Entity, EntityKind, Name
from linjevakt.model.inventory import Inventory, Organisation, Site
from linjevakt.model.rules.change import NAMES, Change, held, prefixes
from linjevakt.store import holdings, leases
from linjevakt.store.snapshot import Snapshot

_LOCAL: Final = frozenset({EntityKind.SITE, EntityKind.ORGANISATION})
Changes = Mapping[Name, Entity | None]


def touched(connection: Connection, before: Snapshot, changes: Changes) -> Change | Inventory | None:
    """The change for `rules.Check`: the whole fleet where the installation is another, nothing where no rule looks.

    Raises NotFoundError while no installation is saved.
    """
    kinds = {kind for kind, _ in changes}
    if EntityKind.INSTALLATION in kinds:
        return before.changed(changes, before.revision).inventory
    return _change(connection, before, changes) if kinds & _LOCAL else None


def _change(connection: Connection, before: Snapshot, changes: Changes) -> Change:
    changes = dict(sorted(changes.items()))
    sites = [entity for entity in changes.values() if isinstance(entity, Site)]
    members = {key: entity for (kind, key), entity in changes.items() if kind is EntityKind.ORGANISATION}
    others = _Others(before.entities, changes)
    return Change(
        installation=before.installation,
        sites=tuple(sites),
        members=tuple(member for member in members.values() if isinstance(member, Organisation)),
        near=others.of(_near(connection, sites, others.were)),
        naming=others.of(holdings.holders(connection, [(NAMES, number) for number in members])),
        everyone=_Members(before.entities, members),
    )


def _near(connection: Connection, sites: Collection[Site], were: Collection[Site]) -> frozenset[str]:
    """Who has what is new to these sites."""
    had = {(one.what, one.value) for one in held(were)}
    new = {(one.what, one.value) for one in held(sites) if one.what != NAMES} - had
    return holdings.holders(connection, new) | leases.holders(connection, prefixes(sites) - prefixes(were))


class _Others:
    """Sites as they were: those that change, and others."""

    def __init__(self, entities: Mapping[Name, Entity], changes: Changes) -> None:
        self._entities, self._changes = entities, changes

    @property
    def were(self) -> list[Site]:
        """What changes, as it was."""
        found = [self._entities.get(name) for name in self._changes]
        return [entity for entity in found if isinstance(entity, Site)]

    def of(self, keys: Collection[str]) -> tuple[Site, ...]:
        """Those of the keys that do not change, by key."""
        names = ((EntityKind.SITE, key) for key in sorted(keys))
        found = (self._entities.get(name) for name in names if name not in self._changes)
        return tuple(entity for entity in found if isinstance(entity, Site))


class _Members(Mapping[str, Organisation]):
    """Every member as it would be, by number; none is looked at that nobody asks for."""

    def __init__(self, entities: Mapping[Name, Entity], changes: Mapping[str, Entity | None]) -> None:
        self._entities, self._changes = entities, changes

    def __getitem__(self, number: str) -> Organisation:
        found = self._changes.get(number, self._entities.get((EntityKind.ORGANISATION, number)))
        if not isinstance(found, Organisation):
            raise KeyError(number)
        return found

    def __iter__(self) -> Iterator[str]:
        were = {key for kind, key in self._entities if kind is EntityKind.ORGANISATION} - self._changes.keys()
        yield from sorted(were | {number for number, member in self._changes.items() if member is not None})

    def __len__(self) -> int:
        return sum(1 for _ in self)
