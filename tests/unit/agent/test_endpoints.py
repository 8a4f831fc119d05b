"""Where a line may stand: what a server may lend it, and what is the hub's, another line's, a port's or nobody's."""

from ipaddress import IPv4Address, IPv4Interface

import msgspec
import pytest

from linjevakt_agent.base.schema import Network
from linjevakt_agent.network.desired import additions, desired_line, of_line
from linjevakt_agent.network.endpoints import Endpoint, Standing, apart, settled, static_endpoint
from linjevakt_agent.network.kernel import Interface, State

NETWORK = """
reserved = ["10.255.0.0/24"]
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "static"
address = "198.51.100.2/30"
gateway = "198.51.100.1"
priority = 1
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
[[line]]
name = "wan2"
kind = "own_isp"
method = "dhcp"
priority = 3
[[port]]
name = "lan0"
addresses = ["10.64.1.1/24"]
[[route]]
prefix = "10.0.0.0/8"
type = "unreachable"
[watch]
target = "203.0.113.2"
"""
NOTHING = State({})


def network(text: str = NETWORK) -> Network:
    return msgspec.toml.decode(text, type=Network)


def lent(address: str, gateway: str) -> Endpoint:
    return Endpoint(IPv4Interface(address), IPv4Address(gateway), lent=True)


def having(**addresses: str) -> State:
    return State(
        {name: Interface(name, up=True, carrier=True, addresses=frozenset({text})) for name, text in addresses.items()}
    )


def stands(state: State = NOTHING, **given: Endpoint) -> Standing:
    wan0 = static_endpoint(network().line[0])
    assert wan0 is not None
    return settled({"wan0": wan0, **given}, network(), state)


@pytest.mark.parametrize(
    ("address", "gateway", "why"),
    [
        ("203.0.113.2/30", "203.0.113.1", "was given 203.0.113.2, which is the hub's address"),
        ("100.64.1.2/30", "203.0.113.2", "was given 203.0.113.2, which is the hub's address"),
        ("0.0.0.0/0", "192.0.2.1", "was given 0.0.0.0, which is no host's address"),
        ("0.1.2.3/8", "0.1.2.4", "was given 0.1.2.3, which is no host's address"),
        ("127.0.0.9/8", "192.0.2.1", "was given 127.0.0.9, which is a loopback address"),
        ("192.0.2.2/30", "127.0.0.1", "was given 127.0.0.1, which is a loopback address"),
        ("224.0.0.7/24", "192.0.2.1", "was given 224.0.0.7, which is a multicast address"),
        ("192.0.2.2/30", "239.255.255.255", "was given 239.255.255.255, which is a multicast address"),
        ("240.0.0.1/24", "192.0.2.1", "was given 240.0.0.1, which is a reserved or broadcast address"),
        ("255.255.255.255/32", "192.0.2.1", "was given 255.255.255.255, which is a reserved or broadcast address"),
        ("169.254.7.7/16", "169.254.0.1", "was given 169.254.7.7, which is link-local (169.254.0.0/16)"),
        ("192.0.2.0/30", "192.0.2.1", "was given 192.0.2.0, which is the network or broadcast address of 192.0.2.0/30"),
        ("192.0.2.2/30", "192.0.2.3", "was given 192.0.2.3, which is the network or broadcast address of 192.0.2.0/30"),
        ("192.0.2.2/30", "192.0.2.2", "was given 192.0.2.2 as both its address and its gateway"),
        ("10.64.1.1/24", "10.64.1.254", "was given 10.64.1.1, which is this router's own address inside"),
        ("192.0.2.2/24", "10.64.1.1", "was given 10.64.1.1, which is this router's own address inside"),
        ("10.250.0.11/8", "10.0.0.1", "was given 10.250.0.11, which is this router's own address inside"),
        ("10.64.1.50/32", "10.0.0.1", "was given 10.64.1.50, which is an address of a port's network"),
        ("10.255.0.30/24", "10.255.0.1", "was given 10.255.0.30, which is an address of a service inside"),
        ("192.0.2.2/24", "10.64.1.50", "was given 10.64.1.50, which is an address of a port's network"),
        ("198.51.100.2/24", "198.51.100.9", "was given 198.51.100.2, which is the address of wan0"),
        ("198.51.100.1/24", "198.51.100.9", "was given 198.51.100.1, which is the gateway of wan0"),
        ("192.0.2.2/24", "198.51.100.2", "was given 198.51.100.2, which is the address of wan0"),
    ],
)
def test_what_is_none_of_its_own_a_line_has_not_and_it_says_why(address: str, gateway: str, why: str) -> None:
    found = stands(wan1=lent(address, gateway))
    assert found.refusals == {"wan1": why}
    assert set(found.endpoints) == {"wan0"}


