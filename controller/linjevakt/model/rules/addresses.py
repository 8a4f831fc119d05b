"""Rules about names and addresses inside the closed network, over the whole fleet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from linjevakt.model.inventory import Router
from linjevakt.model.near import did_you_mean
from linjevakt.model.record import CERTIFICATE_VALIDITY
from linjevakt.model.rules.base import Facts, Finding, Findings, Item, Rule, Unique, Where, unique
from linjevakt.model.saying import Saying

_Claim = tuple[IPv4Network, Where, str]
_WIDEN: Final = Saying("Correct it, or widen `inside`")


@unique(Saying("the site key"), Saying("Choose another key"))
def sites_are_unique(facts: Facts) -> Iterator[Item]:
    """One connection a site key."""
    for n, site in enumerate(facts.inventory.sites):
        yield ("sites", n, "site", "key"), site.key, Saying("the site of {router}", router=site.router.name)


@unique(Saying("the router name"), Saying("Choose another name"))
def router_names_are_unique(facts: Facts) -> Iterator[Item]:
    """One router a name."""
    return (((*where, "name"), router.name, whose) for where, router, whose in _routers(facts))


@unique(Saying("the serial number"), Saying("Read it off the router"))
def serials_are_unique(facts: Facts) -> Iterator[Item]:
    """One router a serial number."""
    return (((*where, "serial"), router.serial, whose) for where, router, whose in _routers(facts) if router.serial)


@unique(Saying("the management address"), Saying("Choose a free one of the pool"))
def management_is_unique(facts: Facts) -> Iterator[Item]:
    """One router a management address."""
    return (((*where, "management"), router.management, whose) for where, router, whose in _routers(facts))


def management_is_in_pool(facts: Facts) -> Findings:
    """Management addresses come out of the installation's pool, of which the ends stay free."""
    pool = facts.inventory.installation.management
    for where, router, _ in _routers(facts):
        if router.management not in pool or router.management in {pool.network_address, pool.broadcast_address}:
            message = Saying("{} is no host of the management pool {}", router.management, pool)
            yield Finding((*where, "management"), message, Saying("Choose a free address of the pool"))


def prefixes_are_inside(facts: Facts) -> Findings:
    """What the tunnel is to carry lies in the `inside` prefixes."""
    inside = facts.inventory.installation.inside
    for prefix, where, whose in _claims(facts):
        if not any(prefix.subnet_of(network) for network in inside):
            message = Saying(
                "{prefix} of {whose} is outside the closed network ({inside})",
                prefix=prefix,
                whose=whose,
                inside=", ".join(map(str, inside)),
            )
            yield Finding(where, message, Saying("Choose a prefix inside it"))


def prefixes_do_not_overlap(facts: Facts) -> Findings:
    """Segments, the management pool and the hubs' networks are apart."""
    widest, *others = sorted(_claims(facts), key=lambda claim: (claim[0].network_address, claim[0].prefixlen))
    for claim in others:
        if claim[0].network_address <= widest[0].broadcast_address:
            yield replace(_overlap(claim, widest), other=_overlap(widest, claim))
        if claim[0].broadcast_address > widest[0].broadcast_address:
            widest = claim


def quarantine_outlasts_certificates(facts: Facts) -> Findings:
    """Nobody gets addresses that another's certificate may name: its last one is no younger than the giving back."""
    days = facts.inventory.installation.quarantine_days
    if timedelta(days=days) <= CERTIFICATE_VALIDITY:
        yield Finding(
            ("installation", "quarantine_days"),
            Saying(
                "a quarantine of {days} days is over before a certificate that names the addresses has ended, which is "
                "{validity} days after it was made",
                days=days,
                validity=CERTIFICATE_VALIDITY.days,
            ),
            Saying("Choose {days} days or more, or leave it out", days=CERTIFICATE_VALIDITY.days + 1),
        )


def services_are_inside(facts: Facts) -> Findings:
    """A service behind a hub has an address inside the closed network."""
    for n, service in enumerate(facts.inventory.installation.endpoints):
        if not _is_inside(facts, service.address):
            yield Finding(("installation", "services", n, "address"), _outside(service.address), _WIDEN)


def controllers_are_no_services(facts: Facts) -> Findings:
    """What every site may use, a proxy above all, never stands where logins to routers come from."""
    for n, network in enumerate(facts.inventory.installation.controllers):
        if services := [s.key for s in facts.inventory.installation.endpoints if s.address in network]:
            message = Saying(
                "{network} holds the services {services}, through which a site could log in to routers",
                network=network,
                services=", ".join(services),
            )
            remedy = Saying("Name the controllers' own addresses only")
            yield Finding(("installation", "controllers", n), message, remedy)


