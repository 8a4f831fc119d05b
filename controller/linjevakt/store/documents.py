"""The documents of a register as they are stored: each is read as a value of the model when it is asked for first."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast

from linjevakt.model.entity import NOUNS, Entity, EntityKind, Name
from linjevakt.store.records import readable

E = TypeVar("E", bound=Entity)


class Documents(Mapping[Name, Entity]):
    """Entities by kind and key: who wants one of 20,000 does not wait for the others.

    Raises StorageError where what is stored is no such entity.
    """

    def __init__(self, kept: Mapping[Name, str | Entity]) -> None:
        self._kept = dict(kept)

    def __getitem__(self, name: Name) -> Entity:
        """See Mapping."""
        found = self._kept[name]
        if isinstance(found, str):
            found = self._kept[name] = _entity(name[0], found)
        return found

    def __contains__(self, name: object) -> bool:
        """See Mapping."""
        return name in self._kept

    def __iter__(self) -> Iterator[Name]:
        """See Mapping."""
        return iter(self._kept)

    def __len__(self) -> int:
        """See Mapping."""
        return len(self._kept)

    def changed(self, changes: Mapping[Name, str | Entity | None]) -> "Documents":
        """With these instead, as documents or as entities; None: gone."""
        made = Documents(self._kept)
        for name, found in changes.items():
            if found is None:
                made._kept.pop(name, None)
            else:
                made._kept[name] = found
        return made


class OfKind(Mapping[str, E], Generic[E]):
    """Those of one kind by key, in the order of their keys."""

    def __init__(self, documents: Mapping[Name, Entity], kind: EntityKind) -> None:
        self._documents, self._kind = documents, kind
        self._keys = sorted(key for of, key in documents if of is kind)

    def __getitem__(self, key: str) -> E:
        """See Mapping."""
        return cast(E, self._documents[self._kind, key])

    def __contains__(self, key: object) -> bool:
        """See Mapping."""
        return (self._kind, key) in self._documents

    def __iter__(self) -> Iterator[str]:
        """See Mapping."""
        return iter(self._keys)

    def __len__(self) -> int:
        """See Mapping."""
        return len(self._keys)


@readable()
def _entity(kind: EntityKind, document: str) -> Entity:
    return NOUNS[kind].model_validate_json(document)
