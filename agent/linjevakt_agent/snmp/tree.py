"""A tree of SNMP objects: declared scalars and tables, and the walk through their instances in order of OID."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Oid = tuple[int, ...]
Compute = Callable[[], Any]
Syntax = Callable[[Any], Any]
"""Makes an ASN.1 value of a Python one."""

Source_contra = TypeVar("Source_contra", contravariant=True)


class Part(Protocol[Source_contra]):
    """A stretch of the tree: everything below `prefix`."""

    @property
    def prefix(self) -> Oid:
        """What all its instances begin with."""

    @property
    def objects(self) -> tuple[Oid, ...]:
        """Its objects, that is, its instances without their index."""

    def instances(self, source: Source_contra) -> dict[Oid, Compute]:
        """Instance -> what computes its value, in order of OID; raises when it cannot be known what instances are."""


@dataclass(frozen=True, slots=True)
class Scalar(Generic[Source_contra]):
    """One object with the single instance `.0`."""

    prefix: Oid
    syntax: Syntax
    get: Callable[[Source_contra], Any]

    @property
    def objects(self) -> tuple[Oid, ...]:
        """See Part."""
        return (self.prefix,)

    def instances(self, source: Source_contra) -> dict[Oid, Compute]:
        """See Part."""
        return {(*self.prefix, 0): lambda: self.syntax(self.get(source))}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `get` takes the row."""

    number: int
    syntax: Syntax
    get: Callable[[Any], Any]

    def cell(self, row: Any) -> Compute:
        """What computes the value in one row."""
        return lambda: self.syntax(self.get(row))


@dataclass(frozen=True, slots=True)
class Table(Generic[Source_contra]):
    """A conceptual table whose rows have one integer index; `prefix` is the entry's, columns stand in order."""

    prefix: Oid
    rows: Callable[[Source_contra], Mapping[int, Any]]
    columns: tuple[Column, ...]

    @property
    def objects(self) -> tuple[Oid, ...]:
        """See Part."""
        return tuple((*self.prefix, column.number) for column in self.columns)

    def instances(self, source: Source_contra) -> dict[Oid, Compute]:
        """See Part."""
        rows = sorted(self.rows(source).items())
        return {
            (*self.prefix, column.number, index): column.cell(row) for column in self.columns for index, row in rows
        }


class Tree(Generic[Source_contra]):
    """The instances of all parts; a part that cannot tell its instances fails for requests that reach into it only."""

    def __init__(self, parts: Iterable[Part[Source_contra]], source: Source_contra) -> None:
        self._parts = sorted(parts, key=lambda part: part.prefix)
        self._prefixes = [part.prefix for part in self._parts]
        self._objects = frozenset(name for part in self._parts for name in part.objects)
        self._source = source

    def has_object(self, oid: Oid) -> bool:
        """Whether `oid` could be an instance of one of the objects (RFC 3416: noSuchInstance, else noSuchObject)."""
        return any(oid[:length] in self._objects for length in range(1, len(oid)))

    def get(self, oid: Oid) -> Compute | None:
        """What computes the value of one instance, None if there is no such."""
        place = bisect_right(self._prefixes, oid) - 1
        if place < 0 or oid[: len(self._prefixes[place])] != self._prefixes[place]:
            return None
        return self._parts[place].instances(self._source).get(oid)

    def next(self, oid: Oid) -> tuple[Oid, Compute] | None:
        """The first instance after `oid`, None at the end."""
        for part in self._parts[max(0, bisect_right(self._prefixes, oid) - 1) :]:
            instances = part.instances(self._source)
            names = list(instances)
            if (place := bisect_right(names, oid)) < len(names):
                return names[place], instances[names[place]]
        return None
