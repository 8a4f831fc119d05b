"""What a lab consists of: nodes, cables, addresses, and the sockets that lines are plugged in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from linjevakt_lab.errors import LabError, UnknownNameError

HOME = "home"
"""What the socket that the inventory gives a line is called, beside its own name (`rtr-x.wan0`)."""

LOOSE = "loose.cables"
"""Where the ends of loose cables lie: no node, and no node's name, for those have no dot."""


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
    """One machine; routers and PCs configure their own legs and have none here.

    A `spare` one is not in the inventory: a router that nobody has ordered yet, a PC on a port that no segment has.
    """

    name: str
    role: Role
    legs: tuple[Leg, ...] = ()
    routes: tuple[Route, ...] = ()
    spare: bool = False


@dataclass(frozen=True)
class Socket:
    """Where one line can be plugged in, and the provider's port behind it (the same unless a NAT is between)."""

    name: str
    peer: Port
    provider: Port


@dataclass(frozen=True)
class LineEnds:
    """A router's line: the socket that its cable is plugged in, if any, and where the cable's end lies without one."""

    router: str
    name: str
    socket: Socket | None
    loose: Port

    @property
    def key(self) -> str:
        """The line's name in the whole lab, which is also its home's."""
        return f"{self.router}.{self.name}"

    @property
    def near(self) -> Port:
        """The line's port on the router."""
        return Port(self.router, self.name)

    @property
    def end(self) -> Port:
        """Where the far end of the cable is."""
        return self.socket.peer if self.socket else self.loose

    @property
    def plugged(self) -> Socket:
        """The socket; raises LabError for a loose cable."""
        if self.socket is None:
            raise LabError(f"{self.name} of {self.router} is not plugged in: see `lab move`.")
        return self.socket

    @property
    def place(self) -> str | None:
        """The place where it is plugged in: `home`, another's name, or None."""
        return None if self.socket is None else HOME if self.socket.name == self.key else self.socket.name


@dataclass(frozen=True)
class Topology:
    """The whole lab; `fixed` are the cables that are no line's."""

    nodes: tuple[Node, ...]
    fixed: tuple[Cable, ...]
    lines: tuple[LineEnds, ...]
    sockets: tuple[Socket, ...]

    @property
    def cables(self) -> tuple[Cable, ...]:
        """Every cable, those of lines as they are plugged in."""
        return self.fixed + tuple(Cable(line.near, line.end) for line in self.lines)

    @property
    def vacant(self) -> tuple[Socket, ...]:
        """The sockets that no line is plugged in."""
        taken = {line.end for line in self.lines}
        return tuple(socket for socket in self.sockets if socket.peer not in taken)

    def node(self, name: str) -> Node:
        """Return the node of that name; raises UnknownNameError."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise UnknownNameError("node", name, (node.name for node in self.nodes))

    def legs(self, port: Port) -> tuple[Leg, ...]:
        """Return how the lab configures a port: one leg, or none for a port of a router."""
        return tuple(leg for leg in self.node(port.node).legs if leg.interface == port.interface)

    def line(self, router: str, name: str) -> LineEnds:
        """Return a router's line; raises UnknownNameError for the router or the line."""
        lines = {line.name: line for line in self.lines if line.router == router}
        if not lines:
            raise UnknownNameError("router", router, (node.name for node in self.nodes if node.role is Role.ROUTER))
        if name not in lines:
            raise UnknownNameError(f"line of {router}", name, lines)
        return lines[name]

    def socket(self, line: LineEnds, place: str) -> Socket:
        """Return the socket at a place, as seen from a line (which has its own `home`); raises UnknownNameError."""
        sockets = {HOME if socket.name == line.key else socket.name: socket for socket in self.sockets}
        if place not in sockets:
            raise UnknownNameError("place", place, sockets)
        return sockets[place]

    def plugged(self, places: Mapping[str, str | None]) -> "Topology":
        """Return the topology with some lines (by key) plugged in elsewhere, or nowhere; raises UnknownNameError."""
        lines = (self._at(line, places[line.key]) if line.key in places else line for line in self.lines)
        return replace(self, lines=tuple(lines))

    def _at(self, line: LineEnds, place: str | None) -> LineEnds:
        return replace(line, socket=self.socket(line, place) if place else None)
