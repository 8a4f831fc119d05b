"""What one set of nouns has that another has not: by organisation, site and box, down to the field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linjevakt.model.entity import Entity, EntityKind, called, name_of
from linjevakt.model.fields import Noun
from linjevakt.model.saying import Saying

Kind = Literal["added", "changed", "removed"]
_KINDS: Mapping[Kind, Saying] = {
    "added": Saying("added"),
    "changed": Saying("changed"),
    "removed": Saying("removed"),
}


@dataclass(frozen=True)
class Difference:
    """One noun that is not the same; `fields` says how: `lines[0].down_mbit: 100 -> 200`."""

    kind: Kind
    noun: EntityKind
    key: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`changed site fjellheim: lines[0].down_mbit: 100 -> 200`."""
        return self.said("en")

    def said(self, language: str) -> str:
        """The same in `nb` or `en`."""
        what = Saying("{} {}", _KINDS[self.kind], called(self.noun, self.key))
        return (Saying("{}: {}", what, "; ".join(self.fields)) if self.fields else what).said(language)


@dataclass(frozen=True)
class FieldChange:
    """One field that is not the same; None: not set."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """`lines[0].down_mbit: 100 -> 200`."""
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


def differences(old: Iterable[Entity], new: Iterable[Entity]) -> list[Difference]:
    """What saving `new` over `old` changes."""
    before, after = ({name_of(entity): entity for entity in entities} for entities in (old, new))
    return [
        *(Difference("removed", *name) for name in before if name not in after),
        *(Difference("added", *name) for name in after if name not in before),
        *(
            Difference("changed", *name, tuple(map(str, field_changes(before[name], entity))))
            for name, entity in after.items()
            if before.get(name, entity) != entity
        ),
    ]


def field_changes(old: Noun | None, new: Noun | None) -> Iterator[FieldChange]:
    """Every field that is not the same; None: the noun is not there at all."""
    before, after = (dict(_leaves(noun.model_dump(mode="json"))) if noun else {} for noun in (old, new))
    for path in [*before, *(path for path in after if path not in before)]:
        if before.get(path) != after.get(path):
            yield FieldChange(path, before.get(path), after.get(path))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{n}]")
    else:
        yield path, None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: str | None) -> str:
    return "-" if value is None else value
