"""The rules of an inventory: one small function each, in a table; `check` runs them all over a whole fleet."""

from collections.abc import Callable, Mapping

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Inventory
from linjevakt.model.platform import Platform
from linjevakt.model.rules.base import Facts, Finding
from linjevakt.model.rules.change import Change, check_change
from linjevakt.model.rules.tables import ALONE, FLEET
from linjevakt.model.saying import Saying, together

__all__ = ["ALONE", "FLEET", "Change", "Check", "Finding", "check", "check_change", "refuse_broken"]

Check = Callable[[Inventory | Change], None]
"""Raises InvalidInputError when a whole fleet, or a change of one that broke no rule, breaks one."""


def check(inventory: Inventory, catalogue: Catalogue, platforms: Mapping[str, Platform]) -> list[Finding]:
    """Every finding in the inventory; none means that it may be stored. `platforms`: as in `Facts`."""
    facts = Facts(inventory, catalogue, platforms)
    sites = enumerate(inventory.sites)
    alone = [found.within("sites", n) for n, site in sites for rule in ALONE for found in rule(site)]
    return alone + [finding for rule in FLEET for finding in rule(facts)]


def refuse_broken(fleet: Inventory | Change, catalogue: Catalogue, platforms: Mapping[str, Platform]) -> None:
    """Raises InvalidInputError with every finding, when there is one. `platforms`: as in `Facts`."""
    against = catalogue, platforms
    if findings := check_change(fleet, *against) if isinstance(fleet, Change) else check(fleet, *against):
        raise InvalidInputError(together("; ", [Saying("{}. {}", found.message, found.remedy) for found in findings]))
