"""Merges what a folder says into what others have saved since it was exported: noun by noun, then field by field.

Three versions of each noun are looked at, as `git merge` does with three of a file: the base that the folder was
written from, theirs (what is saved now) and mine (what the folder says). Where one side alone has changed a field since
the base, its value is taken; where both have, each in its own way, they clash.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from linjevakt.model import shape
from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name, called
from linjevakt.model.fields import Noun
from linjevakt.model.saying import Saying

Entities = Mapping[Name, Entity]
Fields = tuple[str, ...]
Silent = Mapping[type[Noun], Collection[Fields]]
N = TypeVar("N", bound=Noun)

_PARTS = frozenset({"site", "router", "membership", "line"})
"""Nouns inside that are merged field by field; any other is one value: of two addressings no third one is made."""

_ROWS: Mapping[str, Fields] = {
    "lines": ("name",),
    "segments": ("name",),
    "sharing": ("organisation",),
    "hubs": ("router", "name"),
    "services": ("key",),
    "pools": ("key",),
}
"""Lists of nouns that are told apart by a field of theirs: they are merged row by row, any other list is one value."""

_CALLED: Mapping[str, Saying] = {
    "lines": Saying("line"),
    "segments": Saying("segment"),
    "sharing": Saying("sharing"),
    "hubs": Saying("hub"),
    "services": Saying("service"),
    "pools": Saying("pool"),
}
"""What a row of each is called."""

_NEEDED: Mapping[str, Fields] = {
    "contacts": ("name", "phone"),
    "exclusions": ("since", "reason"),
    "blocks": ("to", "reason"),
}
"""Lists whose rows nothing tells apart: what a row of a sheet cannot be without."""


@dataclass(frozen=True)
class Clash:
    """A field that both sides have changed, each in its own way; without `place` the noun as a whole.

    None: not there. `place` names rows by what tells them apart: `("lines", "wan0", "down_mbit")`.
    """

    noun: EntityKind
    key: str
    place: Fields
    base: Any
    theirs: Any
    mine: Any

    @property
    def field(self) -> str:
        """`lines[wan0].down_mbit`; empty for the noun as a whole."""
        named = zip(("", *self.place), self.place, strict=False)
        return "".join(f"[{part}]" if before in _ROWS else f".{part}" for before, part in named).removeprefix(".")


@dataclass(frozen=True)
class Merged:
    """What the register would hold, and where the two sides clash."""

    entities: Entities
    clashes: tuple[Clash, ...]


def merge(base: Entities | None, theirs: Entities, mine: Entities, *, prefer_mine: bool) -> Merged:
    """All that `theirs` or `mine` have. `base` None: nobody knows what the folder was written from.

    Then it is taken to say what is to be there: what it lacks goes, and each field that it has otherwise is a clash.
    """
    merger = _Merger(prefer_mine, guesses=base is None)
    was = {name: theirs[name] for name in theirs if name not in mine} if base is None else base
    found = {name: merger.noun(name, was.get(name), theirs.get(name), mine.get(name)) for name in {**theirs, **mine}}
    return Merged({name: entity for name, entity in found.items() if entity}, tuple(merger.clashes))


def completed(mine: N, known: Noun | None, silent: Collection[Fields]) -> N:
    """The noun of a folder that says nothing of the fields at the places in `silent`, with those as they are known.

    A row that is not known keeps its own.
    """
    if known is None or not silent:
        return mine
    plain, old = _plain(mine) or {}, _plain(known) or {}
    for place in silent:
        _complete(plain, old, place)
    return type(mine).model_validate(plain)


def _complete(mine: dict[str, Any], known: dict[str, Any], place: Fields) -> None:
    name, *rest = place
    inner = known.get(name)
    if not rest:
        mine.pop(name, None)
        mine |= {name: inner} if inner is not None else {}
    elif isinstance(inner, dict):
        _complete(mine.setdefault(name, {}), inner, tuple(rest))
    elif isinstance(inner, list):
        rows = _recognised(name, inner)
        for identity, row in _recognised(name, mine.get(name, [])).items():
            if identity in rows:
                _complete(row, rows[identity], tuple(rest))


def _recognised(of: str, rows: list[Any]) -> dict[Any, Any]:
    """Rows by what a sheet must say of each; the first, second... where several say the same."""
    if of in _ROWS:
        return _by_identity(of, rows)
    said = [tuple(row[name] for name in _NEEDED[of]) for row in rows]
    return {(one, said[:n].count(one)): row for n, (one, row) in enumerate(zip(said, rows, strict=True))}


def removals(before: Entities, after: Entities) -> Iterator[str]:
    """What is there no more: nouns, and rows of those that stay: `line wan1 of site fjellheim`."""
    for name, old in before.items():
        new, noun = after.get(name), called(*name)
        if new is None:
            yield noun
        elif new != old:
            gone = (row for row in _rows(old) if row not in set(_rows(new)))
            yield from (Saying("{row} of {noun}", row=row, noun=noun) for row in gone)


def _rows(noun: Noun) -> Iterator[Saying]:
    for of, identity in _ROWS.items():
        rows = (row for row in shape.value(noun, of) or () if isinstance(row, Noun))
        yield from (Saying("{} {}", _CALLED[of], _identity(row, identity)) for row in rows)


def at(noun: Noun | None, place: Fields) -> Any:
    """The plain value at a place of a noun; None where there is none."""
    found: Any = noun.model_dump(mode="json", exclude_none=True) if noun else None
    for before, part in zip(("", *place), place, strict=False):
        rows = _by_identity(before, found) if before in _ROWS and isinstance(found, list) else found
        found = rows.get(part) if isinstance(rows, dict) else None
    return found


@dataclass
class _Merger:
    """Goes down all three at once and notes the clashes."""

    prefer_mine: bool
    guesses: bool  # nobody knows the base: what mine lacks is taken to have been there
    clashes: list[Clash] = field(default_factory=list)
    name: Name = (EntityKind.SITE, "")

    def noun(self, name: Name, base: Entity | None, theirs: Entity | None, mine: Entity | None) -> Entity | None:
        if mine == base:
            return theirs
        if theirs in (base, mine):
            return mine
        self.name = name
        versions = [_plain(one) for one in (base, theirs, mine)]
        if theirs is None or mine is None:
            return mine if self._clash((), *versions) else theirs
        return NOUNS[name[0]].model_validate(self._fields((), *(one or {} for one in versions)))

    def _fields(self, place: Fields, base: Any, theirs: Any, mine: Any) -> dict[str, Any]:
        found = {
            name: self._value((*place, name), base.get(name), theirs.get(name), mine.get(name))
            for name in {**theirs, **mine}
        }
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, place: Fields, base: Any, theirs: Any, mine: Any) -> Any:
        if mine == base and not (self.guesses and mine is None):
            return theirs
        if theirs in (base, mine):
            return mine
        if place[-1] in _ROWS and _are_nouns(theirs) and _are_nouns(mine):
            return self._rows(place, base or [], theirs, mine)
        if isinstance(theirs, dict) and isinstance(mine, dict) and _has_parts(place):
            return self._fields(place, base or {}, theirs, mine)
        return mine if self._clash(place, base, theirs, mine) else theirs

    def _rows(self, place: Fields, base: Any, theirs: Any, mine: Any) -> list[Any]:
        """Row by row, in my order where I have changed it, else in theirs."""
        was, others, ours = (_by_identity(place[-1], rows) for rows in (base, theirs, mine))
        if self.guesses:
            was = {name: row for name, row in others.items() if name not in ours}
        merged = self._fields(place, was, others, ours)
        first, second = (ours, others) if self._moved(was, ours) else (others, ours)
        return [merged[name] for name in {**first, **second} if name in merged]

    def _moved(self, was: Collection[str], ours: Collection[str]) -> bool:
        """Whether the rows are to be in my order."""
        if self.guesses:
            return self.prefer_mine
        return [name for name in ours if name in was] != [name for name in was if name in ours]

    def _clash(self, place: Fields, base: Any, theirs: Any, mine: Any) -> bool:
        """Notes it; whether mine is to be taken."""
        self.clashes.append(Clash(*self.name, place, base, theirs, mine))
        return self.prefer_mine


def _plain(noun: Noun | None) -> dict[str, Any] | None:
    return noun.model_dump(mode="json", exclude_none=True) if noun else None


def _has_parts(place: Fields) -> bool:
    """Whether what is there is a noun whose fields are merged one by one: a row, or one of `_PARTS`."""
    return place[-1] in _PARTS or place[-2:-1] in {(name,) for name in _ROWS}


def _are_nouns(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _by_identity(of: str, rows: list[Any]) -> dict[str, Any]:
    return {str(_at(row, _ROWS[of])): row for row in rows}


def _at(row: Any, place: Fields) -> Any:
    for part in place:
        row = row[part]
    return row


def _identity(noun: Noun, place: Fields) -> Any:
    found: Any = noun
    for part in place:
        found = getattr(found, part)
    return found
