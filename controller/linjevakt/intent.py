"""Turns inventory, catalogue and identity into one router's intent: every name resolved, nothing left to decide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from itertools import combinations
from typing import Any

from linjevakt.model import lookup
from linjevakt.model.catalogue import Catalogue, Flow, PacRule, Probe, Service, Way
from linjevakt.model.dossier import Dossier
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.gate import open_segments
from linjevakt.model.intent import (
    FlowIntent,
    Identity,
    Intent,
    PacCase,
    PacIntent,
    PacRuleIntent,
    ProbeIntent,
    SegmentIntent,
    Tunnel,
)
from linjevakt.model.inventory import (
    Block,
    Dhcp,
    Endpoint,
    Hub,
    Installation,
    Line,
    Organisation,
    Segment,
    Site,
)
from linjevakt.model.rules.catalogue import opposed
from linjevakt.model.saying import Saying

CONNECTION = "hub"
KBIT = 1000


@dataclass(frozen=True)
class _Book:
    """Where names are looked up: services of the catalogue, and the addresses that they name."""

    installation: Installation
    catalogue: Catalogue

    def row(self, key: str) -> Service:
        if key not in self.catalogue:
            raise lookup.no_service(key, self.catalogue)
        return self.catalogue[key]

    def address(self, key: str) -> Endpoint:
        for service in self.installation.endpoints:
            if service.key == key:
                return service
        raise lookup.no_endpoint(key, (service.key for service in self.installation.endpoints))

    def endpoint(self, key: str) -> str:
        """`host` or `host:port`."""
        service = self.address(key)
        return f"{service.address}:{service.port}" if service.port else str(service.address)

    def servers(self, key: str) -> tuple[IPv4Address, ...]:
        """Where a service of the catalogue is found: the targets of its flows."""
        targets = dict.fromkeys(flow.to for flow in self.row(key).flows)
        return tuple(self.address(target).address for target in targets)

    def ordered(self, segments: Iterable[Segment]) -> list[Service]:
        """The services that any of the segments has ordered, each once, in the order of the orders."""
        keys = dict.fromkeys(key for segment in segments for key in segment.services)
        return [self.row(key) for key in keys]


def build(router: Dossier, catalogue: Catalogue, identity: Identity, *, bootstrap: bool = False) -> Intent:
    """The intent of one router, hub or site; a hub's never depends on which sites there are.

    Raises NotFoundError for a service or address that does not exist and InvalidInputError when two services of the
    catalogue contradict each other.
    """
    book, end = _Book(router.installation, catalogue), router.end
    if isinstance(end, Hub):
        return replace(_hub(book, end, identity), revision=router.revision)
    segments = () if bootstrap else _riding(book, end, router.members)
    site = end.model_copy(update={"segments": segments})
    return replace(_site(book, site, router.hub, identity), revision=router.revision)


def prefixes(router: Dossier) -> tuple[IPv4Network, ...]:
    """What the router's certificate and tunnel may carry: its management /32, then the segments whose gate is open.

    A hub's: the inside.
    """
    if router.site is None:
        return (IPv4Network(router.router.management), *router.installation.inside)
    riding = open_segments(router.site, router.members)
    return (IPv4Network(router.router.management), *(segment.prefix for segment in riding))


# --- the two kinds of router ---------------------------------------------------------------------------------------


def _hub(book: _Book, hub: Hub, identity: Identity) -> Intent:
    installation = book.installation
    inside = _union(installation.inside, [IPv4Network(hub.router.management)])
    sites = _union(installation.inside, [installation.management])
    return Intent(
        router=hub.router.name,
        platform=hub.router.platform,
        role="hub",
        location=hub.router.name,
        lines=(hub.line,),
        tunnel=Tunnel(CONNECTION, hub.router.name, None, None, inside, sites),
        inside_port=hub.inside_port,
        inside_address=str(hub.inside_address),
        **_common(book, hub.router.management, identity),
    )


def _site(book: _Book, site: Site, hub: Hub, identity: Identity) -> Intent:
    place, router, segments = site.place, site.router, site.segments
    lines = tuple(_at_home_anywhere(line) for line in sorted(site.lines, key=lambda line: line.priority))
    networks = (IPv4Network(router.management), *(segment.prefix for segment in segments))
    return Intent(
        router=router.name,
        platform=router.platform,
        role="site",
        location=f"{place.name}, {place.floor}, {place.room}",
        lines=lines,
        tunnel=_tunnel(book.installation, hub, router.name, networks),
        segments=tuple(_segment(book, segment, lines[0]) for segment in segments),
        up_kbit=lines[0].up_mbit * KBIT,
        down_kbit=lines[0].down_mbit * KBIT,
        pac=_pac(book, book.ordered(segments)) if segments else None,
        probes=tuple(_probes(book, segments)),
        **_common(book, router.management, identity),
    )


def _at_home_anywhere(line: Line) -> Line:
    """The line with every addressing that is worth a try: a router may be moved to where nobody knows what it meets.

    domain.md section 5: the member takes the router along and plugs it in at another provider's.
    """
    others = dict.fromkeys([*line.alternatives, Dhcp()])
    others.pop(line.addressing, None)
    return line.model_copy(update={"alternatives": tuple(others)})


def _common(book: _Book, management: IPv4Address, identity: Identity) -> dict[str, Any]:
    installation = book.installation
    return {
        "contact": installation.support_phone,
        "management": management,
        "management_networks": _managers(installation),
        "fleet": installation.management,
        "inside": installation.inside,
        "identity": identity,
        "pac_host": installation.pac_host,
        "dns_servers": book.servers("dns"),
        "ntp_servers": book.servers("ntp"),
        "reserved": _reserved(installation),
    }


def _reserved(installation: Installation) -> tuple[IPv4Network, ...]:
    services = (IPv4Network(service.address) for service in installation.endpoints)
    hubs = (hub.inside_address.network for hub in installation.hubs)
    return _union(services, hubs, _managers(installation))


def _managers(installation: Installation) -> tuple[IPv4Network, ...]:
    """The controllers; and the hubs themselves, which are where an operator tests from."""
    hubs = (IPv4Network(hub.router.management) for hub in installation.hubs)
    return tuple(dict.fromkeys([*installation.controllers, *hubs]))


def _tunnel(installation: Installation, hub: Hub, router: str, networks: tuple[IPv4Network, ...]) -> Tunnel:
    return Tunnel(
        CONNECTION,
        router,
        _public_address(hub),
        hub.router.name,
        networks,
        _union(installation.inside, _managers(installation)),
    )


def _union(*networks: Iterable[IPv4Network]) -> tuple[IPv4Network, ...]:
    return tuple(collapse_addresses(network for group in networks for network in group))


def _public_address(hub: Hub) -> IPv4Address:
    if hub.line.addressing.method != "static":
        raise InvalidInputError(
            Saying("hub {}: line {} needs a static address: sites call it", hub.router.name, hub.line.name)
        )
    return hub.line.addressing.address.ip


# --- segments and what rides on them -------------------------------------------------------------------------------


def _riding(book: _Book, site: Site, members: Mapping[str, Organisation]) -> tuple[Segment, ...]:
    """The segments that may carry traffic, without the services that their members are excluded from."""
    return tuple(_without(book, segment, members[segment.organisation]) for segment in open_segments(site, members))


def _without(book: _Book, segment: Segment, member: Organisation) -> Segment:
    """Closes what the member is excluded from: outbound is open by default, so not to allow it is not enough.

    A destination that another service of the segment needs stays open.
    """
    excluded = {exclusion.service for exclusion in member.exclusions if exclusion.service in book.catalogue}
    kept = tuple(key for key in segment.services if key not in excluded)
    needed = {(flow.to, flow.protocol, port) for flow in _flows(book, map(book.row, kept)) for port in flow.ports}
    closed = _flows(book, (row for key, row in book.catalogue.items() if key in excluded))
    blocks = [
        Block(to=flow.to, protocol=flow.protocol, ports=ports, reason=f"excluded from {flow.service}")
        for flow in closed
        if (ports := tuple(port for port in flow.ports if (flow.to, flow.protocol, port) not in needed))
    ]
    return segment.model_copy(update={"services": kept, "blocks": (*segment.blocks, *blocks)})


def _segment(book: _Book, segment: Segment, line: Line) -> SegmentIntent:
    return SegmentIntent(
        name=segment.name,
        organisation=segment.organisation,
        interface=segment.interface,
        parent=segment.port if segment.vlan else None,
        vlan=segment.vlan,
        prefix=segment.prefix,
        gateway=segment.gateway,
        dhcp_first=segment.prefix.network_address + max(2, segment.prefix.num_addresses // 16),
        dhcp_last=segment.prefix.broadcast_address - 1,
        share=segment.share,
        flows=tuple(_flows(book, book.ordered([segment]))),
        blocks=tuple(_block(block) for block in segment.blocks),
        up_kbit=line.up_mbit * KBIT * segment.share // 100,
        down_kbit=line.down_mbit * KBIT * segment.share // 100,
    )


def _block(block: Block) -> FlowIntent:
    return FlowIntent(block.reason, block.to, block.protocol, block.ports)


def _flows(book: _Book, services: Iterable[Service]) -> Iterator[FlowIntent]:
    for service in services:
        for flow in service.flows:
            address = book.address(flow.to).address
            yield FlowIntent(service.key, IPv4Network(address), flow.protocol, flow.ports)


# --- the PAC file --------------------------------------------------------------------------------------------------

_DIRECT = "DIRECT"
_NOWHERE = "PROXY 127.0.0.1:9"  # nobody listens: without a service that takes the internet, nothing goes there


def pac(installation: Installation, catalogue: Catalogue, services: Iterable[str]) -> PacIntent:
    """What the PAC file holds where these services are ordered, and what it must answer.

    Raises NotFoundError for a service or address that does not exist and InvalidInputError for rules that contradict
    each other.
    """
    book = _Book(installation, catalogue)
    return _pac(book, [book.row(key) for key in services])


def ordered(router: Dossier, catalogue: Catalogue) -> tuple[str, ...]:
    """The services that ride on a router: ordered by a segment that is open, and not closed for its member.

    None ride on a hub.
    """
    book, site = _Book(router.installation, catalogue), router.site
    return tuple(row.key for row in book.ordered(_riding(book, site, router.members) if site else ()))


def _pac(book: _Book, services: Sequence[Service]) -> PacIntent:
    home = (PacRule(match="suffix", value=domain, via="direct") for domain in book.installation.inside_domains)
    rules = list(dict.fromkeys([*home, *(rule for service in services for rule in service.pac)]))
    _refuse_contradictions(rules)
    return PacIntent(
        answer=_answer(book, services, Way(via="proxy")),
        rules=tuple(sorted(_pac_rules(book, services, rules), key=_whole_hosts_then_longest)),
        direct_networks=book.installation.inside,
        cases=tuple(_cases(book, services)),
    )


def _pac_rules(book: _Book, services: Sequence[Service], rules: Iterable[PacRule]) -> Iterator[PacRuleIntent]:
    for rule in rules:
        if rule.match != "internet" and rule.value:
            yield PacRuleIntent(rule.match, rule.value, _answer(book, services, rule))


def _cases(book: _Book, services: Sequence[Service]) -> Iterator[PacCase]:
    for service in services:
        for test in service.pac_tests:
            yield PacCase(service.key, test.url, _answer(book, services, test))


def _whole_hosts_then_longest(rule: PacRuleIntent) -> tuple[bool, int]:
    return rule.match == "suffix", -len(rule.value) if rule.match == "suffix" else 0


def _answer(book: _Book, services: Sequence[Service], way: Way) -> str:
    """What a browser is told for a way. A proxy's ports are those of the flow to it, which the firewall lets through.

    The internet's proxies are all the targets of the service that takes it; a proxy with a name of its own is one.
    """
    if way.via == "direct":
        return _DIRECT
    flows = [flow for service in services for flow in service.flows if _is_by(way, service, flow)]
    doors = dict.fromkeys(f"PROXY {book.address(flow.to).address}:{port}" for flow in flows for port in flow.ports)
    return "; ".join(doors) or _NOWHERE


def _is_by(way: Way, service: Service, flow: Flow) -> bool:
    return flow.protocol == "tcp" and (flow.to == way.proxy if way.proxy else service.takes_internet)


def _refuse_contradictions(rules: Sequence[PacRule]) -> None:
    for rule in rules:
        if rule.match == "internet" and rule.via == "direct":
            raise InvalidInputError(
                Saying("a service sends the internet direct in the PAC file; only `via: proxy` is allowed")
            )
    for one, other in combinations(rules, 2):
        if opposed(one, other):
            name = repr(one.value) if one.value else Saying("the internet")
            raise InvalidInputError(
                Saying("two services say {} and {} for {} in the PAC file; keep one of them", one.way, other.way, name)
            )


# --- probes --------------------------------------------------------------------------------------------------------


def _probes(book: _Book, segments: Iterable[Segment]) -> Iterator[ProbeIntent]:
    for segment in segments:
        services = book.ordered([segment])
        browsed = next((service for service in sorted(services, key=_internet_first) if service.pac), None)
        for service in services:
            if service.probe:
                yield _probe(book, service.key, service.probe, segment)
            if service is browsed:
                yield _pac_probe(service.key, segment)


def _probe(book: _Book, service: str, probe: Probe, segment: Segment) -> ProbeIntent:
    server = book.endpoint(probe.server) if probe.server else None
    return ProbeIntent(service, segment.name, probe.kind, segment.gateway, probe.target, server)


def _internet_first(service: Service) -> bool:
    return not service.takes_internet


def _pac_probe(service: str, segment: Segment) -> ProbeIntent:
    """Whoever has ordered what browsers find through the PAC file has its own delivery probed, once a segment.

    Where it is served, its platform knows.
    """
    return ProbeIntent(service, segment.name, "pac", segment.gateway, "")
