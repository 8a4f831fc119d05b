"""Makes the network namespaces and the cables between them, and the network files of the lab's own nodes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from linjevakt_lab.places import State
from linjevakt_lab.shell import ip_batch
from linjevakt_lab.topology import LOOSE, Leg, Node, Port, Role, Topology

NETNS = Path("/run/netns")


def lay(topology: Topology, state: State) -> None:
    """Make all namespaces and cables; raises LabError."""
    ip_batch([f"netns add {state.netns(name)}" for name in (LOOSE, *(node.name for node in topology.nodes))])
    ip_batch(
        [
            f"link add {cable.a.interface} netns {state.netns(cable.a.node)} type veth"
            f" peer name {cable.b.interface} netns {state.netns(cable.b.node)}"
            for cable in topology.cables
        ]
    )


def namespaces(state: State) -> list[str]:
    """Return the lab's namespaces that there are; no other lab's begin so, for a prefix holds no hyphen."""
    return sorted(path.name for path in NETNS.glob(state.netns("*")))


def tear(names: Iterable[str]) -> None:
    """Remove namespaces, and with them their cables; raises LabError."""
    ip_batch([f"netns del {name}" for name in names])


def renew(topology: Topology, state: State, node: str) -> None:
    """Give a node an empty namespace with the same cables plugged in, as after a power cut; raises LabError."""
    old, spare = state.netns(node), f"{state.netns(node)}.spare"
    interfaces = [port.interface for port in _ports(topology, node)]
    ip_batch([f"netns add {spare}"])
    ip_batch([f"link set {name} netns {spare}" for name in interfaces], old)
    ip_batch([f"netns del {old}", f"netns add {old}"])
    ip_batch([f"link set {name} netns {old}" for name in interfaces], spare)
    ip_batch([f"netns del {spare}"])


def replug(end: Port, to: Port, state: State) -> None:
    """Move the far end of a cable: the near one only loses its carrier. Raises LabError.

    The end comes without addresses and off: see `light`.
    """
    ip_batch([f"link set {end.interface} netns {state.netns(to.node)} name {to.interface}"], state.netns(end.node))


def light(netns: str, legs: Iterable[Leg]) -> None:
    """Configure what has been plugged in a node that is running already; raises LabError."""
    ip_batch([command for leg in legs for command in _leg_commands(leg)], netns)


def configuration(topology: Topology, name: str) -> dict[str, str]:
    """Return the files by which `boot.sh` configures one of the lab's own nodes; empty for a router.

    A port without a cable is no interface, so it is left out.
    """
    node = topology.node(name)
    if node.role is Role.ROUTER:
        return {}
    vacant = {socket.peer.interface for socket in topology.vacant if socket.peer.node == name}
    node = replace(node, legs=tuple(leg for leg in node.legs if leg.interface not in vacant))
    files = {"network": "".join(f"{line}\n" for line in _ip_commands(node)), "sysctl": _sysctl(node)}
    hidden = [leg.interface for leg in node.legs if leg.masquerade]
    if hidden:
        files["nftables.conf"] = _masquerade(hidden)
    return files


def _ip_commands(node: Node) -> Iterator[str]:
    yield "link set lo up"
    for leg in node.legs:
        yield from _leg_commands(leg)
    for route in node.routes:
        yield f"route add {route.prefix} via {route.via}"
    if node.role is Role.PC:
        yield "link set eth0 up"


def _leg_commands(leg: Leg) -> Iterator[str]:
    if leg.bridged:
        yield f"link add {leg.interface} type bridge"
    for port in leg.bridged:
        yield f"link set {port} master {leg.interface} up"
    for address in leg.addresses:
        yield f"address add {address} broadcast + dev {leg.interface}"
    yield f"link set {leg.interface} up"


def _sysctl(node: Node) -> str:
    """Only providers forward; like real ones they drop what claims to come from somewhere else (RFC 2827)."""
    provider = int(node.role is Role.NETWORK)
    keys = {"ip_forward": provider, "conf.all.rp_filter": provider, "conf.default.rp_filter": provider}
    return "".join(f"net.ipv4.{key} = {value}\n" for key, value in keys.items())


def _masquerade(interfaces: list[str]) -> str:
    names = ", ".join(f'"{name}"' for name in interfaces)
    return (
        "table ip nat {\n"
        "  chain postrouting {\n"
        "    type nat hook postrouting priority srcnat\n"
        f"    oifname {{ {names} }} masquerade\n"
        "  }\n"
        "}\n"
    )


def _ports(topology: Topology, node: str) -> Iterator[Port]:
    for cable in topology.cables:
        yield from (port for port in (cable.a, cable.b) if port.node == node)
