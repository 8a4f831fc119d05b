"""Turns inventory, catalogue and identity into one router's intent: every name resolved, nothing left to decide."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal

from linjevakt.model.catalogue import Catalogue, CatalogueService, PacRule
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.intent import FlowIntent, Identity, Intent, PacIntent, ProbeIntent, SegmentIntent, Tunnel
from linjevakt.model.inventory import Block, Connection, Hub, Installation, Inventory, Line, Segment, Service

CONNECTION = "hub"
KBIT = 1000


def build(
    inventory: Inventory, catalogue: Catalogue, router: str, identity: Identity, *, bootstrap: bool = False
) -> Intent:
    """The intent of one router, hub or site; a hub's never depends on which sites there are.

    Raises NotFoundError for a router, service or address that does not exist and InvalidInputError when
    two services of the catalogue contradict each other.
    """
    installation = inventory.installation
    hub = _hub_named(installation, router)
    if hub:
        return _hub(installation, catalogue, hub, identity)
    connection = _connection(inventory, router)
    bare = _site(installation, catalogue, connection, identity, () if bootstrap else connection.segments)
    return bare


def prefixes(inventory: Inventory, router: str) -> tuple[IPv4Network, ...]:
    """What the router's certificate and tunnel may carry: its management /32, then its segments (a hub: the inside)."""
    hub = _hub_named(inventory.installation, router)
    if hub:
        return (_single(hub.router.management), *inventory.installation.inside)
    connection = _connection(inventory, router)
    return (_single(connection.router.management), *(segment.prefix for segment in connection.segments))


def _hub_named(installation: Installation, router: str) -> Hub | None:
    return next((hub for hub in installation.hubs if hub.router.name == router), None)


def _connection(inventory: Inventory, router: str) -> Connection:
    for connection in inventory.connections:
        if connection.router.name == router:
            return connection
    raise _unknown("router", router, (known.name for known in inventory.routers))


def _unknown(what: str, name: str, known: Iterable[str]) -> NotFoundError:
    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see what the inventory has"
    return NotFoundError(f"there is no {what} {name!r}; {hint}")


def _single(address: IPv4Address) -> IPv4Network:
    return IPv4Network(address)


# --- the two kinds of router ---------------------------------------------------------------------------------------


def _hub(installation: Installation, catalogue: Catalogue, hub: Hub, identity: Identity) -> Intent:
    selectors = (_single(hub.router.management), *installation.inside)
    return Intent(
        router=hub.router.name,
        platform=hub.router.platform,
        role="hub",
        location=hub.router.name,
        lines=(hub.line,),
        tunnel=Tunnel(CONNECTION, hub.router.name, None, None, selectors, (installation.management, *installation.inside)),
        inside_port=hub.inside_port,
        inside_address=str(hub.inside_address),
        **_common(installation, catalogue, hub.router.management, identity),
    )


def _site(
    installation: Installation,
    catalogue: Catalogue,
    connection: Connection,
    identity: Identity,
    segments: tuple[Segment, ...],
) -> Intent:
    site, router = connection.site, connection.router
    lines = tuple(sorted(connection.lines, key=lambda line: line.priority))
    networks = (_single(router.management), *(segment.prefix for segment in segments))
    return Intent(
        router=router.name,
        platform=router.platform,
        role="site",
        location=f"{site.name}, {site.floor}, {site.room}",
        lines=lines,
        tunnel=_tunnel(installation, router.name, networks),
        segments=tuple(_segment(installation, catalogue, segment, lines[0]) for segment in segments),
        up_kbit=lines[0].up_mbit * KBIT,
        down_kbit=lines[0].down_mbit * KBIT,
        pac=_pac(installation, catalogue, segments) if segments else None,
        probes=tuple(_probes(installation, catalogue, segments)),
        **_common(installation, catalogue, router.management, identity),
    )


def _common(
    installation: Installation, catalogue: Catalogue, management: IPv4Address, identity: Identity
) -> dict[str, Any]:
    return {
        "contact": installation.support_phone,
        "management": management,
        "management_networks": _managers(installation),
        "fleet": installation.management,
        "inside": installation.inside,
        "identity": identity,
        "pac_host": installation.pac_host,
        "dns_servers": _servers(installation, catalogue, "dns"),
        "ntp_servers": _servers(installation, catalogue, "ntp"),
    }


def _managers(installation: Installation) -> tuple[IPv4Network, ...]:
    """The controller stands on a hub's inside; the hubs themselves are where an operator tests from."""
    inside = [hub.inside_address.network for hub in installation.hubs]
    return tuple(dict.fromkeys([*inside, *(_single(hub.router.management) for hub in installation.hubs)]))


def _tunnel(installation: Installation, router: str, networks: tuple[IPv4Network, ...]) -> Tunnel:
    hub = installation.hubs[0]
    return Tunnel(CONNECTION, router, _public_address(hub), hub.router.name, networks, installation.inside)


