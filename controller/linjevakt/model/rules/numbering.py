"""One set of rules for every address field: what no host can have, and who lies where inside the closed network."""

from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, Final, get_args

from linjevakt.model import shape
from linjevakt.model.fields import Noun
from linjevakt.model.rules.base import Facts, Finding, Findings, Item, Rule, Where, unique
from linjevakt.model.saying import Saying

_LINK_LOCAL: Final = IPv4Network("169.254.0.0/16")
_NO_HOST: Final = {
    IPv4Network("0.0.0.0/8"): Saying("no host's address"),
    IPv4Network("127.0.0.0/8"): Saying("a loopback address"),
    IPv4Network("224.0.0.0/4"): Saying("a multicast address"),
    IPv4Network("240.0.0.0/4"): Saying("a reserved or broadcast address"),
    _LINK_LOCAL: Saying("link-local ({})", _LINK_LOCAL),
}
"""What IANA's register of special-purpose addresses (RFC 6890) says no host on a link has; a router refuses it too."""

_KINDS: Final = frozenset({IPv4Address, IPv4Interface, IPv4Network})
_OF_PROVIDER: Final = Saying("Ask the provider for the right one")
_ENDS: Final = 31  # a network of that prefix length, or a longer one, has no address of its own (RFC 3021)


@cache
def fields(noun: type[Noun]) -> tuple[tuple[str, ...], ...]:
    """The paths of all address fields of a noun, those of nouns and lists inside included."""
    found: dict[tuple[str, ...], None] = {}
    for name, field in shape.named(noun).items():
        for kind in _types(field.annotation):
            if kind in _KINDS:
                found[(name,)] = None
            elif isinstance(kind, type) and issubclass(kind, Noun):
                found |= dict.fromkeys((name, *path) for path in fields(kind))
    return tuple(found)


def addresses(noun: Noun) -> Iterator[tuple[Where, Any]]:
    """Every address, address with prefix length and network in a noun, with its place."""
    for path in fields(type(noun)):
        yield from _at(noun, path, ())


def impossible(noun: Noun) -> Findings:
    """No field has what no host can have. A gateway may be link-local: it is only spoken to on the link."""
    for where, value in addresses(noun):
        whose = _special(value, where[-1])
        if whose:
            wan = "addressing" in where or "alternatives" in where
            remedy = _OF_PROVIDER if wan else Saying("Name addresses that hosts can have")
            yield Finding(
                where, Saying("{address} is {whose}", address=getattr(value, "ip", value), whose=whose), remedy
            )


def ends_of(network: IPv4Network) -> frozenset[IPv4Address]:
    """The addresses of a network that no host of it has: its own, and the broadcast address."""
    if network.prefixlen >= _ENDS:
        return frozenset()
    return frozenset({network.network_address, network.broadcast_address})


def end_of(network: IPv4Network, address: IPv4Address) -> Saying:
    """What is wrong with such an address."""
    return Saying("{} is the network or broadcast address of {}", address, network)


def addresses_are_possible(facts: Facts) -> Findings:
    """Whatever field it is in."""
    for finding in impossible(facts.inventory.installation):
        yield finding.within("installation")
    for n, site in enumerate(facts.inventory.sites):
        for finding in impossible(site):
            yield finding.within("sites", n)


def inside_networks_are_apart(facts: Facts) -> Findings:
    """The `inside` prefixes are a list of networks without repetitions: that is how routers take it."""
    inside = facts.inventory.installation.inside
    for n, network in enumerate(inside):
        if other := next((one for one in inside[:n] if one.overlaps(network)), None):
            message = Saying("{network} overlaps {other}", network=network, other=other)
            yield Finding(("installation", "inside", n), message, Saying("Keep the larger one"))


def hubs_are_hosts_inside(facts: Facts) -> Findings:
    """A hub's inside address is a host of its network, and no service's."""
    installation = facts.inventory.installation
    services = {service.address: service.key for service in installation.endpoints}
    for n, hub in enumerate(installation.hubs):
        where, address = ("installation", "hubs", n, "inside_address"), hub.inside_address.ip
        if address in ends_of(hub.inside_address.network):
            yield Finding(where, end_of(hub.inside_address.network, address), Saying("Name a host in it"))
        if address in services:
            message = Saying("{} is the address of the service {}", address, services[address])
            yield Finding(where, message, Saying("Name the hub's own"))


