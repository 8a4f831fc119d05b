"""Where each line stands: what address and gateway it may be given, and what is none of its own; pure.

What a DHCP server says is a stranger's word: nothing that it lends one line may reach what another line, a port or the
tunnel lives by (contract.md section 1).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TypeVar

from linjevakt_agent.base.schema import LanPort, Line, Network
from linjevakt_agent.network.kernel import NetworkError, State

LOOPBACK = "lo"
POINT_TO_POINT = 31
"""RFC 3021: from this prefix length on a network has no address for itself or for all."""

_LINK_LOCAL = IPv4Network("169.254.0.0/16")
_NO_HOST = {
    IPv4Network("0.0.0.0/8"): "no host's address",
    IPv4Network("127.0.0.0/8"): "a loopback address",
    IPv4Network("224.0.0.0/4"): "a multicast address",
    IPv4Network("240.0.0.0/4"): "a reserved or broadcast address",
}
"""What IANA's register of special-purpose addresses (RFC 6890) says no host on a link has.

Shared and private space (100.64.0.0/10, RFC 1918) is what a line behind NAT has; a gateway may be link-local.
"""

T = TypeVar("T")


@dataclass(frozen=True)
class Endpoint:
    """A line's own address and the gateway beyond it: configured, or lent by DHCP, with the link's MTU if told."""

    address: IPv4Interface
    gateway: IPv4Address
    lent: bool = False
    mtu: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where the lines stand that can, and why each other one that was given something cannot stand there."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)


def static_endpoint(line: Line) -> Endpoint | None:
    """Where a static line stands; None for a DHCP line. Raises `NetworkError` when its addresses cannot be right."""
    if line.method == "dhcp":
        return None
    if line.address is None or line.gateway is None:
        raise NetworkError("a static line needs an address and a gateway", interface=line.name)
    address = parsed(IPv4Interface, line.address, line.name, "address")
    return Endpoint(address, parsed(IPv4Address, line.gateway, line.name, "gateway"))


def misplaced(where: Endpoint, network: Network) -> str:
    """Return why no line of this router can stand there, whatever the other lines have; empty if one can."""
    address, gateway = where.address.ip, where.gateway
    if gateway == address:
        return f"was given {gateway} as both its address and its gateway"
    if address in _LINK_LOCAL:
        return f"was given {address}, which is link-local ({_LINK_LOCAL})"
    reasons = ((given, _whose(given, where.address.network, network)) for given in (address, gateway))
    return next((_given(given, whose) for given, whose in reasons if whose), "")


def settled(given: Mapping[str, Endpoint], network: Network, state: State) -> Standing:
    """Return where each line stands; of two that want the same, the one that was there first.

    That is the configured one, then the one whose address the kernel has, then the one with the better priority: no
    lease takes anything from a line that stands.
    """
    refusals = {name: why for name, where in given.items() if (why := misplaced(where, network))}
    sound = {name: where for name, where in given.items() if name not in refusals}
    holders = {name for name, where in sound.items() if not where.lent or _holds(state, name, where)}
    priorities = {line.name: line.priority for line in network.line}
    endpoints: dict[str, Endpoint] = {}
    for name in sorted(sound, key=lambda name: (name not in holders, sound[name].lent, priorities[name])):
        others = {other: sound[other] for other in holders - {name}} if sound[name].lent else {}
        if why := _taken(sound[name], endpoints, others):
            refusals[name] = why
        else:
            endpoints[name] = sound[name]
    return Standing({name: apart(name, where, network) for name, where in endpoints.items()}, refusals)


def apart(name: str, where: Endpoint, network: Network) -> Endpoint:
    """Return the endpoint so that nothing of the inside, the hub or another line is looked for on the line's link.

    A network that a server names is never part of it, nor is a configured one that holds any of these: the line then
    has its address alone, and reaches its gateway on the link.
    """
    if where.lent or any(where.address.network.overlaps(other) for other in _elsewhere(name, network)):
        return Endpoint(IPv4Interface(where.address.ip), where.gateway, where.lent)
    return where


def port_addresses(port: LanPort) -> frozenset[str]:
    """Return the addresses of a port. Raises `NetworkError`."""
    return frozenset(str(parsed(IPv4Interface, address, port.name, "address")) for address in port.addresses)


def inside_addresses(network: Network) -> list[IPv4Interface]:
    """Return the router's addresses on its ports. Raises `NetworkError`."""
    return [IPv4Interface(address) for port in network.port for address in port_addresses(port)]


