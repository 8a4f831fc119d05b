"""What the lab writes for its own nodes, and how it reads a client's answers."""

import pytest

from linjevakt.inventory import load_catalogue
from linjevakt.model.inventory import Inventory
from linjevakt_lab import services, wiring
from linjevakt_lab.derive import derive
from linjevakt_lab.expectations import judge
from linjevakt_lab.setting import Behind, Place, Setting


def disk(inventory: Inventory, node: str) -> dict[str, str]:
    behind = services.behind(inventory.installation, load_catalogue())
    return services.files(derive(inventory).node(node), behind)


def test_a_router_gets_nothing_from_the_lab(inventory: Inventory) -> None:
    assert disk(inventory, "hub-oslo") == {}
    assert wiring.configuration(derive(inventory), "hub-oslo") == {}


def test_the_time_server_never_sets_the_clock(inventory: Inventory) -> None:
    assert "chronyd -x " in disk(inventory, "services")["etc/service/time/run"]


def test_a_name_of_the_installation_wins_over_its_domain(inventory: Inventory) -> None:
    names = disk(inventory, "services")["etc/lab/names.conf"].splitlines()
    assert "address=/nhn.no/10.255.0.40" in names
    assert "address=/ntp.nhn.no/10.255.0.20" in names


def test_only_what_is_inside_may_use_the_proxies(inventory: Inventory) -> None:
    allowed = [
        line for line in disk(inventory, "services")["etc/lab/proxy1.conf"].splitlines() if line.startswith("Allow")
    ]
    assert allowed == ["Allow 10.0.0.0/8"]


def test_providers_forward_and_refuse_false_senders_and_nobody_else_forwards(inventory: Inventory) -> None:
    topology = derive(inventory)
    assert "ip_forward = 1" in wiring.configuration(topology, "inet")["sysctl"]
    assert "all.rp_filter = 1" in wiring.configuration(topology, "mobile")["sysctl"]
    assert "ip_forward = 0" in wiring.configuration(topology, "services")["sysctl"]


def test_a_port_without_a_cable_is_configured_when_one_is_plugged_in(inventory: Inventory) -> None:
    place = Place(name="nygata", behind=Behind.DHCP)
    topology = derive(inventory, Setting(places=(place,)))
    port = topology.sockets[-1].peer.interface
    assert f"link set {port} up" not in wiring.configuration(topology, "inet")["network"]
    moved = topology.plugged({"rtr-fjellheim.wan0": "nygata"})
    assert f"link set {port} up" in wiring.configuration(moved, "inet")["network"]
    left = topology.line("rtr-fjellheim", "wan0").plugged.peer.interface
    assert f"link set {left} up\n" not in wiring.configuration(moved, "inet")["network"]


def test_a_provider_leases_to_whatever_cable_comes_so_it_names_no_interface(inventory: Inventory) -> None:
    topology = derive(inventory, Setting(places=(Place(name="nygata", behind=Behind.DHCP),)))
    behind = services.behind(inventory.installation, load_catalogue())
    served = services.files(topology.node("inet"), behind)["etc/lab/dhcp.conf"]
    assert "interface" not in served
    assert served.count("dhcp-range=198.51.100.") == 2, "the line of rtr-solbakken and the place"


@pytest.mark.parametrize(
    ("status", "output", "result"),
    [
        (0, "", "ok"),
        (7, "curl: (7) Failed to connect to 192.0.2.80 port 80: Connection refused", "refused"),
        (7, "curl: (7) Failed to connect to 10.64.1.1 port 9 after 8 ms: Couldn't connect to server", "refused"),
        (28, "curl: (28) Connection timed out after 5000 milliseconds", "timeout"),
        (1, "1 packets transmitted, 0 received, 100% packet loss, time 0ms", "timeout"),
        (1, "From 10.64.1.1 icmp_seq=1 Destination Host Unreachable\n0 received, 100% packet loss", "refused"),
        (0, ";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1", "refused"),
        (6, "curl: (6) Could not resolve host: nowhere", "curl: (6) Could not resolve host: nowhere"),
    ],
)
def test_a_clients_answer_is_read_as_a_person_would(status: int, output: str, result: str) -> None:
    assert judge(status, output) == result