def services_are_hosts(facts: Facts) -> Findings:
    """A service is a host behind a hub: at no end of its network, no router, and in no site's LAN."""
    installation = facts.inventory.installation
    behind = [hub.inside_address.network for hub in installation.hubs]
    sites = _networks_of_sites(facts)
    for n, service in enumerate(installation.endpoints):
        ends = next((network for network in behind if service.address in ends_of(network)), None)
        other = next((whose for network, whose in sites if service.address in network), None)
        if ends or other:
            address, where = service.address, ("installation", "services", n, "address")
            message = end_of(ends, address) if ends else Saying("{} is in {}", address, other)
            yield Finding(where, message, Saying("Name the server behind the hub"))


def controllers_are_no_sites(facts: Facts) -> Findings:
    """Nobody logs in to routers from a site's LAN, or from a router."""
    sites = _networks_of_sites(facts)
    for n, controllers in enumerate(facts.inventory.installation.controllers):
        if other := next((whose for network, whose in sites if network.overlaps(controllers)), None):
            message = Saying("{} overlaps {}, from where one could log in to routers", controllers, other)
            remedy = Saying("Name the controllers' own addresses only")
            yield Finding(("installation", "controllers", n), message, remedy)


def pools_are_usable(facts: Facts) -> Findings:
    """A pool lies inside, not within what is no segment's, and has room for a prefix of its length."""
    installation = facts.inventory.installation
    taken = [installation.management, *(hub.inside_address.network for hub in installation.hubs)]
    for n, pool in enumerate(installation.pools):
        where: Where = ("installation", "pools", n)
        if not any(pool.network.subnet_of(inside) for inside in installation.inside):
            closed = ", ".join(map(str, installation.inside))
            message = Saying("{} is outside the closed network ({})", pool.network, closed)
            yield Finding((*where, "network"), message, Saying("Choose a network inside it"))
        if other := next((one for one in taken if pool.network.subnet_of(one)), None):
            message = Saying("{} lies in {}, which is for routers, or behind a hub", pool.network, other)
            yield Finding((*where, "network"), message, Saying("Choose another network"))
        if pool.prefix_length < pool.network.prefixlen:
            message = Saying("{} has no room for a /{}", pool.network, pool.prefix_length)
            yield Finding((*where, "prefix_length"), message, Saying("Choose {} to 30", pool.network.prefixlen))


@unique(Saying("the pool's key"), Saying("Choose another key"))
def pools_are_unique(facts: Facts) -> Iterator[Item]:
    """One pool a key."""
    for n, pool in enumerate(facts.inventory.installation.pools):
        yield ("installation", "pools", n, "key"), pool.key, Saying("another pool")


def _networks_of_sites(facts: Facts) -> list[tuple[IPv4Network, str]]:
    """The management pool, and every segment's prefix, with what it is."""
    segments = [
        (segment.prefix, Saying("segment {segment} of site {site}", segment=segment.name, site=site.key))
        for site in facts.inventory.sites
        for segment in site.segments
    ]
    return [(facts.inventory.installation.management, Saying("the management pool")), *segments]


def _special(value: Any, name: str | int) -> str:
    """Whose the address is that no host can have, or that a network holds; empty: it is all right.

    What traffic is blocked `to` may be wider, such as 0.0.0.0/0: it is given to nobody.
    """
    for network, whose in _NO_HOST.items():
        if isinstance(value, IPv4Network):
            if value.subnet_of(network) or (name != "to" and value.supernet_of(network)):
                return whose
        elif value in network and not (name == "gateway" and network == _LINK_LOCAL):
            return whose
    return ""


def _at(value: Any, path: tuple[str, ...], where: Where) -> Iterator[tuple[Where, Any]]:
    if isinstance(value, tuple):
        for n, item in enumerate(value):
            yield from _at(item, path, (*where, n))
    elif not path:
        yield where, value
    elif (inner := shape.value(value, path[0])) is not None:
        yield from _at(inner, path[1:], (*where, path[0]))


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _types(inner)


EACH: tuple[Rule, ...] = (addresses_are_possible, services_are_hosts, controllers_are_no_sites)
INSTALLATION: tuple[Rule, ...] = (
    inside_networks_are_apart,
    hubs_are_hosts_inside,
    pools_are_usable,
    pools_are_unique,
)
