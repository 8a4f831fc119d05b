"""What every rule gives and gets: a finding with its place in the inventory, and the facts it may look at."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, update_wrapper

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Inventory, Line, Organisation, Router, Site
from linjevakt.model.platform import Platform
from linjevakt.model.saying import Saying

__all__ = ["Alone", "Facts", "Finding", "Findings", "Item", "Rule", "Unique", "Where", "repeated", "unique"]

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """What breaks a rule; `where` leads from the inventory to the field: ("sites", 3, "lines", 0, "name").

    `other`: where two clash, the same told of the other one.
    """

    where: Where
    message: str
    remedy: str
    other: "Finding | None" = None

    def within(self, *prefix: str | int) -> "Finding":
        """The same finding seen from further out."""
        other = self.other.within(*prefix) if self.other else None
        return Finding((*prefix, *self.where), self.message, self.remedy, other)


@dataclass(frozen=True)
class Facts:
    """What the rules over the whole fleet look at; `platforms` are those that have templates, by name."""

    inventory: Inventory
    catalogue: Catalogue
    platforms: Mapping[str, Platform]
    members: Mapping[str, Organisation] | None = None
    """Everyone, by number, where the inventory has some of them only."""

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        """The organisations by number."""
        if self.members is not None:
            return self.members
        return {organisation.number: organisation for organisation in self.inventory.organisations}

    def lines(self) -> Iterator[tuple[Where, Router, Line]]:
        """Every line of hubs and sites, with its place and its router."""
        for n, hub in enumerate(self.inventory.installation.hubs):
            yield ("installation", "hubs", n, "line"), hub.router, hub.line
        for n, site in enumerate(self.inventory.sites):
            for m, line in enumerate(site.lines):
                yield ("sites", n, "lines", m), site.router, line


Findings = Iterator[Finding]
Alone = Callable[[Site], Findings]
Rule = Callable[[Facts], Findings]
Item = tuple[Where, Hashable, str]
"""Where a value stands, the value, and whose it is."""


class Unique:
    """The rule that no two have the same value; what it looks at is also what the register knows its holders by."""

    __name__: str

    def __init__(self, items: Callable[[Facts], Iterable[Item]], what: str, remedy: str) -> None:
        self.items, self._what, self._remedy = items, what, remedy
        update_wrapper(self, items)

    def __call__(self, facts: Facts) -> Findings:
        """A finding for each value that was there before."""
        return repeated(self.items(facts), self._what, self._remedy)


def unique(what: str, remedy: str) -> Callable[[Callable[[Facts], Iterable[Item]]], Unique]:
    """Makes the rule of a function that says every value that may be there once."""
    return lambda items: Unique(items, what, remedy)


def repeated(items: Iterable[Item], what: str, remedy: str) -> Findings:
    """A finding for every value that was there before; the third of each item says whose it is."""
    seen: dict[Hashable, tuple[Where, str]] = {}
    for where, value, whose in items:
        if value in seen:
            first, its = seen[value]
            other = Finding(first, _used(what, value, whose), remedy)
            yield Finding(where, _used(what, value, its), remedy, other)
        seen.setdefault(value, (where, whose))


def _used(what: str, value: Hashable, whose: str) -> Saying:
    return Saying("{what} {value!r} is already used by {whose}", what=what, value=str(value), whose=whose)
