"""What the kernel shall have for a `network.toml`, and the `ip` commands that lead there; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import msgspec

from linjevakt_agent.base.schema import Line, Link, Network
from linjevakt_agent.base.schema import Route as StaticRoute
from linjevakt_agent.network.endpoints import (
    LOOPBACK,
    POINT_TO_POINT,
    Endpoint,
    Standing,
    inside_addresses,
    management,
    misplaced,
    parsed,
    port_addresses,
    reserved_networks,
    settled,
    static_endpoint,
    targets,
)
from linjevakt_agent.network.kernel import MAIN, Interface, NetworkError, Route, Rule, State

IN_USE_METRIC = 50
"""Metric of main's default through the line in use (contract.md section 1)."""


@dataclass(frozen=True)
class Desired:
    """What is to be there; every interface that `addresses` names is ours: what else it has is removed.

    The loopback interface is not: of its addresses only `retired` goes. `up` and `down` are links.
    """

    addresses: Mapping[str, frozenset[str]]
    routes: frozenset[Route] = frozenset()
    rules: frozenset[Rule] = frozenset()
    vlans: tuple[Link, ...] = ()
    up: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()


def check(network: Network) -> None:
    """Raise `NetworkError` for what is wrong whatever the kernel: addresses, gateways, things given twice."""
    desired(None, network, {line.name: where for line in network.line if (where := static_endpoint(line))}, None)
    targets(network)
    reserved_networks(network)
    for line in network.line:
        if line.alternative and network.watch is None:
            remedy = "give it a [watch], or take its alternatives out"
            raise NetworkError("nothing would tell when to try an alternative", interface=line.name, remedy=remedy)
        _check_addressings(line)
    _once("name", interfaces(network))
    _once("priority", [str(line.priority) for line in network.line])
    for link in network.links:
        if (link.parent is None) != (link.vlan is None):
            raise NetworkError("parent and vlan go together", interface=link.name)
    _once("VLAN", [f"{link.vlan} on {link.parent}" for link in network.vlans])


def check_places(network: Network) -> None:
    """Raise `NetworkError` for an addressing by which a line could never stand: `endpoints.settled` would refuse it.

    Apart from `check`: what a router runs since before a rule was made must not keep it from starting.
    """
    for line in network.line:
        for addressing in line.alternative:
            where = static_endpoint(line.addressed(addressing))
            _refuse(line.name, misplaced(where, network) if where else "")
    fixed = {line.name: where for line in network.line if (where := static_endpoint(line))}
    for name, why in settled(fixed, network, State({})).refusals.items():
        _refuse(name, why)


def _refuse(name: str, why: str) -> None:
    if why:
        raise NetworkError(why, interface=name, remedy="give it the address and the gateway that its provider told")


def _check_addressings(line: Line) -> None:
    for addressing in line.addressings:
        _check_addressing(line.addressed(addressing))
        if line.addressings.count(addressing) > 1:
            raise NetworkError(f"the addressing {addressing} is given twice", interface=line.name)


def _check_addressing(line: Line) -> None:
    where = static_endpoint(line)
    if where is None and (line.address or line.gateway):
        raise NetworkError('address and gateway go with method "static" and only with it', interface=line.name)
    if where is not None and where.gateway == where.address.ip:
        raise NetworkError(f"{where.gateway} cannot be both its address and its gateway", interface=line.name)


def interfaces(network: Network) -> list[str]:
    """Return the interfaces that the configuration claims."""
    return [link.name for link in network.links]


def desired(old: Network | None, new: Network, endpoints: Mapping[str, Endpoint], in_use: str | None) -> Desired:
    """Return the whole of what `new` wants; interfaces that only `old` had are to be cleared and taken down."""
    lines = [line_part(line, endpoints.get(line.name), in_use=line.name == in_use) for line in new.line]
    addresses = {name: found for part in lines for name, found in part.addresses.items()}
    addresses |= {port.name: port_addresses(port) for port in new.port}
    up = frozenset(addresses) | new.parents
    gone = frozenset(interfaces(old) if old else ()) - addresses.keys()  # one may stay up, for the VLANs of others
    own = frozenset({str(management(new))})
    return Desired(
        addresses=addresses | {name: frozenset() for name in gone} | {LOOPBACK: own},
        routes=frozenset(route for part in lines for route in part.routes) | {_static(route) for route in new.route},
        rules=frozenset(rule for part in lines for rule in part.rules) | _lan_rules(new),
        vlans=new.vlans,
        up=up | {LOOPBACK},
        down=gone - up,
        retired=frozenset({str(management(old))}) - own if old else frozenset(),
    )


def without(network: Network, missing: frozenset[str]) -> Network:
    """Return what can be had of `network` on a router that lacks some of its interfaces."""
    return msgspec.structs.replace(
        network,
        line=tuple(line for line in network.line if not missing & {line.name, line.parent}),
        port=tuple(port for port in network.port if not missing & {port.name, port.parent}),
    )


def line_part(line: Line, where: Endpoint | None, *, in_use: bool) -> Desired:
    """Return what one line wants; without an address, to have none."""
    if where is None:
        return Desired(addresses={line.name: frozenset()})
    return Desired(
        addresses={line.name: frozenset({str(where.address)})},
        routes=frozenset(_defaults(line, where, IN_USE_METRIC if in_use else 100 * line.priority)),
        rules=frozenset({Rule.of_line(str(where.address.ip), line.table)}),
    )


