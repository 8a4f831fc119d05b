"""A change of a fleet that broke no rule, as far as rules look at it, and who holds what no two may have."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, NamedTuple

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Installation, Inventory, Organisation, Site
from linjevakt.model.platform import Platform
from linjevakt.model.rules import organisations
from linjevakt.model.rules.base import Facts, Finding, Rule
from linjevakt.model.rules.tables import ALONE, APART, EACH, NAMED, UNIQUE

NAMES: Final = "member"
"""What a site holds of each member that it names."""

_NOTHING: Final = IPv4Network("0.0.0.0/32")
_NO_HUBS: Final = Installation.model_construct(inside=(), management=_NOTHING, controllers=(), hubs=(), endpoints=())


class Holding(NamedTuple):
    """A value that a site has, under the name by which `UNIQUE` knows it, or a member that it names."""

    what: str
    value: str
    site: str


@dataclass(frozen=True)
class Change:
    """What an edit makes of sites and members, the installation being as it was.

    `sites` and `members` are those that are new or not as they were, by key. Of the other sites, `near` are those that
    hold a value, or a part of a prefix, that is new to one of these; `naming` those that name a member that is not as
    it was, or gone. `everyone` is every member by number.
    """

    installation: Installation
    sites: tuple[Site, ...]
    members: tuple[Organisation, ...]
    near: tuple[Site, ...]
    naming: tuple[Site, ...]
    everyone: Mapping[str, Organisation]


def check_change(change: Change, catalogue: Catalogue, platforms: Mapping[str, Platform]) -> list[Finding]:
    """Every finding that `check` would have in the fleet as changed; places are those in the change."""

    def found(rules: Collection[Rule], *sites: Site, members: tuple[Organisation, ...] = ()) -> list[Finding]:
        seen = Inventory.model_construct(
            installation=change.installation,
            organisations=members,
            sites=tuple(sorted(sites, key=lambda site: site.key)),
        )
        facts = Facts(seen, catalogue, platforms, change.everyone)
        return [finding for rule in rules for finding in rule(facts)]

    return [
        *(finding for site in change.sites for rule in ALONE for finding in rule(site)),
        *found((*UNIQUE.values(), *APART), *change.sites, *change.near),
        *found(EACH, *change.sites, members=change.members),
        *found(NAMED, *change.sites, *change.naming),
    ]


def held(sites: Collection[Site]) -> frozenset[Holding]:
    """What these sites hold, and whom they name."""
    listed = tuple(sites)
    facts = Facts(Inventory.model_construct(installation=_NO_HUBS, organisations=(), sites=listed), {}, {})
    return frozenset(
        Holding(what, str(value), listed[int(where[1])].key)
        for what, values in (*((what, rule.items) for what, rule in UNIQUE.items()), (NAMES, organisations.named))
        for where, value, _ in values(facts)
    )


def prefixes(sites: Collection[Site]) -> frozenset[IPv4Network]:
    """What these sites' segments have."""
    return frozenset(segment.prefix for site in sites for segment in site.segments)
