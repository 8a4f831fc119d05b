"""The rules of an inventory: one small function each, in a table; `check` runs them all."""

from collections.abc import Mapping

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Inventory
from linjevakt.model.rules import addresses, lines, names, numbering, organisations, segments, services
from linjevakt.model.rules.base import Facts, Finding
from linjevakt.model.saying import Saying, together

__all__ = ["ALONE", "FLEET", "Finding", "check", "refuse_broken"]

ALONE = (*lines.ALONE, *segments.ALONE, *organisations.ALONE)
FLEET = (*organisations.FLEET, *lines.FLEET, *addresses.FLEET, *numbering.FLEET, *names.FLEET, *services.FLEET)


def check(inventory: Inventory, catalogue: Catalogue, platforms: Mapping[str, frozenset[str]]) -> list[Finding]:
    """Every finding in the inventory; none means that it may be stored. `platforms`: as in `Facts`."""
    facts = Facts(inventory, catalogue, platforms)
    sites = enumerate(inventory.sites)
    alone = [found.within("sites", n) for n, site in sites for rule in ALONE for found in rule(site)]
    return alone + [finding for rule in FLEET for finding in rule(facts)]


def refuse_broken(inventory: Inventory, catalogue: Catalogue, platforms: Mapping[str, frozenset[str]]) -> None:
    """Raises InvalidInputError with every finding, when there is one. `platforms`: as in `Facts`."""
    if findings := check(inventory, catalogue, platforms):
        raise InvalidInputError(together("; ", [Saying("{}. {}", found.message, found.remedy) for found in findings]))
