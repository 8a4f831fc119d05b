"""Works out the lab of an inventory: which nodes there are, how they are cabled, and their addresses. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import chain, count, islice

from linjevakt.model.inventory import Connection, Hub, Inventory, Line, LineKind, Static
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.topology import Cable, Leg, LineEnds, Node, Port, Role, Route, Topology

INET, MOBILE, SERVICES, WWW, NOC = "inet", "mobile", "services", "www", "noc"

# The addresses of docs/contract.md, section 5.
NOC_ADDRESS = IPv4Address("10.255.0.10")
NAME_SERVER = IPv4Address("10.255.0.20")
PROXIES = (IPv4Address("10.255.0.30"), IPv4Address("10.255.0.31"))
INSIDE_WEB = IPv4Address("10.255.0.40")
OUTSIDE_WEB = IPv4Interface("192.0.2.80/24")
_SERVICES_UPLINK = IPv4Network("203.0.113.16/30")
_MOBILE_UPLINK = IPv4Network("203.0.113.20/30")
_MOBILE_POOL = IPv4Network("100.64.0.0/10")
# The second is for large fleets, when the documentation range is used up (RFC 2544).
_DHCP_POOLS = (IPv4Network("198.51.100.128/25"), IPv4Network("198.18.0.0/15"))
_BEHIND_NAT = IPv4Network("192.168.1.0/24")
_ANYWHERE = IPv4Network("0.0.0.0/0")


def derive(inventory: Inventory, behind_nat: Collection[str] = ()) -> Topology:
    """Work out the lab; `behind_nat` names the lines (`rtr-x.wan0`) that get a NAT of their own in front.

    Raises LabError when the inventory asks for what the lab cannot show.
    """
    _refuse(inventory, behind_nat)
    plan = _Plan(inventory, behind_nat)
    plan.common()
    for hub in inventory.installation.hubs:
        plan.hub(hub)
    plan.inside(inventory.installation.hubs[0])
    for connection in inventory.connections:
        plan.site(connection)
    return plan.topology()


class _Plan:
    """The topology while it grows."""

    def __init__(self, inventory: Inventory, behind_nat: Collection[str]) -> None:
        self._installation = inventory.installation
        self._behind_nat = behind_nat
        self._roles: dict[str, Role] = {}
        self._legs: dict[str, list[Leg]] = defaultdict(list)
        self._routes: dict[str, list[Route]] = defaultdict(list)
        self._cables: list[Cable] = []
        self._lines: list[LineEnds] = []
        self._numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self._networks = {INET: _public_networks(inventory), MOBILE: _mobile_networks()}

    def topology(self) -> Topology:
        """Return what has grown."""
        nodes = [
            Node(name, role, tuple(self._legs[name]), tuple(self._routes[name])) for name, role in self._roles.items()
        ]
        return Topology(tuple(nodes), tuple(self._cables), tuple(self._lines))

    def common(self) -> None:
        """Add what every lab has: the internet, the mobile network, the services, a web server outside and the NOC."""
        self._roles |= {INET: Role.NETWORK, MOBILE: Role.NETWORK, WWW: Role.WEB, SERVICES: Role.SERVICES, NOC: Role.NOC}
        self._uplink(Port(WWW, "eth0"), INET, OUTSIDE_WEB.network, OUTSIDE_WEB.ip)
        self._uplink(Port(MOBILE, "uplink"), INET, _MOBILE_UPLINK, masquerade=True)
        # The proxies' way out: nothing else of Helsenettet has one.
        self._uplink(Port(SERVICES, "uplink"), INET, _SERVICES_UPLINK)
        self._join(Port(NOC, "eth0"), self._next_port(SERVICES))

    def hub(self, hub: Hub) -> None:
        """Add a hub: a router with one line and a port on the services' network."""
        self._roles[hub.router.name] = Role.ROUTER
        self._line(hub.router.name, hub.line)
        self._join(Port(hub.router.name, hub.inside_port), self._next_port(SERVICES))

    def inside(self, first_hub: Hub) -> None:
        """Address the services' network, when all hubs are on it: a bridge in `services`, and the NOC."""
        network = first_hub.inside_address.network
        ours = {NAME_SERVER, *PROXIES, INSIDE_WEB} | {service.address for service in self._installation.services}
        addresses = tuple(_within(network, address) for address in sorted(ours) if address in network)
        ports = tuple(cable.b.interface for cable in self._cables if cable.b.node == SERVICES)
        self._legs[SERVICES].append(Leg("lan", addresses, bridged=ports))
        self._legs[NOC].append(Leg("eth0", (_within(network, NOC_ADDRESS),)))
        for node in (SERVICES, NOC):
            self._routes[node] += [Route(prefix, first_hub.inside_address.ip) for prefix in self._installation.inside]

    def site(self, connection: Connection) -> None:
        """Add a site: its router, its lines and a PC on each LAN port."""
        router = connection.router.name
        self._roles[router] = Role.ROUTER
        for line in connection.lines:
            self._line(router, line)
        for port in sorted({segment.port for segment in connection.segments}):
            pc = f"pc-{router}-{port}"
            self._roles[pc] = Role.PC
            self._join(Port(pc, "eth0"), Port(router, port))

    def _line(self, router: str, line: Line) -> None:
        network = MOBILE if line.kind is LineKind.MOBILE else INET
        if f"{router}.{line.name}" in self._behind_nat:
            cpe = f"cpe-{router}"
            self._roles[cpe] = Role.NETWORK
            provider = self._uplink(Port(cpe, "wan"), network, next(self._networks[network]), masquerade=True)
            peer, pool = Port(cpe, "lan"), iter([_BEHIND_NAT])
        else:
            peer = provider = self._next_port(network)
            pool = self._networks[network]
        self._join(Port(router, line.name), peer)
        self._lines.append(LineEnds(router, line.name, peer, provider))
        self._legs[peer.node].append(_providing(peer.interface, line, pool))

    def _uplink(
        self,
        port: Port,
        to: str,
        network: IPv4Network,
        address: IPv4Address | None = None,
        *,
        masquerade: bool = False,
    ) -> Port:
        """Join a port to a provider, with addresses and a default route; returns the provider's port."""
        far = self._next_port(to)
        self._join(port, far)
        self._legs[far.node].append(Leg(far.interface, (_within(network, network[1]),)))
        own = _within(network, address or network[2])
        self._legs[port.node].append(Leg(port.interface, (own,), masquerade=masquerade))
        self._routes[port.node].append(Route(_ANYWHERE, network[1]))
        return far

    def _join(self, a: Port, b: Port) -> None:
        self._cables.append(Cable(a, b))

    def _next_port(self, node: str) -> Port:
        """Return a port of a shared node that has no cable yet."""
        return Port(node, f"port{next(self._numbers[node])}")