def management(network: Network) -> IPv4Interface:
    """Return the address on the loopback interface. Raises `NetworkError`."""
    return IPv4Interface(parsed(IPv4Address, network.management.address, LOOPBACK, "management address"))


def parsed(kind: Callable[[str], T], text: str, interface: str | None, what: str) -> T:
    """Return the text as an address or network. Raises `NetworkError`."""
    try:
        return kind(text)
    except ValueError as error:
        raise NetworkError(f"{what}: {error}", interface=interface, remedy="write it like 192.0.2.1") from error


def targets(network: Network) -> set[IPv4Address]:
    """Return the hub's address, if the lines are watched. Raises `NetworkError`."""
    return {parsed(IPv4Address, network.watch.target, None, "target of the watch")} if network.watch else set()


def reserved_networks(network: Network) -> list[IPv4Network]:
    """Return the networks of which no line may have an address. Raises `NetworkError`."""
    return [parsed(IPv4Network, prefix, None, "reserved network") for prefix in network.reserved]


def _whose(address: IPv4Address, around: IPv4Network, network: Network) -> str:
    """Return whose the address is, if it is none that a line or its gateway in the network `around` can have."""
    ends = {around.network_address, around.broadcast_address} if around.prefixlen < POINT_TO_POINT else set()
    reasons = (
        *((whose, address in special) for special, whose in _NO_HOST.items()),
        ("the hub's address", address in targets(network)),
        ("this router's own address inside", address in {management(network).ip, *_ips(inside_addresses(network))}),
        ("an address of a service inside", any(address in reserved for reserved in reserved_networks(network))),
        ("an address of a port's network", any(address in port.network for port in inside_addresses(network))),
        (f"the network or broadcast address of {around}", address in ends),
    )
    return next((whose for whose, applies in reasons if applies), "")


def _taken(where: Endpoint, before: Mapping[str, Endpoint], others: Mapping[str, Endpoint]) -> str:
    """Return what of `where` is another line's: `before` are those that stand, `others` those that hold an address."""
    for name, other in before.items():
        if where.address.ip == other.address.ip:
            return _given(where.address.ip, f"the address of {name}")
        if where.address.ip == other.gateway:
            return _given(where.address.ip, f"the gateway of {name}")
    holders = (name for name, other in {**others, **before}.items() if where.gateway == other.address.ip)
    holder = next(holders, "")
    return _given(where.gateway, f"the address of {holder}") if holder else ""


def _given(address: IPv4Address, whose: str) -> str:
    return f"was given {address}, which is {whose}"


def _holds(state: State, name: str, where: Endpoint) -> bool:
    interface = state.interfaces.get(name)
    present = interface.addresses if interface else frozenset[str]()
    return where.address.ip in _ips(map(IPv4Interface, present))


def _ips(addresses: Iterable[IPv4Interface]) -> set[IPv4Address]:
    return {address.ip for address in addresses}


def _elsewhere(name: str, network: Network) -> Iterator[IPv4Network]:
    """Yield the networks that are not to be looked for on the line of that name."""
    yield from (address.network for address in inside_addresses(network))
    yield from (IPv4Network(route.prefix) for route in network.route if route.type == "unreachable")
    yield from map(IPv4Network, targets(network))
    for line in network.line:
        if line.name != name and (where := static_endpoint(line)):
            yield where.address.network
