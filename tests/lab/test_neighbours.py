"""What a neighbour on the same wire can take or learn: names, addresses, the files beside flex.pac."""

import json
from pathlib import Path

import pytest

from linjevakt.inventory import load
from linjevakt.model.inventory import Segment, Site
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ASK = Path(__file__).with_name("neighbours.py").read_text()


@pytest.fixture
def shared(controller: Controller) -> Site:
    """The connection in the inventory with the most segments."""
    return max(load(controller.lab.inventory_path).sites, key=lambda site: len(site.segments))


def client(site: Site, segment: Segment) -> str:
    """The PC on a segment's port."""
    return f"pc-{site.router.name}-{segment.port}"


@pytest.mark.parametrize("name", ["wpad", "config", "proxy"])
def test_a_pc_cannot_name_itself_into_its_neighbours_browsers(lab: Lab, shared: Site, name: str) -> None:
    rogue, victim = shared.segments[1], shared.segments[0]
    lease = ["udhcpc", "-f", "-q", "-n", "-i", "eth0", "-s", "/bin/true", "-x", f"hostname:{name}", "-C"]
    lab.run(client(shared, rogue), lease)
    for segment in (rogue, victim):
        asked = ["dig", "+short", "+time=2", "+tries=1", f"@{segment.gateway}", name]
        assert lab.run(client(shared, segment), asked).stdout == ""


def facing(lab: Lab, node: str, own: object) -> str:
    """The interface of a node that has this address."""
    links = json.loads(lab.run(node, ["ip", "-json", "-4", "addr", "show", "to", f"{own}/32"]).stdout)
    return str(next(link["ifname"] for link in links if link))


def answering(lab: Lab, node: str, interface: str, *addresses: object) -> list[str]:
    """Which addresses have a taker on the interface; the first address given is the asker's own."""
    said = lab.run(node, ["python3", "-", interface, *map(str, addresses)], input=ASK)
    return [address for address, taken in json.loads(said.stdout).items() if taken]


def test_only_the_interfaces_own_address_answers_arp(lab: Lab, controller: Controller) -> None:
    fleet = load(controller.lab.inventory_path).sites
    site = next(one for one in fleet if one.lines[0].addressing.method == "static")
    line, lan, management = site.lines[0].addressing, site.segments[0].gateway, site.router.management
    assert line.method == "static"
    wan = line.address.ip
    assert answering(lab, "inet", facing(lab, "inet", line.gateway), line.gateway, wan, lan, management) == [str(wan)]
    pc = client(site, site.segments[0])
    assert answering(lab, pc, "eth0", site.segments[0].prefix[9], lan, wan, management) == [str(lan)]


@pytest.mark.parametrize("path", ["/secrets.toml", "/flex.pac/../secrets.toml", "/flex.pac%2f..%2fsecrets.toml", "/"])
def test_nothing_but_the_pac_file_is_served(lab: Lab, shared: Site, path: str) -> None:
    segment = shared.segments[0]
    url = f"http://{segment.gateway}{path}"
    asked = ["curl", "-s", "-m", "3", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", url]
    assert lab.run(client(shared, segment), asked).stdout == "404"


def test_a_pc_reaches_no_router_through_the_proxy_nor_the_controller_directly(lab: Lab, controller: Controller) -> None:
    mine, other = load(controller.lab.inventory_path).sites[:2]
    pc = client(mine, mine.segments[0])
    through = ["curl", "-s", "-m", "4", "-p", "-x", "10.255.0.30:3128", f"telnet://{other.router.management}:22"]
    assert "SSH-" not in lab.run(pc, through, input="", check=False).stdout
    listening = lab.popen("noc", ["python3", "-m", "http.server", "--directory", "/proc/self/fdinfo", "8099"])
    try:
        waiting = ["curl", "-s", "-o", "/dev/null", "--retry", "20", "--retry-connrefused", "http://127.0.0.1:8099/"]
        lab.run("noc", waiting)
        straight = ["curl", "-s", "-m", "3", "-o", "/dev/null", "http://10.255.0.10:8099/"]
        assert lab.run(pc, straight, check=False).returncode != 0
    finally:
        listening.terminate()
        listening.wait(timeout=10)
