"""What every rule gives and gets: a finding with its place in the inventory, and the facts it may look at."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Connection, Inventory, Line, Organisation, Router

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """What breaks a rule; `where` leads from the inventory to the field: ("connections", 3, "lines", 0, "name")."""

    where: Where
    message: str
    remedy: str

    def within(self, *prefix: str | int) -> "Finding":
        """The same finding seen from further out."""
        return Finding((*prefix, *self.where), self.message, self.remedy)


@dataclass(frozen=True)
class Facts:
    """What the rules over the whole fleet look at; `platforms` are those that have templates.

    Each with the methods by which a line of its routers can get its address.
    """

    inventory: Inventory
    catalogue: Catalogue
    platforms: Mapping[str, frozenset[str]]

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        """The organisations by number."""
        return {organisation.number: organisation for organisation in self.inventory.organisations}

    def lines(self) -> Iterator[tuple[Where, Router, Line]]:
        """Every line of hubs and sites, with its place and its router."""
        for n, hub in enumerate(self.inventory.installation.hubs):
            yield ("installation", "hubs", n, "line"), hub.router, hub.line
        for n, connection in enumerate(self.inventory.connections):
            for m, line in enumerate(connection.lines):
                yield ("connections", n, "lines", m), connection.router, line


Findings = Iterator[Finding]
Alone = Callable[[Connection], Findings]
Rule = Callable[[Facts], Findings]


def repeated(items: Iterable[tuple[Where, Hashable, str]], what: str, remedy: str) -> Findings:
    """A finding for every value that was there before; the third of each item says whose it is."""
    seen: dict[Hashable, str] = {}
    for where, value, whose in items:
        if value in seen:
            yield Finding(where, f"{what} {str(value)!r} is already used by {seen[value]}", remedy)
        seen.setdefault(value, whose)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """`Did you mean ...?` when something known is near, else `otherwise`."""
    near = get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else otherwise
