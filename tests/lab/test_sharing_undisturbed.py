"""An organisation stops sharing a line, then shares it again: the neighbours on the same router notice nothing."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from tests.lab.measure import Probe, eventually, probing

from linjevakt.inventory import dump, load
from linjevakt.model.inventory import Site
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

INSIDE, PROXY, OUTSIDE, PORT = "10.255.0.40", "10.255.0.30:3128", "192.0.2.80", "8098"
HUB = "hub-oslo"
LONGEST_GAP_S = 0.5  # what a busy machine alone may cost: nothing is lost, see the routes
PACED = Path(__file__).with_name("paced.py").read_text()


@dataclass
class Download:
    """A download at 20 Mbit/s; after the `with` block, whether it was cut, and when each piece came."""

    cut: bool = True
    came: list[tuple[float, int]] = field(default_factory=list)

    @property
    def gap_s(self) -> float:
        """The longest time in which nothing came, in seconds."""
        times = [when for when, _ in self.came]
        return max(after - before for before, after in pairwise(times))

    @property
    def slowest_mbit(self) -> float:
        """The rate in the worst half second, in Mbit/s; the last one is not whole."""
        slots: dict[int, int] = {}
        for when, octets in self.came:
            slot = int((when - self.came[0][0]) * 2)
            slots[slot] = slots.get(slot, 0) + octets
        return min(slots.get(slot, 0) for slot in range(max(slots))) * 8 * 2 / 1e6


@contextmanager
def downloading(lab: Lab, node: str) -> Iterator[Download]:
    """Download through the proxy while the block runs."""
    download = Download()
    server = lab.popen("www", ["python3", "-c", PACED, "serve", PORT], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline()
    fetch = ["python3", "-c", PACED, "fetch", PROXY, f"http://{OUTSIDE}:{PORT}/"]
    client = lab.popen(node, fetch, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield download
    finally:
        told = json.loads(client.communicate(timeout=20)[0])
        download.cut, download.came = told["cut"], told["came"]
        server.kill()
        server.wait(timeout=10)


@contextmanager
def routes_lost(lab: Lab, router: str) -> Iterator[list[str]]:
    """Which routes of charon's (table 220) the router loses while the block runs, if only for a moment."""
    lost: list[str] = []
    monitor = lab.popen(router, ["ip", "monitor", "route"], stdout=subprocess.PIPE, text=True)
    try:
        yield lost
    finally:
        monitor.terminate()
        lines = monitor.communicate(timeout=10)[0].splitlines()
        lost += [line for line in lines if line.startswith("Deleted") and "table 220" in line]


@pytest.fixture
def shared(controller: Controller) -> Site:
    """The connection in the inventory with the most segments."""
    return max(load(controller.lab.inventory_path).sites, key=lambda site: len(site.segments))


@pytest.fixture
def without(controller: Controller, shared: Site, tmp_path: Path) -> Iterator[Path]:
    """The inventory in which the last organisation does not share the line; the lab's own is in force afterwards."""
    inventory = load(controller.lab.inventory_path)
    gone = shared.segments[-1]
    sharing = tuple(one for one in shared.sharing if one.organisation != gone.organisation)
    fewer = shared.model_copy(update={"segments": shared.segments[:-1], "sharing": sharing})
    sites = tuple(fewer if one == shared else one for one in inventory.sites)
    dump(inventory.model_copy(update={"sites": sites}), tmp_path / "without")
    yield tmp_path / "without"
    push(controller, controller.lab.inventory_path, shared.router.name)


def push(controller: Controller, inventory: Path, router: str, *, remove: int = 0) -> None:
    """Make the inventory the fleet's, of which so many rows go, and bring the router to it."""
    controller.run("inventory", "import", str(inventory), "--mine", "--remove", str(remove))
    (result,) = controller.json("push", router, check=False)
    assert result["ok"], result


def carried(lab: Lab, router: str) -> set[str]:
    """The names of the router's SAs that carry traffic."""
    listed = lab.run(router, ["swanctl", "--list-sas"]).stdout
    return {line.split(":")[0].strip() for line in listed.splitlines() if "INSTALLED" in line}


def granted(lab: Lab, network: object) -> bool:
    """Whether the hub has an SA with the network at its other end."""
    listed = lab.run(HUB, ["swanctl", "--list-sas"]).stdout
    return any(str(network) in line.split() for line in listed.splitlines() if line.strip().startswith("remote "))


def reaches_inside(lab: Lab, node: str) -> bool:
    """Whether the node's ping is answered from inside."""
    return lab.run(node, ["ping", "-c", "1", "-W", "1", INSIDE], check=False).returncode == 0


def link_is_up(lab: Lab, router: str, port: str) -> bool:
    """Whether a port of the router has its link up."""
    (link,) = json.loads(lab.run(router, ["ip", "-json", "link", "show", port]).stdout)
    return "UP" in link["flags"]


@contextmanager
def undisturbed(lab: Lab, router: str, node: str, what: str) -> Iterator[None]:
    """The node's traffic is not disturbed by what happens in the block."""
    probe: Probe
    with routes_lost(lab, router) as lost, downloading(lab, node) as download, probing(lab, node, INSIDE) as probe:
        time.sleep(1)
        yield
        time.sleep(1)
    print(
        f"{what}: ping each 20 ms {probe.lost} of {probe.sent} lost, longest gap {probe.outage_s * 1000:.0f} ms; "
        f"download of 20 Mbit/s {'cut' if download.cut else 'not cut'}, longest gap {download.gap_s * 1000:.0f} ms, "
        f"worst half second {download.slowest_mbit:.1f} Mbit/s; routes lost: {len(lost)}"
    )
    assert not download.cut
    assert lost == [], "the route into the tunnel must never be away"
    assert probe.lost <= 2
    assert probe.outage_s < LONGEST_GAP_S
    assert download.gap_s < LONGEST_GAP_S


def test_neighbours_notice_nothing_when_an_organisation_leaves_and_joins(
    controller: Controller, lab: Lab, shared: Site, without: Path
) -> None:
    router, gone = shared.router.name, shared.segments[-1]
    neighbour, leaver = (f"pc-{router}-{segment.port}" for segment in (shared.segments[0], gone))
    child, config = f"segment_{gone.name}", lab.run(router, ["cat", "/etc/swanctl/swanctl.conf"]).stdout
    assert reaches_inside(lab, leaver)
    assert child in carried(lab, router)
    assert granted(lab, gone.prefix)

    with undisturbed(lab, router, neighbour, f"{gone.name} leaves"):
        push(controller, without, router, remove=2)  # the segment, and the confirmation
    assert not reaches_inside(lab, leaver)
    assert not link_is_up(lab, router, gone.interface)
    assert child not in carried(lab, router)
    assert not granted(lab, gone.prefix)

    lab.run(router, ["tee", "/run/as-before.conf"], input=config)
    lab.run(router, ["swanctl", "--load-conns", "--file", "/run/as-before.conf"])
    asked = lab.run(router, ["swanctl", "--initiate", "--child", child, "--timeout", "5"], check=False)
    assert "TS_UNACCEPTABLE" in asked.stdout + asked.stderr, "the hub must refuse what is no longer in the certificate"

    with undisturbed(lab, router, neighbour, f"{gone.name} joins again"):
        push(controller, controller.lab.inventory_path, router)
    assert carried(lab, router) == {"management", *(f"segment_{segment.name}" for segment in shared.segments)}
    assert eventually(lambda: reaches_inside(lab, leaver), 20), "its PC gets an address by DHCP again"
