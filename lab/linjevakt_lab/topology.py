"""What a lab consists of: nodes, cables and addresses."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from linjevakt_lab.errors import UnknownNameError


class Role(StrEnum):
    """What a node is, which decides what runs on it."""

    ROUTER = "router"
    NETWORK = "network"
    SERVICES = "services"
    WEB = "web"
    PC = "pc"
    NOC = "noc"


@dataclass(frozen=True)
class Port:
    """One end of a cable."""

    node: str
    interface: str


@dataclass(frozen=True)
class Cable:
    """Joins two ports."""

    a: Port
    b: Port


@dataclass(frozen=True)
class Leg:
    """An interface that the lab itself configures.

    `bridged` makes it a bridge of those interfaces; `lease` is the one address that a DHCP server on it gives away;
    `masquerade` hides what leaves through it behind its own address.
    """

    interface: str
    addresses: tuple[IPv4Interface, ...] = ()
    bridged: tuple[str, ...] = ()
    lease: IPv4Address | None = None
    masquerade: bool = False


@dataclass(frozen=True)
class Route:
    """A static route."""

    prefix: IPv4Network
    via: IPv4Address


@dataclass(frozen=True)
class Node:
    """One machine; routers and PCs configure their own legs and have none here."""

    name: str
    role: Role
    legs: tuple[Leg, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class LineEnds:
    """A router's line: the other end of its cable, and the provider's port (the same unless a NAT is between)."""

    router: str
    name: str
    peer: Port
    provider: Port

    @property
    def near(self) -> Port:
        """The line's port on the router."""
        return Port(self.router, self.name)


@dataclass(frozen=True)
class Topology:
    """The whole lab."""

    nodes: tuple[Node, ...]
    cables: tuple[Cable, ...]
    lines: tuple[LineEnds, ...]

    def node(self, name: str) -> Node:
        """Return the node of that name; raises UnknownNameError."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise UnknownNameError("node", name, (node.name for node in self.nodes))

    def line(self, router: str, name: str) -> LineEnds:
        """Return a router's line; raises UnknownNameError for the router or the line."""
        lines = {line.name: line for line in self.lines if line.router == router}
        if not lines:
            raise UnknownNameError("router", router, (node.name for node in self.nodes if node.role is Role.ROUTER))
        if name not in lines:
            raise UnknownNameError(f"line of {router}", name, lines)
        return lines[name]
