"""Works out the lab of an inventory: which nodes there are, how they are cabled, and their addresses. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import chain, count, islice

from linjevakt.model.inventory import Hub, Inventory, Line, LineKind, Site, Static
from linjevakt_lab.errors import LabError
from linjevakt_lab.refusal import fixed_networks, refuse
from linjevakt_lab.setting import Behind, Place, Setting
from linjevakt_lab.topology import LOOSE, Cable, Leg, LineEnds, Node, Port, Role, Route, Socket, Topology

INET, MOBILE, SERVICES, WWW, NOC = "inet", "mobile", "services", "www", "noc"

# The addresses of contract.md section 5.
NOC_ADDRESS = IPv4Address("10.255.0.10")
NAME_SERVER = IPv4Address("10.255.0.20")
PROXIES = (IPv4Address("10.255.0.30"), IPv4Address("10.255.0.31"))
INSIDE_WEB = IPv4Address("10.255.0.40")
OUTSIDE_WEB = IPv4Interface("192.0.2.80/24")
_SERVICES_UPLINK = IPv4Network("203.0.113.16/30")
_MOBILE_UPLINK = IPv4Network("203.0.113.20/30")
_SHARED_POOL = IPv4Network("100.64.0.0/10")  # RFC 6598: between a customer and its provider's NAT
# The second is for large fleets, when the documentation range is used up (RFC 2544).
_DHCP_POOLS = (IPv4Network("198.51.100.128/25"), IPv4Network("198.18.0.0/15"))
_BEHIND_NAT = IPv4Network("192.168.1.0/24")
_ANYWHERE = IPv4Network("0.0.0.0/0")
_OWN = {
    WWW: OUTSIDE_WEB.network,
    "the services' way out": _SERVICES_UPLINK,
    "the mobile network's way out": _MOBILE_UPLINK,
    "the shared space": _SHARED_POOL,
}
_PLAIN = Setting()
_SPARE_PORTS = ("lan0", "lan1")
_MOBILE_LINE = Line(name="wan1", kind=LineKind.MOBILE, provider="the lab")


def derive(inventory: Inventory, setting: Setting = _PLAIN) -> Topology:
    """Work out the lab; raises LabError when inventory or setting ask for what the lab cannot show."""
    refuse(inventory, setting, _OWN)
    plan = _Plan(inventory, setting)
    plan.common()
    for hub in inventory.installation.hubs:
        plan.hub(hub)
    plan.inside(inventory.installation.hubs[0])
    for site in inventory.sites:
        plan.site(site)
    for name in setting.spare:
        plan.spare(name)
    for place in setting.places:
        plan.place(place)
    return plan.topology()


class _Plan:
    """The topology while it grows."""

    def __init__(self, inventory: Inventory, setting: Setting) -> None:
        self._installation = inventory.installation
        self._setting = setting
        self._roles: dict[str, Role] = {}
        self._spare: set[str] = set()
        self._legs: dict[str, list[Leg]] = defaultdict(list)
        self._routes: dict[str, list[Route]] = defaultdict(list)
        self._fixed: list[Cable] = []
        self._lines: list[LineEnds] = []
        self._sockets: list[Socket] = []
        self._numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self._networks = {INET: _public_networks(fixed_networks(inventory, setting)), MOBILE: _shared_networks()}

    def topology(self) -> Topology:
        """Return what has grown."""
        nodes = [
            Node(name, role, tuple(self._legs[name]), tuple(self._routes[name]), name in self._spare)
            for name, role in self._roles.items()
        ]
        return Topology(tuple(nodes), tuple(self._fixed), tuple(self._lines), tuple(self._sockets))

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
        self._node(hub.router.name, Role.ROUTER)
        self._line(hub.router.name, hub.line)
        self._join(Port(hub.router.name, hub.inside_port), self._next_port(SERVICES))

    def inside(self, first_hub: Hub) -> None:
        """Address the services' network, when all hubs are on it: a bridge in `services`, and the NOC."""
        network = first_hub.inside_address.network
        ours = {NAME_SERVER, *PROXIES, INSIDE_WEB} | {service.address for service in self._installation.endpoints}
        addresses = tuple(_within(network, address) for address in sorted(ours) if address in network)
        ports = tuple(cable.b.interface for cable in self._fixed if cable.b.node == SERVICES)
        self._legs[SERVICES].append(Leg("lan", addresses, bridged=ports))
        self._legs[NOC].append(Leg("eth0", (_within(network, NOC_ADDRESS),)))
        for node in (SERVICES, NOC):
            self._routes[node] += [Route(prefix, first_hub.inside_address.ip) for prefix in self._installation.inside]

    def site(self, site: Site) -> None:
        """Add a site: its router, its lines, a PC on each LAN port and on each extra one."""
        router = site.router.name
        self._node(router, Role.ROUTER)
        for line in site.lines:
            self._line(router, line)
        used = {segment.port for segment in site.segments}
        for port in sorted(used.union(self._setting.extra_ports.get(router, ()))):
            self._pc(router, port, spare=port not in used)

    def spare(self, router: str) -> None:
        """Add a factory-new router: a loose cable, a mobile line as all have, and PCs that wait for it."""
        self._node(router, Role.ROUTER, spare=True)
        self._lines.append(LineEnds(router, "wan0", None, self._next_port(LOOSE)))
        self._line(router, _MOBILE_LINE)
        for port in _SPARE_PORTS:
            self._pc(router, port, spare=True)

    def place(self, place: Place) -> None:
        """Add the cable of another provider, with the NATs before it."""
        name, cpe = place.name, f"cpe-{place.name}"
        match place.behind:
            case Behind.STATIC:
                self._socket(name, INET, given=_static(place))
            case Behind.DHCP:
                self._socket(name, INET)
            case Behind.NAT:
                self._socket(name, INET, cpe)
            case Behind.CGNAT:
                self._socket(name, self._carrier(f"cgnat-{name}"), cpe)

    def _node(self, name: str, role: Role, *, spare: bool = False) -> None:
        if name in self._roles:
            raise LabError(f"Two nodes of the lab would be named {name}: rename the router, spare one or place.")
        self._roles[name] = role
        if spare:
            self._spare.add(name)

    def _pc(self, router: str, port: str, *, spare: bool) -> None:
        name = f"pc-{router}-{port}"
        self._node(name, Role.PC, spare=spare)
        self._join(Port(name, "eth0"), Port(router, port))

    def _line(self, router: str, line: Line) -> None:
        """Add a line and the socket it is plugged in."""
        name = f"{router}.{line.name}"
        provider = MOBILE if line.kind is LineKind.MOBILE else INET
        cpe = f"cpe-{router}" if name in self._setting.behind_nat else None
        given = line.addressing if isinstance(line.addressing, Static) else None
        self._lines.append(
            LineEnds(router, line.name, self._socket(name, provider, cpe, given), self._next_port(LOOSE))
        )

    def _socket(self, name: str, provider: str, cpe: str | None = None, given: Static | None = None) -> Socket:
        """Add a socket of a provider, behind a NAT box (`cpe`) or not; its addresses are `given`, else leased."""
        if cpe:
            self._node(cpe, Role.NETWORK)
            far = self._uplink(Port(cpe, "wan"), provider, next(self._networks[provider]), masquerade=True)
            peer, pool = Port(cpe, "lan"), iter([_BEHIND_NAT])
        else:
            peer = far = self._next_port(provider)
            pool = self._networks[provider]
        self._legs[peer.node].append(_providing(peer.interface, given, pool))
        self._sockets.append(Socket(name, peer, far))
        return self._sockets[-1]

    def _carrier(self, name: str) -> str:
        """Add a provider that hides its customers behind one address (CGNAT); returns its name."""
        self._node(name, Role.NETWORK)
        self._uplink(Port(name, "uplink"), INET, next(self._networks[INET]), masquerade=True)
        self._networks[name] = self._networks[MOBILE]
        return name

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
        self._fixed.append(Cable(a, b))

    def _next_port(self, node: str) -> Port:
        """Return a port of a shared node that has no cable yet."""
        return Port(node, f"port{next(self._numbers[node])}")


def _providing(interface: str, given: Static | None, pool: Iterator[IPv4Network]) -> Leg:
    """Return a socket's own side: the gateway that its customer was told, or a DHCP server for one client."""
    if given:
        return Leg(interface, (_within(given.address.network, given.gateway),))
    network = next(pool)
    return Leg(interface, (_within(network, network[1]),), lease=network[2])


def _static(place: Place) -> Static:
    return Static.model_validate({"address": place.address, "gateway": place.gateway})


def _within(network: IPv4Network, address: IPv4Address) -> IPv4Interface:
    return IPv4Interface((address, network.prefixlen))


def _shared_networks() -> Iterator[IPv4Network]:
    """Return 100.64.N.0/30 for N from 1."""
    wide = _SHARED_POOL.subnets(new_prefix=24)
    return (next(network.subnets(new_prefix=30)) for network in islice(wide, 1, None))


def _public_networks(fixed: Mapping[str, IPv4Network]) -> Iterator[IPv4Network]:
    """Return the /30s that nothing fixed is in."""
    candidates = chain.from_iterable(pool.subnets(new_prefix=30) for pool in _DHCP_POOLS)
    return (network for network in candidates if not any(network.overlaps(taken) for taken in fixed.values()))