def controllers_are_inside(facts: Facts) -> Findings:
    """The tunnels carry the controllers' addresses."""
    for n, network in enumerate(facts.inventory.installation.controllers):
        if not any(network.subnet_of(inside) for inside in facts.inventory.installation.inside):
            yield Finding(("installation", "controllers", n), _outside(network), _WIDEN)


@unique(Saying("the service key"), Saying("Choose another key"))
def services_are_unique(facts: Facts) -> Iterator[Item]:
    """One address a service key."""
    for n, service in enumerate(facts.inventory.installation.endpoints):
        yield ("installation", "services", n, "key"), service.key, Saying("another row")


def hub_ports_differ(facts: Facts) -> Findings:
    """A hub's line and its inside port are two interfaces."""
    for n, hub in enumerate(facts.inventory.installation.hubs):
        if hub.inside_port in {hub.line.name, hub.line.port}:
            where = ("installation", "hubs", n, "inside_port")
            message = Saying("{port} is the hub's line too", port=hub.inside_port)
            yield Finding(where, message, Saying("Name the port towards the services"))


def hubs_are_known(facts: Facts) -> Findings:
    """A connection's hub is one of the installation."""
    names = [hub.router.name for hub in facts.inventory.installation.hubs]
    for n, site in enumerate(facts.inventory.sites):
        if site.hub is not None and site.hub not in names:
            remedy = did_you_mean(site.hub, names, Saying("Name one of: {}", ", ".join(names)))
            yield Finding(("sites", n, "hub"), Saying("hub {!r} is unknown", site.hub), remedy)


def platforms_are_known(facts: Facts) -> Findings:
    """A router's platform has templates."""
    known = sorted(facts.platforms)
    for where, router, _ in _routers(facts):
        if router.platform not in facts.platforms:
            yield Finding((*where, "platform"), *unknown_platform(router.platform, known))


def unknown_platform(platform: str, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with a platform that has no templates, and how to mend it."""
    remedy = did_you_mean(platform, known, Saying("Name one of: {}", ", ".join(sorted(known))))
    return Saying("platform {!r} has no templates", platform), remedy


def _overlap(claim: _Claim, other: _Claim) -> Finding:
    message = Saying(
        "{prefix} of {whose} overlaps {other} of {others}",
        prefix=claim[0],
        whose=claim[2],
        other=other[0],
        others=other[2],
    )
    return Finding(claim[1], message, Saying("Choose a free prefix"))


def _outside(network: IPv4Address | IPv4Network) -> Saying:
    return Saying("{network} is outside the closed network, so no tunnel carries it", network=network)


def _is_inside(facts: Facts, address: IPv4Address) -> bool:
    return any(address in network for network in facts.inventory.installation.inside)


def _routers(facts: Facts) -> Iterator[tuple[Where, Router, str]]:
    for n, hub in enumerate(facts.inventory.installation.hubs):
        yield ("installation", "hubs", n, "router"), hub.router, Saying("hub {}", hub.router.name)
    for n, site in enumerate(facts.inventory.sites):
        yield ("sites", n, "router"), site.router, Saying("site {}", site.key)


def _claims(facts: Facts) -> Iterator[_Claim]:
    """Every prefix that someone uses inside, with its place and whose it is."""
    installation = facts.inventory.installation
    yield installation.management, ("installation", "management"), Saying("the management pool")
    for n, hub in enumerate(installation.hubs):
        yield (
            hub.inside_address.network,
            ("installation", "hubs", n, "inside_address"),
            Saying("hub {}", hub.router.name),
        )
    for n, site in enumerate(facts.inventory.sites):
        for m, segment in enumerate(site.segments):
            whose = Saying("segment {segment} of site {site}", segment=segment.name, site=site.key)
            yield segment.prefix, ("sites", n, "segments", m, "prefix"), whose


KEYS: tuple[Rule, ...] = (sites_are_unique,)
UNIQUE: Mapping[str, Unique] = {
    "router": router_names_are_unique,
    "serial": serials_are_unique,
    "management": management_is_unique,
}
APART: tuple[Rule, ...] = (prefixes_do_not_overlap,)
EACH: tuple[Rule, ...] = (management_is_in_pool, prefixes_are_inside, hubs_are_known, platforms_are_known)
INSTALLATION: tuple[Rule, ...] = (
    quarantine_outlasts_certificates,
    services_are_inside,
    controllers_are_no_services,
    controllers_are_inside,
    services_are_unique,
    hub_ports_differ,
)