def desired_line(line: Line, where: Endpoint | None, state: State, *, in_use: bool) -> Desired:
    """Return what one line wants as far as its link allows: the kernel takes no routes on one that is down."""
    interface = state.interfaces.get(line.name)
    if interface is None:
        return Desired(addresses={})
    part = line_part(line, where, in_use=in_use)
    return part if interface.up else Desired(addresses=part.addresses, rules=part.rules)


def of_line(line: Line, state: State) -> State:
    """Return the part of `state` that is the line's own."""
    return State(
        interfaces={name: interface for name, interface in state.interfaces.items() if name == line.name},
        routes=frozenset(route for route in state.routes if _belongs(route, line)),
        rules=frozenset(rule for rule in state.rules if rule.table == line.table),
    )


def line_in_use(state: State) -> str | None:
    """Return the interface that main's first default leads to, as we (or our predecessor) set it."""
    found = (route.device for route in state.routes if route.key == ("default", MAIN, IN_USE_METRIC))
    return next(found, None)


def why_not_ready(line: Line, standing: Standing, state: State) -> str:
    """Return why the line cannot carry a packet, whatever is at its other end; empty when it can."""
    interface = state.interfaces.get(line.name)
    if interface is None:
        return "no such interface"
    if not interface.up:
        return "link is down"
    if not interface.carrier:
        return "no carrier"
    where = standing.endpoints.get(line.name)
    if where is None:
        return standing.refusals.get(line.name, "no DHCP lease")
    return "" if str(where.address) in interface.addresses else "address is missing"


def additions(wanted: Desired, state: State) -> Iterator[str]:
    """Yield the `ip -batch` lines that bring what `state` lacks; they come before the removals, make before break."""
    for link in wanted.vlans:
        if link.name not in state.interfaces:
            yield f"link add link {link.parent} name {link.name} type vlan id {link.vlan}"
    yield from (f"link set dev {name} up" for name in sorted(wanted.up) if not _interface(state, name).up)
    for name, addresses in sorted(wanted.addresses.items()):
        for address in sorted(addresses - _interface(state, name).addresses):
            yield f"addr add {address}{_broadcast(address)} dev {name}"
    yield from (rule.command("add") for rule in sorted(wanted.rules - state.rules, key=str))
    for route in sorted(wanted.routes, key=lambda route: (route.metric, route.table, route.prefix)):
        if not any(present.satisfies(route) for present in state.routes):
            yield route.command("replace")


def removals(wanted: Desired, state: State) -> Iterator[str]:
    """Yield the `ip -batch` lines that take away what is ours and not wanted (any more)."""
    kept = {route.key for route in wanted.routes}  # `replace` has taken the place of another with the same key
    yield from (route.command("del") for route in sorted(state.routes, key=str) if route.key not in kept)
    yield from (rule.command("del") for rule in sorted(state.rules - wanted.rules, key=str))
    for name, addresses in sorted(wanted.addresses.items()):
        present = _interface(state, name).addresses
        surplus = present & wanted.retired if name == LOOPBACK else present - addresses
        yield from (f"addr del {address} dev {name}" for address in sorted(surplus))
    for name in sorted(wanted.down & state.interfaces.keys()):
        if state.interfaces[name].kind == "vlan":
            yield f"link del dev {name}"
        elif state.interfaces[name].up:
            yield f"link set dev {name} down"


def _interface(state: State, name: str) -> Interface:
    return state.interfaces.get(name, Interface(name, up=False, carrier=False))


def _belongs(route: Route, line: Line) -> bool:
    return route.table == line.table or (route.table, route.prefix, route.device) == (MAIN, "default", line.name)


def _defaults(line: Line, where: Endpoint, metric: int) -> Iterator[Route]:
    onlink = where.gateway not in where.address.network
    for table, in_table in ((line.table, 0), (MAIN, metric)):
        yield Route("default", table, in_table, via=str(where.gateway), device=line.name, onlink=onlink)


def _static(route: StaticRoute) -> Route:
    prefix = parsed(IPv4Network, route.prefix, None, "route prefix")
    via = None if route.via is None else str(parsed(IPv4Address, route.via, None, f"gateway of route {prefix}"))
    if (route.type == "via") != (via is not None):
        raise NetworkError(f'route {prefix}: `via` goes with type "via" and only with it')
    return Route(_shown(prefix), metric=route.metric, type="unicast" if via else route.type, via=via)


def _shown(prefix: IPv4Network) -> str:
    """Return the prefix as `ip` shows it."""
    if prefix.prefixlen == 0:
        return "default"
    return str(prefix.network_address) if prefix.prefixlen == prefix.max_prefixlen else str(prefix)


def _broadcast(address: str) -> str:
    return " brd +" if IPv4Interface(address).network.prefixlen < POINT_TO_POINT else ""


def _lan_rules(network: Network) -> frozenset[Rule]:
    return frozenset(Rule.of_lan(_shown(address.network)) for address in inside_addresses(network))


def _once(what: str, values: list[str]) -> None:
    if twice := next((value for value in values if values.count(value) > 1), None):
        raise NetworkError(f"{what} {twice} is given twice", remedy=f"give every line and port its own {what}")