@pytest.mark.parametrize(
    ("address", "gateway"),
    [
        ("100.64.1.2/30", "100.64.1.1"),  # behind a carrier's NAT (RFC 6598)
        ("192.168.1.50/24", "192.168.1.1"),
        ("172.16.0.2/12", "172.16.0.1"),
        ("10.0.0.50/24", "10.0.0.1"),  # a home router with the addresses of the inside
        ("192.0.2.2/31", "192.0.2.3"),
        ("192.0.2.2/32", "169.254.1.1"),  # a provider that spends no address on its own end
        ("203.0.113.9/24", "203.0.113.1"),  # around the hub
        ("198.51.100.9/24", "198.51.100.1"),  # around wan0: two customers of one provider have one gateway
        ("192.0.2.2/0", "192.0.2.1"),
    ],
)
def test_a_lease_is_an_address_alone_whatever_its_network_and_the_gateway_is_on_the_link(
    address: str, gateway: str
) -> None:
    found = stands(wan1=lent(address, gateway))
    assert found.refusals == {}
    where, line = found.endpoints["wan1"], network().line[1]
    assert where.address == IPv4Interface(address.split("/", maxsplit=1)[0])
    up = State({"wan1": Interface("wan1", up=True, carrier=True)})
    commands = list(additions(desired_line(line, where, up, in_use=False), of_line(line, up)))
    assert f"addr add {where.address} dev wan1" in commands
    assert f"route replace default via {gateway} dev wan1 table 102 metric 0 proto 76 onlink" in commands


def test_two_home_routers_that_lend_from_the_same_network_are_two_lines() -> None:
    found = stands(wan1=lent("192.168.1.50/24", "192.168.1.1"), wan2=lent("192.168.1.51/24", "192.168.1.1"))
    assert set(found.endpoints) == {"wan0", "wan1", "wan2"}


FIRST = lent("100.64.1.2/30", "100.64.1.1")


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (FIRST, "was given 100.64.1.2, which is the address of {first}"),
        (lent("100.64.1.1/30", "100.64.1.9"), "was given 100.64.1.1, which is the gateway of {first}"),
        (lent("100.64.1.9/30", "100.64.1.2"), "was given 100.64.1.2, which is the address of {first}"),
    ],
)
@pytest.mark.parametrize("names", [("wan1", "wan2"), ("wan2", "wan1")])
def test_of_two_lines_that_are_lent_the_same_the_one_that_has_it_keeps_it(
    second: Endpoint, why: str, names: tuple[str, str]
) -> None:
    first, later = names
    found = stands(having(**{first: "100.64.1.2/32"}), **{first: FIRST, later: second})
    assert found.refusals == {later: why.format(first=first)}
    if second.gateway == FIRST.address.ip:  # a renewal may name another gateway: the address is no newer for that
        found = stands(
            having(**{first: "100.64.1.2/32", later: str(second.address.ip)}), **{first: FIRST, later: second}
        )
        assert found.refusals == {later: why.format(first=first)}


def test_of_two_that_come_at_once_the_first_choice_has_it_and_a_configured_line_comes_before_any_lease() -> None:
    assert set(stands(wan1=FIRST, wan2=FIRST).refusals) == {"wan2"}
    taken = lent("198.51.100.2/30", "198.51.100.1")
    assert set(stands(having(wan1="198.51.100.2/32"), wan1=taken).refusals) == {"wan1"}


@pytest.mark.parametrize("address", ["203.0.113.9/24", "10.0.0.50/24", "192.0.2.2/1", "10.64.0.9/16"])
def test_a_fixed_network_that_holds_what_is_elsewhere_is_an_address_alone_and_another_is_a_network(
    address: str,
) -> None:
    where = Endpoint(IPv4Interface(address), IPv4Address("192.0.2.1"))
    assert apart("wan1", where, network()).address == IPv4Interface(address.split("/", maxsplit=1)[0])
    assert str(stands().endpoints["wan0"].address) == "198.51.100.2/30"
    around = Endpoint(IPv4Interface("198.51.100.77/24"), IPv4Address("198.51.100.65"))
    assert str(apart("wan1", around, network()).address) == "198.51.100.77/32"