def _providing(interface: str, line: Line, pool: Iterator[IPv4Network]) -> Leg:
    """Return the far side of a router's line: the gateway that the inventory names, or a DHCP server for one client."""
    if isinstance(line.addressing, Static):
        return Leg(interface, (_within(line.addressing.address.network, line.addressing.gateway),))
    network = next(pool)
    return Leg(interface, (_within(network, network[1]),), lease=network[2])


def _within(network: IPv4Network, address: IPv4Address) -> IPv4Interface:
    return IPv4Interface((address, network.prefixlen))


def _mobile_networks() -> Iterator[IPv4Network]:
    """Return 100.64.N.0/30 for N from 1 (RFC 6598)."""
    wide = _MOBILE_POOL.subnets(new_prefix=24)
    return (next(network.subnets(new_prefix=30)) for network in islice(wide, 1, None))


def _public_networks(inventory: Inventory) -> Iterator[IPv4Network]:
    """Return the /30s that no fixed line of the inventory is in."""
    fixed = list(_fixed_lines(inventory).values())
    candidates = chain.from_iterable(pool.subnets(new_prefix=30) for pool in _DHCP_POOLS)
    return (network for network in candidates if not any(network.overlaps(taken) for taken in fixed))


def _fixed_lines(inventory: Inventory) -> dict[str, IPv4Network]:
    """Return the network of each line with a fixed address, by `router.line`."""
    pairs = [(hub.router.name, hub.line) for hub in inventory.installation.hubs]
    pairs += [(connection.router.name, line) for connection in inventory.connections for line in connection.lines]
    return {
        f"{router}.{line.name}": line.addressing.address.network
        for router, line in pairs
        if isinstance(line.addressing, Static)
    }


def _refuse(inventory: Inventory, behind_nat: Collection[str]) -> None:
    """Refuse what the lab cannot show."""
    lines = [f"{site.router.name}.{line.name}" for site in inventory.connections for line in site.lines]
    for name in behind_nat:
        if name not in lines:
            raise UnknownNameError("line of a site (behind_nat)", name, lines)
    fronted = [name.rpartition(".")[0] for name in behind_nat]
    for name in fronted:
        if fronted.count(name) > 1:
            raise LabError(f"behind_nat names two lines of {name}: the lab has one NAT (cpe-{name}) for a router.")
    for router in inventory.routers:
        if router.platform != "linux":
            raise LabError(f"{router.name} has platform {router.platform}: the lab can only show platform linux.")
    if not inventory.installation.hubs:
        raise LabError("The inventory has no hub, so its tunnels would lead nowhere: add one to installation.yaml.")
    _refuse_shared_networks(_fixed_lines(inventory))


def _refuse_shared_networks(lines: dict[str, IPv4Network]) -> None:
    names: dict[IPv4Network, str] = {}
    for name, network in lines.items():
        if network in names:
            raise LabError(
                f"{names[network]} and {name} are both in {network}: in the lab each line has its own network."
            )
        names[network] = name
