"""Where lines can be plugged in: other providers' cables, spare routers, and what is refused."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from linjevakt.inventory.folder import Folder
from linjevakt.model.inventory import Inventory
from linjevakt_lab.derive import derive
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.lines import Lines
from linjevakt_lab.places import State
from linjevakt_lab.scenario import ScenarioFile
from linjevakt_lab.setting import Setting
from linjevakt_lab.topology import Leg, Port, Role, Socket, Topology

STATIC = {"name": "kaia", "behind": "static", "address": "198.51.100.10/30", "gateway": "198.51.100.9"}
PLACES = [
    {"name": "nygata", "behind": "dhcp"},
    {"name": "tinghuset", "behind": "nat"},
    {"name": "stasjonen", "behind": "cgnat"},
    STATIC,
]
LINE = "rtr-fjellheim.wan0"


def setting(**fields: Any) -> Setting:
    return Setting.model_validate(fields)


@pytest.fixture
def topology(inventory: Inventory) -> Topology:
    """A fleet with every kind of place and a spare router."""
    return derive(inventory, setting(places=PLACES, spare=["rtr-nygata"]))


def socket(topology: Topology, name: str) -> Socket:
    return next(socket for socket in topology.sockets if socket.name == name)


def leg(topology: Topology, port: Port) -> Leg:
    (found,) = topology.legs(port)
    return found


def test_behind_dhcp_the_internet_itself_leases_an_address_that_no_fixed_line_has(topology: Topology) -> None:
    place = socket(topology, "nygata")
    assert place.peer == place.provider
    assert place.peer.node == "inet"
    assert leg(topology, place.peer).lease in IPv4Network("198.51.100.128/25")


def test_behind_nat_the_providers_box_leases_a_private_address(topology: Topology) -> None:
    place = socket(topology, "tinghuset")
    assert (place.peer, place.provider.node) == (Port("cpe-tinghuset", "lan"), "inet")
    assert leg(topology, place.peer).lease == IPv4Address("192.168.1.2")
    assert leg(topology, Port("cpe-tinghuset", "wan")).masquerade


def test_behind_cgnat_there_are_two_nats_and_a_shared_address_between_them(topology: Topology) -> None:
    place = socket(topology, "stasjonen")
    assert (place.peer.node, place.provider.node) == ("cpe-stasjonen", "cgnat-stasjonen")
    outer = leg(topology, Port("cpe-stasjonen", "wan"))
    assert outer.masquerade
    assert outer.addresses[0] in IPv4Network("100.64.0.0/10")
    assert leg(topology, Port("cgnat-stasjonen", "uplink")).masquerade


def test_behind_a_fixed_address_the_provider_has_the_gateway_and_leases_nothing(topology: Topology) -> None:
    place = socket(topology, "kaia")
    assert leg(topology, place.peer) == Leg(place.peer.interface, (IPv4Interface("198.51.100.9/30"),))


def test_no_lease_is_taken_out_of_the_network_of_a_fixed_place(inventory: Inventory) -> None:
    fixed = {"name": "kaia", "behind": "static", "address": "198.51.100.130/30", "gateway": "198.51.100.129"}
    topology = derive(inventory, setting(places=[fixed]))
    assert leg(topology, topology.line("rtr-solbakken", "wan0").end).lease == IPv4Address("198.51.100.134")


def test_a_spare_router_has_a_loose_line_a_mobile_one_and_pcs_and_is_not_of_the_inventory(topology: Topology) -> None:
    assert topology.line("rtr-nygata", "wan0").place is None
    assert topology.line("rtr-nygata", "wan1").plugged.peer.node == "mobile"
    spare = {node.name: node.role for node in topology.nodes if node.spare}
    pcs = dict.fromkeys(["pc-rtr-nygata-lan0", "pc-rtr-nygata-lan1"], Role.PC)
    assert spare == {"rtr-nygata": Role.ROUTER, **pcs}


def test_a_pc_waits_on_an_extra_port_and_is_spare_only_where_no_segment_is(inventory: Inventory) -> None:
    topology = derive(inventory, setting(extra_ports={"rtr-fjellheim": ["lan0", "lan1"]}))
    assert not topology.node("pc-rtr-fjellheim-lan0").spare
    assert topology.node("pc-rtr-fjellheim-lan1").spare


def test_a_line_that_moves_leaves_its_home_to_others_and_only_its_far_end_is_elsewhere(topology: Topology) -> None:
    moved = topology.plugged({LINE: "nygata"})
    line = moved.line("rtr-fjellheim", "wan0")
    assert (line.near, line.place) == (Port("rtr-fjellheim", "wan0"), "nygata")
    assert line.end == socket(topology, "nygata").peer
    vacant = [socket.name for socket in moved.vacant]
    assert vacant == [LINE, "tinghuset", "stasjonen", "kaia"]
    replaced = moved.plugged({"rtr-nygata.wan0": LINE})
    assert replaced.line("rtr-nygata", "wan0").place == LINE


def test_every_cable_has_two_ends_of_its_own_wherever_lines_are_plugged_in(topology: Topology) -> None:
    for places in ({}, {LINE: None}, {LINE: "nygata", "rtr-nygata.wan0": LINE}):
        ports = [port for cable in topology.plugged(places).cables for port in (cable.a, cable.b)]
        assert len(ports) == len(set(ports))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"places": [PLACES[0], PLACES[0]]}, "2 places are named nygata"),
        ({"places": [{"name": "home", "behind": "dhcp"}]}, "A place cannot be named home"),
        ({"places": [STATIC, STATIC | {"name": "brua"}]}, r"are both in 198\.51\.100\.8/30"),
        (
            {"places": [STATIC | {"address": "198.51.100.6/29", "gateway": "198.51.100.5"}]},
            r"rtr-fjellheim\.wan0 and kaia|kaia and rtr-fjellheim\.wan0",
        ),
        ({"places": [STATIC | {"address": "100.64.9.2/30", "gateway": "100.64.9.1"}]}, "the shared space and kaia"),
        ({"places": [{"name": "nygata", "behind": "nat"}], "spare": ["cpe-nygata"]}, "would be named cpe-nygata"),
        ({"spare": ["rtr-fjellheim"]}, "rtr-fjellheim is in the inventory, so it is not spare"),
        ({"spare": ["rtr-a", "rtr-a"]}, "Two nodes of the lab would be named rtr-a"),
        ({"extra_ports": {"rtr-fjelheim": ["lan1"]}}, "did you mean rtr-fjellheim"),
    ],
)
def test_a_setting_that_the_lab_cannot_show_is_refused(
    inventory: Inventory, fields: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(LabError, match=told):
        derive(inventory, setting(**fields))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"name": "nygata", "behind": "dhcp", "address": "198.51.100.10/30"}, "go with behind: static, not dhcp"),
        ({"name": "kaia", "behind": "static", "address": "198.51.100.10/30"}, "needs both address"),
        (STATIC | {"gateway": "198.51.100.13"}, r"must be another address of 198\.51\.100\.8/30"),
        (STATIC | {"gateway": "198.51.100.10"}, r"must be another address of 198\.51\.100\.8/30"),
    ],
)
def test_a_place_has_the_addresses_that_its_kind_needs(place: Mapping[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        setting(places=[place])


def test_a_wrong_kind_of_place_is_told_with_file_line_field_and_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("description: x\nplaces:\n  - {name: nygata, behind: cgnatt}\n")
    folder = Folder(tmp_path)
    assert folder.read("scenario.yaml", ScenarioFile) is None
    (issue,) = folder.issues
    assert (issue.file, issue.line, issue.field) == ("scenario.yaml", 3, "places[0].behind")
    assert "cgnat" in issue.remedy


@pytest.mark.parametrize(
    ("line", "place", "told"),
    [
        (("rtr-fjellheim", "wan0"), "home", "wan0 of rtr-fjellheim is plugged in at home already"),
        (("rtr-fjellheim", "wan0"), "rtr-solbakken.wan0", "wan0 of rtr-solbakken is plugged in at rtr-solbakken.wan0"),
        (("rtr-fjellheim", "wan0"), "nygatta", "No place is named nygatta: did you mean nygata"),
        (("rtr-nygata", "wan0"), "home", "No place is named home"),
        (("rtr-fjellheim", "wan9"), "nygata", "No line of rtr-fjellheim is named wan9"),
        (("rtr-fjelheim", "wan0"), "nygata", "No router is named rtr-fjelheim: did you mean rtr-fjellheim"),
    ],
)
def test_a_move_that_cannot_be_is_refused_before_a_cable_is_touched(
    topology: Topology, line: tuple[str, str], place: str, told: str
) -> None:
    def no_box(node: str) -> Any:
        pytest.fail(f"{node} was touched")

    with pytest.raises(LabError, match=told):
        Lines(topology, State("lvunitnone"), no_box).move(*line, place)


def test_a_loose_line_can_neither_be_unplugged_nor_broken(topology: Topology) -> None:
    lines = Lines(topology, State("lvunitnone"), lambda node: pytest.fail(f"{node} was touched"))
    for act in (lines.unplug, lambda router, name: lines.break_line(router, name, "down")):
        with pytest.raises(LabError, match="wan0 of rtr-nygata is not plugged in: see `lab move`"):
            act("rtr-nygata", "wan0")


def test_an_unknown_place_is_an_unknown_name(topology: Topology) -> None:
    with pytest.raises(UnknownNameError):
        topology.plugged({LINE: "nowhere"})
