"""No lease of one line harms another: random routers, random leases that come, change and go, and a kernel's tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import given, settings
from hypothesis import strategies as st

from linjevakt_agent.base.schema import Addressing, LanPort, Line, Management, Network, Route, Watch
from linjevakt_agent.network.desired import desired
from linjevakt_agent.network.endpoints import Endpoint, settled, static_endpoint
from linjevakt_agent.network.kernel import MAIN, Interface, State

HUB, PC, PROXY = IPv4Address("203.0.113.2"), IPv4Address("10.64.1.77"), IPv4Address("10.255.0.30")
LAN = IPv4Interface("10.64.1.1/24")
FIXED = (("198.51.100.2/30", "198.51.100.1"), ("100.64.1.2/24", "100.64.1.1"), ("192.0.2.2/29", "192.0.2.1"))
NAMES = ("wan0", "wan1", "wan2")
NEVER = [IPv4Network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")]
NEAR = [HUB, LAN.ip, *(IPv4Interface(where).ip for where, _ in FIXED), *(IPv4Address(gateway) for _, gateway in FIXED)]
HOMES = [IPv4Address("192.168.1.1"), IPv4Address("192.168.1.50"), IPv4Address("10.0.0.50"), IPv4Address("172.16.0.9")]
EVIL = ["0.0.0.0", "127.0.0.1", "169.254.9.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.64.1.77", "10.255.0.30"]


def beside(address: IPv4Address, by: int = 1) -> IPv4Address:
    return IPv4Address((int(address) + by) % 2**32)


near = st.builds(beside, st.sampled_from(NEAR), st.integers(-9, 9))
anywhere = st.builds(IPv4Address, st.integers(0, 2**32 - 1))
wicked = st.sampled_from([IPv4Address(text) for text in EVIL])
home = st.sampled_from(HOMES)
addresses = st.sampled_from(NEAR) | home | wicked | near | anywhere
leases = st.builds(
    lambda address, length, gateway: Endpoint(IPv4Interface((address, length)), gateway, lent=True),
    addresses | home | near,
    st.integers(0, 32) | st.sampled_from([24, 30]),
    addresses | home,
)


@dataclass(frozen=True)
class Router:
    """A router and what its kernel has; `leases` are what the servers say at the moment."""

    network: Network
    in_use: str
    leases: Mapping[str, Endpoint] = field(default_factory=dict)
    state: State = field(default_factory=lambda: State({}))

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        given = {line.name: where for line in self.network.line if (where := static_endpoint(line))}
        return settled({**given, **self.leases}, self.network, self.state).endpoints

    def told(self, line: str, lease: Endpoint | None) -> "Router":
        """The router after a server has said something, and after the agent has put the kernel in order."""
        others = {name: where for name, where in self.leases.items() if name != line}
        asked = replace(self, leases=others | ({line: lease} if lease else {}))
        wish = desired(None, self.network, asked.endpoints, self.in_use)
        interfaces = {
            name: Interface(name, up=True, carrier=True, addresses=present) for name, present in wish.addresses.items()
        }
        return replace(asked, state=State(interfaces, wish.routes, wish.rules))

    def way(self, to: IPv4Address, source: IPv4Address | None = None) -> tuple[str, str | None]:
        """Device and gateway by which the kernel sends a packet there, as ip-rule(8) and longest prefixes decide."""
        if any(to == address.ip for _, address in self._addresses()):
            return "local", None
        for rule in sorted(self.state.rules, key=lambda rule: rule.preference):
            matches = rule.source in ("all", str(source)) and (rule.to == "all" or to in IPv4Network(rule.to))
            if matches and (found := self._longest(to, rule.table)):
                return found
        return self._longest(to, MAIN) or ("nowhere", None)

    def _longest(self, to: IPv4Address, table: int) -> tuple[str, str | None] | None:
        routes = [row for row in self._routes(table) if to in row[0]]
        best = max(routes, key=lambda row: (row[0].prefixlen, -row[1]), default=None)
        return best[2] if best else None

    def _routes(self, table: int) -> Iterator[tuple[IPv4Network, int, tuple[str, str | None]]]:
        for route in self.state.routes:
            if route.table == table:
                prefix = IPv4Network("0.0.0.0/0" if route.prefix == "default" else route.prefix)
                yield prefix, route.metric, (route.device or route.type, route.via)
        if table == MAIN:  # what the kernel adds by itself for each address
            yield from ((address.network, 0, (name, None)) for name, address in self._addresses())

    def _addresses(self) -> Iterator[tuple[str, IPv4Interface]]:
        for name, interface in self.state.interfaces.items():
            yield from ((name, IPv4Interface(text)) for text in interface.addresses)


@st.composite
def routers(draw: st.DrawFn) -> Router:
    """Two or three lines, each fixed or by DHCP."""
    lines = tuple(_line(number, fixed=draw(st.booleans())) for number in range(draw(st.integers(2, 3))))
    network = Network(
        management=Management(address="10.250.0.11"),
        line=lines,
        port=(LanPort(name="lan0", addresses=(str(LAN),)),),
        route=(Route(prefix="10.0.0.0/8", type="unreachable", metric=4000),),
        watch=Watch(target=str(HUB)),
        reserved=(f"{PROXY}/32",),
    )
    return Router(network, draw(st.sampled_from(NAMES[: len(lines)])))


def _line(number: int, *, fixed: bool) -> Line:
    line = Line(name=NAMES[number], kind="own_isp", method="dhcp", priority=number + 1)
    return (
        line.addressed(Addressing(method="static", address=FIXED[number][0], gateway=FIXED[number][1]))
        if fixed
        else line
    )


@given(routers(), st.lists(st.tuples(st.sampled_from(NAMES), st.none() | leases), max_size=8))
@settings(max_examples=400, deadline=None)
def test_no_lease_of_one_line_harms_another(router: Router, events: list[tuple[str, Endpoint | None]]) -> None:
    lent = {line.name for line in router.network.line if line.method == "dhcp"}
    router = router.told("", None)
    for line, lease in events:
        if line in lent:
            after = router.told(line, lease)
            unharmed(router, after, line)
            if lease and line != router.in_use and router.in_use in router.endpoints:
                assert drawn_nowhere(router, after, lease)
            router = after
            sound(router)


def unharmed(before: Router, after: Router, but: str) -> None:
    """Every other line stands where it stood; what leaves by it, and what uses it, leaves by it as before."""
    for name, where in before.endpoints.items():
        if name != but:
            assert after.endpoints.get(name) == where
            assert after.way(HUB, where.address.ip) == (name, str(where.gateway))
            if name == after.in_use:
                assert after.way(HUB) == (name, str(where.gateway))


def drawn_nowhere(before: Router, after: Router, lease: Endpoint) -> bool:
    """Whether what is beside a lease of a line in reserve is looked for where it was before."""
    ways = before.way(beside(lease.address.ip)), after.way(beside(lease.address.ip))
    return ways[0] == ways[1] or ("local", None) in ways


def sound(router: Router) -> None:
    """No line has what is none of its own, and the inside is where it was."""
    own = [where.address.ip for where in router.endpoints.values()]
    assert len(set(own)) == len(own)
    for name, where in router.endpoints.items():
        assert where.address.ip != HUB
        assert not any(where.address.ip in network for network in (*NEVER, LAN.network))
        assert where.gateway not in {HUB, LAN.ip, *own}
        assert all(where.address.ip != other.gateway for key, other in router.endpoints.items() if key != name)
    assert router.way(PC) == ("lan0", None)
    assert router.way(PROXY) == ("unreachable", None)
