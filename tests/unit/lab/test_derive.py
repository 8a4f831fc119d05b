"""From an inventory to nodes, cables and addresses."""

from collections import Counter
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import combinations

import pytest

from linjevakt.inventory import generate
from linjevakt.model.inventory import Inventory
from linjevakt_lab.derive import derive
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.scenario import Scenario
from linjevakt_lab.setting import Setting
from linjevakt_lab.topology import Leg, Port, Role, Topology

PRIVATE = IPv4Network("10.0.0.0/8")


def leg(topology: Topology, port: Port) -> Leg:
    return next(leg for leg in topology.node(port.node).legs if leg.interface == port.interface)


def networks(topology: Topology, *nodes: str) -> list[IPv4Network]:
    return [address.network for node in nodes for leg in topology.node(node).legs for address in leg.addresses]


def test_the_provider_of_a_fixed_line_has_the_gateway_that_the_inventory_names(inventory: Inventory) -> None:
    topology = derive(inventory)
    line = topology.line("rtr-fjellheim", "wan0")
    assert line.plugged.provider.node == "inet"
    assert leg(topology, line.plugged.provider) == Leg(
        line.plugged.provider.interface, (IPv4Interface("198.51.100.1/30"),)
    )


def test_a_dhcp_line_gets_one_address_of_a_network_of_its_own(inventory: Inventory) -> None:
    topology = derive(inventory)
    served = leg(topology, topology.line("rtr-solbakken", "wan0").end)
    assert served.addresses == (IPv4Interface("198.51.100.129/30"),)
    assert served.lease == IPv4Address("198.51.100.130")


def test_a_mobile_line_is_leased_a_carrier_address_and_hidden_behind_the_carriers_own(inventory: Inventory) -> None:
    topology = derive(inventory)
    served = leg(topology, topology.line("rtr-fjellheim", "wan1").end)
    assert served.addresses == (IPv4Interface("100.64.1.1/30"),)
    assert [leg.interface for leg in topology.node("mobile").legs if leg.masquerade] == ["uplink"]


def test_a_line_behind_nat_ends_in_a_box_that_hides_it(inventory: Inventory) -> None:
    topology = derive(inventory, Setting(behind_nat=("rtr-solbakken.wan0",)))
    line = topology.line("rtr-solbakken", "wan0")
    assert (line.plugged.peer, line.plugged.provider.node) == (Port("cpe-rtr-solbakken", "lan"), "inet")
    assert leg(topology, line.plugged.peer).lease == IPv4Address("192.168.1.2")
    assert leg(topology, Port("cpe-rtr-solbakken", "wan")).masquerade


def test_every_lan_port_has_one_pc_also_when_segments_share_the_port(inventory: Inventory) -> None:
    pcs = [node.name for node in derive(inventory).nodes if node.role is Role.PC]
    assert pcs == ["pc-rtr-fjellheim-lan0", "pc-rtr-solbakken-lan0"]


def test_the_services_have_the_addresses_of_the_contract_behind_the_hub(inventory: Inventory) -> None:
    topology = derive(inventory)
    lan = leg(topology, Port("services", "lan"))
    assert [str(address.ip) for address in lan.addresses] == [
        "10.255.0.20",
        "10.255.0.30",
        "10.255.0.31",
        "10.255.0.40",
    ]
    assert set(lan.bridged) == {"port1", "port2"}, "the NOC's port and the hub's"
    assert leg(topology, Port("noc", "eth0")).addresses == (IPv4Interface("10.255.0.10/24"),)


def test_only_the_services_lead_from_helsenettet_to_the_internet(inventory: Inventory) -> None:
    topology = derive(inventory)
    beside_inet = {
        port.node for cable in topology.cables for port in (cable.a, cable.b) if "inet" in {cable.a.node, cable.b.node}
    }
    assert beside_inet - {"inet"} == {"www", "mobile", "services", "hub-oslo", "rtr-fjellheim", "rtr-solbakken"}


def test_the_internet_routes_no_private_address(inventory: Inventory) -> None:
    topology = derive(inventory)
    assert topology.node("inet").routes == ()
    assert not any(network.overlaps(PRIVATE) for network in networks(topology, "inet", "mobile"))


@pytest.mark.parametrize("sites", [1, 3, 150])
def test_no_two_legs_of_the_providers_share_addresses_in_a_fleet_of_any_size(sites: int) -> None:
    scenario = Scenario.synthetic(sites)
    topology = derive(scenario.inventory, scenario.setting)
    taken = networks(topology, "inet", "mobile")
    # An uplink is the one network that both have an end of.
    pairs = [pair for pair in combinations(set(taken), 2) if pair[0].overlaps(pair[1])]
    assert pairs == []
    assert [network for network, times in Counter(taken).items() if times > 1] == [IPv4Network("203.0.113.20/30")]


def test_no_port_has_two_cables() -> None:
    scenario = Scenario.synthetic(20)
    topology = derive(scenario.inventory, scenario.setting)
    ports = Counter(port for cable in topology.cables for port in (cable.a, cable.b))
    assert max(ports.values()) == 1
    assert max(len(port.interface) for port in ports) <= 15, "IFNAMSIZ"


def test_a_generated_fleet_mixes_fixed_addresses_dhcp_and_dhcp_behind_nat() -> None:
    scenario = Scenario.synthetic(3)
    methods = [site.lines[0].addressing.method for site in scenario.inventory.sites]
    assert sorted(methods) == ["dhcp", "dhcp", "static"]
    assert len(scenario.setting.behind_nat) == 1


def test_a_wrong_name_behind_nat_is_refused_with_the_nearest_line(inventory: Inventory) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean rtr-solbakken\.wan0"):
        derive(inventory, Setting(behind_nat=("rtr-solbaken.wan0",)))


def test_two_lines_of_a_router_behind_nat_are_refused(inventory: Inventory) -> None:
    with pytest.raises(LabError, match="two lines of rtr-fjellheim"):
        derive(inventory, Setting(behind_nat=("rtr-fjellheim.wan0", "rtr-fjellheim.wan1")))


def test_a_platform_that_the_lab_has_not_got_is_refused(inventory: Inventory) -> None:
    site = inventory.sites[0]
    foreign = site.model_copy(update={"router": site.router.model_copy(update={"platform": "junos"})})
    with pytest.raises(LabError, match="rtr-fjellheim has platform junos"):
        derive(inventory.model_copy(update={"sites": (foreign,)}))


def test_two_fixed_lines_in_one_network_are_refused(inventory: Inventory) -> None:
    site = inventory.sites[0]
    twin = site.model_copy(update={"router": site.router.model_copy(update={"name": "rtr-twin"})})
    with pytest.raises(LabError, match=r"rtr-fjellheim\.wan0 and rtr-twin\.wan0 are both in 198\.51\.100\.0/30"):
        derive(inventory.model_copy(update={"sites": (site, twin)}))


def test_an_unknown_node_or_line_is_told_with_the_nearest_name() -> None:
    topology = derive(generate(1))
    with pytest.raises(UnknownNameError, match="did you mean services"):
        topology.node("service")
    router = next(node.name for node in topology.nodes if node.name.startswith("rtr-"))
    with pytest.raises(UnknownNameError, match="did you mean wan1"):
        topology.line(router, "wlan1")
