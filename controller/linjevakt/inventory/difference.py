"""What one inventory has that another has not: by organisation and site, down to the field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linjevakt.model.inventory import Inventory, Noun

Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True)
class Difference:
    """One noun that is not the same; `fields` says how: `lines[0].down_mbit: 100 -> 200`."""

    kind: Kind
    noun: Literal["installation", "organisation", "site"]
    key: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`changed site fjellheim: lines[0].down_mbit: 100 -> 200`."""
        fields = f": {'; '.join(self.fields)}" if self.fields else ""
        return " ".join(filter(None, (self.kind, self.noun, self.key))) + fields


def differences(old: Inventory | None, new: Inventory) -> list[Difference]:
    """What saving `new` over `old` (None: nothing saved yet) changes."""
    before, after = _nouns(old), _nouns(new)
    return [
        *(Difference("removed", noun, key) for noun, key in before if (noun, key) not in after),
        *(Difference("added", noun, key) for noun, key in after if (noun, key) not in before),
        *(
            Difference("changed", noun, key, tuple(_changes(before[noun, key], value)))
            for (noun, key), value in after.items()
            if before.get((noun, key), value) != value
        ),
    ]


def _nouns(inventory: Inventory | None) -> Mapping[tuple[Literal["installation", "organisation", "site"], str], Noun]:
    if inventory is None:
        return {}
    return {
        ("installation", ""): inventory.installation,
        **{("organisation", organisation.number): organisation for organisation in inventory.organisations},
        **{("site", connection.key): connection for connection in inventory.connections},
    }


def _changes(old: Noun, new: Noun) -> Iterator[str]:
    before, after = (dict(_leaves(noun.model_dump(mode="json"))) for noun in (old, new))
    for path in [*before, *(path for path in after if path not in before)]:
        if before.get(path) != after.get(path):
            yield f"{path}: {_shown(before.get(path))} -> {_shown(after.get(path))}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{n}]")
    else:
        yield path, value


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)