def _public_address(hub: Hub) -> IPv4Address:
    if hub.line.addressing.method != "static":
        raise InvalidInputError(f"hub {hub.router.name}: line {hub.line.name} needs a static address: sites call it")
    return hub.line.addressing.address.ip


# --- segments and what rides on them -------------------------------------------------------------------------------


def _segment(installation: Installation, catalogue: Catalogue, segment: Segment, line: Line) -> SegmentIntent:
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
        flows=tuple(_flows(installation, _ordered(catalogue, [segment]))),
        blocks=tuple(_block(block) for block in segment.blocks),
        up_kbit=line.up_mbit * KBIT * segment.share // 100,
        down_kbit=line.down_mbit * KBIT * segment.share // 100,
    )


def _block(block: Block) -> FlowIntent:
    return FlowIntent(block.reason, block.to, block.protocol, block.ports)


def _flows(installation: Installation, services: Iterable[CatalogueService]) -> Iterator[FlowIntent]:
    for service in services:
        for flow in service.flows:
            address = _service(installation, flow.to).address
            yield FlowIntent(service.key, _single(address), flow.protocol, flow.ports)


def _ordered(catalogue: Catalogue, segments: Iterable[Segment]) -> list[CatalogueService]:
    """The services that any of the segments has ordered, each once, in the order of the orders."""
    keys = dict.fromkeys(key for segment in segments for key in segment.services)
    return [_row(catalogue, key) for key in keys]


def _row(catalogue: Catalogue, key: str) -> CatalogueService:
    if key not in catalogue:
        raise _unknown("service in the catalogue", key, catalogue)
    return catalogue[key]


def _service(installation: Installation, key: str) -> Service:
    for service in installation.services:
        if service.key == key:
            return service
    raise _unknown("service address", key, (service.key for service in installation.services))


def _servers(installation: Installation, catalogue: Catalogue, key: str) -> tuple[IPv4Address, ...]:
    """Where a service of the catalogue is found: the targets of its flows."""
    targets = dict.fromkeys(flow.to for flow in _row(catalogue, key).flows)
    return tuple(_service(installation, target).address for target in targets)


# --- flex.pac ------------------------------------------------------------------------------------------------------


def _pac(installation: Installation, catalogue: Catalogue, segments: Iterable[Segment]) -> PacIntent:
    services = _ordered(catalogue, segments)
    rules = list(dict.fromkeys(rule for service in services for rule in service.pac))
    _refuse_contradictions(rules)
    return PacIntent(
        proxies=tuple(_proxies(installation, services)),
        direct_hosts=_values(rules, "host", "direct"),
        direct_suffixes=tuple(dict.fromkeys((*installation.inside_domains, *_values(rules, "suffix", "direct")))),
        direct_networks=installation.inside,
        proxied_hosts=_values(rules, "host", "proxy"),
        proxied_suffixes=_values(rules, "suffix", "proxy"),
    )


def _proxies(installation: Installation, services: Iterable[CatalogueService]) -> Iterator[str]:
    """The proxies are where the service that takes the whole internet sends its flows."""
    for service in services:
        if any(rule.match == "internet" for rule in service.pac):
            for flow in service.flows:
                yield from (f"{_service(installation, flow.to).address}:{port}" for port in flow.ports)


def _values(rules: Iterable[PacRule], match: str, via: str) -> tuple[str, ...]:
    return tuple(rule.value.lower().strip(".") for rule in rules if (rule.match, rule.via) == (match, via))


def _refuse_contradictions(rules: Iterable[PacRule]) -> None:
    seen: dict[tuple[str, str], Literal["direct", "proxy"]] = {}
    for rule in rules:
        if rule.match == "internet" and rule.via == "direct":
            raise InvalidInputError("a service sends the internet direct in flex.pac; only `via: proxy` is allowed")
        if seen.setdefault((rule.match, rule.value), rule.via) != rule.via:
            raise InvalidInputError(f"two services say direct and proxy for {rule.value!r} in flex.pac; keep one of them")


# --- probes --------------------------------------------------------------------------------------------------------


def _probes(installation: Installation, catalogue: Catalogue, segments: Iterable[Segment]) -> Iterator[ProbeIntent]:
    for segment in segments:
        for service in _ordered(catalogue, [segment]):
            if service.probe:
                probe = service.probe
                yield ProbeIntent(
                    service=service.key,
                    segment=segment.name,
                    kind=probe.kind,
                    source=segment.gateway,
                    target=_target(installation, probe.target, segment),
                    server=_endpoint(_service(installation, probe.server)) if probe.server else None,
                )


def _target(installation: Installation, target: str, segment: Segment) -> str:
    """A probe's target: the key of a service address, or as it stands with `{gateway}` and `{pac_host}` filled in."""
    for service in installation.services:
        if service.key == target:
            return _endpoint(service)
    return target.replace("{gateway}", str(segment.gateway)).replace("{pac_host}", installation.pac_host)


def _endpoint(service: Service) -> str:
    return f"{service.address}:{service.port}" if service.port else str(service.address)
