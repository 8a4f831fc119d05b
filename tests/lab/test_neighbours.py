"""What a neighbour on the same wire can take or learn: names, addresses, the files beside flex.pac."""

import json
from pathlib import Path

import pytest

from linjevakt.inventory import load
from linjevakt.model.inventory import Connection, Segment
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ASK = Path(__file__).with_name("neighbours.py").read_text()


@pytest.fixture
def shared(controller: Controller) -> Connection:
    """The connection in the inventory with the most segments."""
    return max(load(controller.lab.inventory_path).connections, key=lambda connection: len(connection.segments))


def client(connection: Connection, segment: Segment) -> str:
    """The PC on a segment's port."""
    return f"pc-{connection.router.name}-{segment.port}"


@pytest.mark.parametrize("name", ["wpad", "config", "proxy"])
def test_a_pc_cannot_name_itself_into_its_neighbours_browsers(lab: Lab, shared: Connection, name: str) -> None:
    rogue, victim = shared.segments[1], shared.segments[0]
    lease = ["udhcpc", "-f", "-q", "-n", "-i", "eth0", "-s", "/bin/true", "-x", f"hostname:{name}", "-C"]
    lab.run(client(shared, rogue), lease)
    for segment in (rogue, victim):
        asked = ["dig", "+short", "+time=2", "+tries=1", f"@{segment.gateway}", name]
        assert lab.run(client(shared, segment), asked).stdout == ""


def answering(lab: Lab, node: str, interface: str, *addresses: object) -> list[str]:
    """Which of the addresses have a taker on the interface; the first address is the asker's own."""
    said = lab.run(node, ["python3", "-", interface, *map(str, addresses)], input=ASK)
    return [address for address, taken in json.loads(said.stdout).items() if taken]


def test_only_the_interfaces_own_address_answers_arp(lab: Lab, controller: Controller) -> None:
    fleet = load(controller.lab.inventory_path).connections
    site = next(one for one in fleet if one.lines[0].addressing.method == "static")
    line, lan, management = site.lines[0].addressing, site.segments[0].gateway, site.router.management
    assert line.method == "static"
    wan = line.address.ip
    port = next(row.peer for row in lab.plan.topology.lines if (row.router, row.name) == (site.router.name, "wan0"))
    assert answering(lab, port.node, port.interface, line.gateway, wan, lan, management) == [str(wan)]
    pc = client(site, site.segments[0])
    assert answering(lab, pc, "eth0", site.segments[0].prefix[9], lan, wan, management) == [str(lan)]


@pytest.mark.parametrize("path", ["/secrets.toml", "/flex.pac/../secrets.toml", "/flex.pac%2f..%2fsecrets.toml", "/"])
def test_nothing_but_the_pac_file_is_served(lab: Lab, shared: Connection, path: str) -> None:
    segment = shared.segments[0]
    url = f"http://{segment.gateway}{path}"
    asked = ["curl", "-s", "-m", "3", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", url]
    assert lab.run(client(shared, segment), asked).stdout == "404"
