"""Rules about a site's lines: kinds, priorities and WAN addresses."""

from collections.abc import Iterator, Mapping

from linjevakt.model.inventory import Addressing, Line, LineKind, Site, Static
from linjevakt.model.rules.base import Alone, Facts, Finding, Findings, Item, Rule, Unique, Where, repeated, unique
from linjevakt.model.rules.numbering import end_of, ends_of
from linjevakt.model.saying import Saying


def mobile_backs_up(site: Site) -> Findings:
    """Every site has a mobile line: for operation and as backup path (domain.md section 1)."""
    if not any(line.kind is LineKind.MOBILE for line in site.lines):
        remedy = Saying("Add the router's mobile line: `kind: mobile`")
        yield Finding(("lines",), Saying("no line is mobile"), remedy)


def interfaces_are_unique(site: Site) -> Findings:
    """One line an interface."""
    items = ((("lines", n, "name"), line.name, Saying("another line")) for n, line in enumerate(site.lines))
    return repeated(items, Saying("the interface"), Saying("Give each line its own"))


def priorities_are_unique(site: Site) -> Findings:
    """The order of the lines is clear."""
    items = (
        (("lines", n, "priority"), line.priority, Saying("line {}", line.name)) for n, line in enumerate(site.lines)
    )
    remedy = Saying("Number the lines 1, 2, ... in the order they are to be used")
    return repeated(items, Saying("the priority"), remedy)


def hub_subscription_is_business(facts: Facts) -> Findings:
    """As every line of an own provider (domain.md section 1); a site's is looked at by its gate."""
    for n, hub in enumerate(facts.inventory.installation.hubs):
        if hub.line.kind is LineKind.OWN_ISP and not hub.line.business:
            message = Saying(
                "the subscription of {line} with {provider} is no business subscription",
                line=hub.line.name,
                provider=hub.line.provider,
            )
            where = ("installation", "hubs", n, "line", "business")
            yield Finding(where, message, Saying("Have the owner confirm one, then set `business: true`"))


def addresses_are_hosts(facts: Facts) -> Findings:
    """A static address is a host of its network, and the gateway another one."""
    for where, static in _fixed(facts):
        for finding in _static(static):
            yield finding.within(*where)


@unique(Saying("the static address"), Saying("Ask the provider for the right one"))
def addresses_are_unique(facts: Facts) -> Iterator[Item]:
    """A static address belongs to one line."""
    for where, _, line in facts.lines():
        if isinstance(line.addressing, Static):
            whose = Saying("line {line} of another router", line=line.name)
            yield (*where, "addressing", "address"), line.addressing.address.ip, whose


def addresses_are_outside(facts: Facts) -> Findings:
    """A WAN lies outside the closed network: inside prefixes are routed into the tunnel."""
    for where, static in _fixed(facts):
        for inside in facts.inventory.installation.inside:
            if static.address.network.overlaps(inside):
                message = Saying("{} overlaps {}, which is inside the closed network", static.address, inside)
                yield Finding((*where, "address"), message, Saying("Ask the provider for another network"))


def sites_are_away_from_hubs(facts: Facts) -> Findings:
    """No network of a site's line holds a hub: the site would look for its tunnel's other end on that line."""
    lines = (hub.line.addressing for hub in facts.inventory.installation.hubs)
    hubs = [line.address.ip for line in lines if isinstance(line, Static)]
    for where, static in _fixed(facts):
        held = next((hub for hub in hubs if hub in static.address.network), None)
        if held and where[0] == "sites":
            message = Saying("the network of {} holds {}, which is a hub's address", static.address, held)
            yield Finding((*where, "address"), message, Saying("Correct the address or its prefix length"))


def addressings_are_possible(facts: Facts) -> Findings:
    """A line gets its address in a way that its router's platform can."""
    for where, router, line in facts.lines():
        for place, way in _ways(line):
            platform = facts.platforms.get(router.platform)
            if platform and way.method not in platform.addressing:
                message = Saying(
                    "a router of platform {platform} cannot get its address by {method}",
                    platform=router.platform,
                    method=_METHODS[way.method],
                )
                yield Finding((*where, *place, "method"), message, _INSTEAD)


def hub_has_fixed_address(facts: Facts) -> Findings:
    """Sites find a hub by its address."""
    for n, hub in enumerate(facts.inventory.installation.hubs):
        if not isinstance(hub.line.addressing, Static):
            where = ("installation", "hubs", n, "line", "addressing")
            remedy = Saying("Give it `method: static`, address and gateway")
            yield Finding(where, Saying("a hub's line has no fixed address"), remedy)


def hub_finds_no_paths(facts: Facts) -> Findings:
    """Sites find what passes to a hub and back: nothing would use what a hub's line is said to carry."""
    for n, hub in enumerate(facts.inventory.installation.hubs):
        if hub.line.mtu:
            where = ("installation", "hubs", n, "line", "mtu")
            remedy = Saying("Take it out: sites find it themselves")
            yield Finding(where, Saying("a hub's line has an mtu, which nothing uses"), remedy)


def _fixed(facts: Facts) -> Iterator[tuple[Where, Static]]:
    """Every static way in which a line may be addressed, with its place."""
    for where, _, line in facts.lines():
        yield from (((*where, *place), way) for place, way in _ways(line) if isinstance(way, Static))


def _ways(line: Line) -> Iterator[tuple[Where, Addressing]]:
    """Every way in which the line may be addressed, with its place."""
    yield ("addressing",), line.addressing
    yield from ((("alternatives", n), way) for n, way in enumerate(line.alternatives))


def _static(static: Static) -> Findings:
    network, address, gateway = static.address.network, static.address.ip, static.gateway
    if gateway not in network:
        remedy = Saying("Correct it, or the address's prefix length")
        yield Finding(("gateway",), Saying("{} is not in {}", gateway, network), remedy)
    if gateway == address:
        message = Saying("{} is the line's own address", gateway)
        yield Finding(("gateway",), message, Saying("Name the provider's end"))
    for name, value in (("address", address), ("gateway", gateway)):
        if value in ends_of(network):
            yield Finding((name,), end_of(network, value), Saying("Name a host in it"))


_METHODS = {"static": Saying("configuration"), "dhcp": "DHCP", "pppoe": "PPPoE"}
_INSTEAD = Saying(
    "Have the provider's modem dial in (in router mode, not bridged), or ask the provider for DHCP or a fixed address; "
    "then write `method: dhcp`, or `static` with address and gateway"
)

ALONE: tuple[Alone, ...] = (mobile_backs_up, interfaces_are_unique, priorities_are_unique)
UNIQUE: Mapping[str, Unique] = {"static address": addresses_are_unique}
EACH: tuple[Rule, ...] = (
    addresses_are_hosts,
    addresses_are_outside,
    sites_are_away_from_hubs,
    addressings_are_possible,
)
INSTALLATION: tuple[Rule, ...] = (hub_subscription_is_business, hub_has_fixed_address, hub_finds_no_paths)
