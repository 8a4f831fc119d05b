"""How one network gives way to another while the neighbours work on."""

import msgspec

from linjevakt_agent.base.schema import Network
from linjevakt_agent.force import changeover
from linjevakt_agent.network.desired import desired

LINE = """
[management]
address = "10.250.0.13"
[[line]]
name = "wan0"
kind = "own_isp"
method = "dhcp"
priority = 1
"""
CLINIC = '[[port]]\nname = "lan0"\naddresses = ["10.64.3.1/24"]\n'
DENTIST = '[[port]]\nname = "lan1"\naddresses = ["10.64.4.1/24"]\n'
MOVED = '[[port]]\nname = "lan1"\naddresses = ["10.64.9.1/24"]\n'
VLAN = '[[port]]\nname = "lan0.20"\naddresses = ["10.64.5.1/25"]\nparent = "lan0"\nvlan = 20\n'


def network(*ports: str, line: str = LINE) -> Network:
    return msgspec.toml.decode(line + "".join(ports), type=Network)


def test_a_port_that_goes_is_shut_and_the_others_are_not() -> None:
    assert changeover.leaving(network(CLINIC, DENTIST), network(CLINIC)) == {"lan1"}


def test_a_port_that_gets_another_network_is_shut_while_it_changes() -> None:
    assert changeover.leaving(network(CLINIC, DENTIST), network(CLINIC, MOVED)) == {"lan1"}


def test_a_port_that_comes_shuts_nothing() -> None:
    assert changeover.leaving(network(CLINIC), network(CLINIC, DENTIST)) == set()


def test_a_port_that_carries_anothers_vlan_is_never_shut() -> None:
    assert changeover.leaving(network(CLINIC, VLAN), network(VLAN)) == set()


def test_a_port_that_stays_up_for_anothers_vlan_loses_its_own_network() -> None:
    wanted = desired(network(CLINIC, VLAN), network(VLAN), {}, None)
    assert wanted.addresses["lan0"] == frozenset()
    assert "lan0" in wanted.up - wanted.down


def test_only_a_change_of_lines_routes_or_management_is_more_than_ports() -> None:
    other = LINE.replace('"dhcp"', '"static"\naddress = "198.51.100.2/30"\ngateway = "198.51.100.1"')
    assert changeover.only_ports(network(CLINIC), network(DENTIST))
    assert not changeover.only_ports(network(CLINIC), network(CLINIC, line=other))


def test_in_between_a_port_has_its_addresses_of_before_and_after() -> None:
    both = changeover.together(network(CLINIC, DENTIST), network(CLINIC, MOVED))
    assert [port.addresses for port in both.port] == [("10.64.3.1/24",), ("10.64.9.1/24", "10.64.4.1/24")]
