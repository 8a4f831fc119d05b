"""One organisation's PC takes all that it can get of what the router offers; its neighbours notice nothing of it."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from linjevakt.inventory import load
from linjevakt.model.inventory import Segment, Site
from linjevakt.platforms import named
from linjevakt.resources import templates
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

HERE = Path(__file__).parent
SETTINGS = {name: int(value) for name, value in named("linux").settings.items() if str(value).isdecimal()}
SECONDS = 6
# The service's names begin with a label of ten letters: what arrives for them is lost behind the hub.
LOST = "type filter hook input priority -300; udp dport 53 @th,160,32 0x0a756e61 drop;"
NO_ANSWERS = f"table inet greed {{ chain lost {{ {LOST} }}; }}"
LEASES = "/var/lib/misc/dnsmasq.leases"


@pytest.fixture
def shared(controller: Controller) -> Site:
    """The connection in the inventory with the most segments."""
    return max(load(controller.lab.inventory_path).sites, key=lambda site: len(site.segments))


@pytest.fixture
def greedy(shared: Site) -> Segment:
    """Whose PC means harm."""
    return shared.segments[1]


@pytest.fixture
def neighbours(shared: Site) -> list[Segment]:
    """Who shares the router with it."""
    return [shared.segments[0], *shared.segments[2:]]


def client(site: Site, segment: Segment) -> str:
    """The PC on a segment's port."""
    return f"pc-{site.router.name}-{segment.port}"


@contextmanager
def attacked(lab: Lab, pc: str, how: str, target: object, count: int) -> Iterator[dict[str, int]]:
    """An attack that is at full force while the block runs; yields what it has got hold of."""
    program = ["python3", "-c", (HERE / "attacker.py").read_text(), how, str(target), str(SECONDS), str(count)]
    attack = lab.popen(pc, program, stdout=subprocess.PIPE, text=True)
    try:
        assert attack.stdout is not None
        yield json.loads(attack.stdout.readline())
    finally:
        attack.wait(timeout=4 * SECONDS)


def counted(lab: Lab, router: str) -> int:
    """How many packets have been over a limit."""
    said = lab.run(router, ["nft", "-j", "list", "counter", "inet", "linjevakt", "over_limit"]).stdout
    return next(int(row["counter"]["packets"]) for row in json.loads(said)["nftables"] if "counter" in row)


def flows(lab: Lab, router: str) -> int:
    """How many flows the kernel of a router keeps."""
    return int(lab.run(router, ["cat", "/proc/sys/net/netfilter/nf_conntrack_count"]).stdout)


def fetches(lab: Lab, pc: str, gateway: object, *options: str) -> bool:
    """Whether flex.pac comes within a second."""
    argv = ["curl", "-s", "-m", "1", "-o", "/dev/null", "-w", "%{http_code}", *options, f"http://{gateway}/flex.pac"]
    return lab.run(pc, argv, check=False).stdout == "200"


def resolves(lab: Lab, pc: str, gateway: object, name: str, *options: str) -> bool:
    """Whether a name is answered within two seconds."""
    argv = ["dig", "+short", "+time=2", "+tries=1", *options, f"@{gateway}", name]
    return lab.run(pc, argv, check=False).stdout.strip() == "10.255.0.40"


def test_slow_connections_take_flex_pac_from_nobody(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    pc, colleague = client(shared, greedy), greedy.prefix[9]
    with attacked(lab, pc, "slow-http", greedy.gateway, 400) as got:
        assert got["held"] == SETTINGS["address_web"]
        for segment in neighbours:
            assert all(fetches(lab, client(shared, segment), segment.gateway) for _ in range(3)), segment.name
        lab.run(pc, ["ip", "address", "add", f"{colleague}/24", "dev", "eth0"])
        try:
            assert fetches(lab, pc, greedy.gateway, "--interface", str(colleague))
        finally:
            lab.run(pc, ["ip", "address", "del", f"{colleague}/24", "dev", "eth0"])


def test_slow_questions_take_names_from_nobody(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    with attacked(lab, client(shared, greedy), "slow-dns", greedy.gateway, 400) as got:
        assert got["held"] == SETTINGS["address_tcp_dns"]
        for segment in neighbours:
            assert resolves(lab, client(shared, segment), segment.gateway, "slow.nhn.no", "+tcp"), segment.name


def test_names_that_nobody_answers_take_names_from_nobody(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    lab.run("services", ["nft", NO_ANSWERS])
    try:
        with attacked(lab, client(shared, greedy), "names", greedy.gateway, 2000):
            for segment in neighbours:
                named = [f"{kind}-{segment.name}.nhn.no" for kind in ("new", "newer", "newest")]
                assert all(resolves(lab, client(shared, segment), segment.gateway, name) for name in named)
    finally:
        lab.run("services", ["nft", "delete", "table", "inet", "greed"])


def test_a_pc_that_wants_all_leases_takes_none_of_its_neighbours(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    router = shared.router.name
    lease = ["udhcpc", "-f", "-q", "-n", "-i", "eth0", "-s", "/bin/true", "-C", "-t", "2", "-T", "2"]
    try:
        with attacked(lab, client(shared, greedy), "leases", greedy.gateway, 600):
            for segment in neighbours:
                began = time.monotonic()
                lab.run(client(shared, segment), lease)
                assert time.monotonic() - began < 4, segment.name
        taken = [line.split()[2] for line in lab.run(router, ["cat", LEASES]).stdout.splitlines()]
        assert sum(IPv4Address(address) in greedy.prefix for address in taken) > 100
    finally:
        forget = f"sv -w 5 down dnsmasq; : > {LEASES}; sv -w 5 up dnsmasq"
        lab.run(router, ["sh", "-c", forget])


def test_a_pc_that_names_its_neighbours_network_takes_no_lease_of_theirs(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    for segment in neighbours:
        with attacked(lab, client(shared, greedy), "leases-of", segment.gateway, 20):
            pass
        rows = [line.split() for line in lab.run(shared.router.name, ["cat", LEASES]).stdout.splitlines()]
        theirs = [mac for _, mac, address, *_ in rows if IPv4Address(address) in segment.prefix]
        assert not [mac for mac in theirs if mac.startswith("02:66:")], segment.name


def test_fragments_of_one_pc_leave_room_for_those_of_its_neighbours(
    lab: Lab, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    with attacked(lab, client(shared, greedy), "fragments", "10.255.0.40", 3000):
        for segment in neighbours:
            whole = ["ping", "-c", "5", "-i", "0.2", "-W", "1", "-s", "3000", "10.255.0.40"]
            assert "5 received" in lab.run(client(shared, segment), whole, check=False).stdout, segment.name


def test_flows_without_ports_are_none(lab: Lab, controller: Controller, shared: Site, greedy: Segment) -> None:
    """What limits a segment's flows tells them apart by their ports."""
    hub = load(controller.lab.inventory_path).installation.hubs[0].router.name
    before = {router: flows(lab, router) for router in (shared.router.name, hub)}
    with attacked(lab, client(shared, greedy), "portless", "10.255.0.40", 4000):
        for router, count in before.items():
            assert flows(lab, router) < count + 500, router


def test_who_is_not_of_a_wire_is_no_neighbour_and_a_lines_link_has_not_many(
    lab: Lab, controller: Controller, shared: Site, greedy: Segment
) -> None:
    """The table of neighbours is one for all interfaces."""
    with attacked(lab, client(shared, greedy), "neighbours", f"eth0,{greedy.gateway}", 50):
        assert strangers(lab, shared.router.name, greedy.port) == 0
    fleet = load(controller.lab.inventory_path).sites
    site = next(one for one in fleet if one.lines[0].addressing.method == "static")
    line = site.lines[0].addressing
    assert line.method == "static"
    links = json.loads(lab.run("inet", ["ip", "-json", "-4", "addr", "show", "to", f"{line.gateway}/32"]).stdout)
    port = next(link["ifname"] for link in links if link)
    with attacked(lab, "inet", "neighbours", f"{port},{line.address.ip}", 400):
        assert 0 < strangers(lab, site.router.name, site.lines[0].name) < 200
    lab.run(site.router.name, ["ip", "neigh", "flush", "to", "198.18.0.0/15"])


def strangers(lab: Lab, router: str, interface: str) -> int:
    """How many neighbours on an interface are none that there can be (`attacker.neighbours`)."""
    shown = lab.run(router, ["ip", "-json", "neigh", "show", "to", "198.18.0.0/15", "dev", interface]).stdout
    return len(json.loads(shown or "[]"))


def test_flows_of_one_pc_leave_room_for_everyone(
    lab: Lab, controller: Controller, shared: Site, greedy: Segment, neighbours: list[Segment]
) -> None:
    hub = load(controller.lab.inventory_path).installation.hubs[0].router.name
    before = {router: flows(lab, router) for router in (shared.router.name, hub)}
    with attacked(lab, client(shared, greedy), "flows", "10.255.0.40", 30_000):
        for router, count in before.items():
            assert flows(lab, router) < count + SETTINGS["address_flows"] + 500, router
        for segment in neighbours:
            pc = client(shared, segment)
            lab.run(pc, ["ping", "-c", "3", "-i", "0.2", "-W", "1", "10.255.0.40"])
            lab.run(pc, ["curl", "-s", "-m", "2", "-o", "/dev/null", "http://10.255.0.40/"])


def test_two_hundred_pcs_in_the_morning_are_over_no_limit(lab: Lab, shared: Site) -> None:
    segment, router = shared.segments[0], shared.router.name
    pc, prefix, pcs = client(shared, segment), str(segment.prefix[0]).rpartition(".")[0], 200
    own = [f"address add {prefix}.{number}/32 dev eth0" for number in range(10, 10 + pcs)]
    before = counted(lab, router)
    lab.run(pc, ["ip", "-force", "-batch", "-"], input="\n".join(own), check=False)
    try:
        program = (HERE / "morning.py").read_text()
        said = json.loads(lab.run(pc, ["python3", "-", str(segment.gateway), prefix, str(pcs)], input=program).stdout)
    finally:
        gone = [line.replace(" add ", " del ") for line in own]
        lab.run(pc, ["ip", "-force", "-batch", "-"], input="\n".join(gone), check=False)
    print(said)
    assert counted(lab, router) == before
    assert said["files"] == pcs * 6
    assert said["answers"] > pcs * 30 * 0.9, "what a full socket loses is asked again"


@pytest.mark.parametrize("name", ["version", "authors", "copyright", "cachesize", "insertions", "hits", "servers"])
def test_a_pc_is_not_told_what_answers_it(lab: Lab, shared: Site, name: str) -> None:
    segment = shared.segments[0]
    asked = ["dig", "+short", "+time=1", "+tries=1", "CH", "TXT", f"@{segment.gateway}", f"{name}.bind"]
    assert lab.run(client(shared, segment), asked, check=False).stdout.strip() in ("", '""')


def test_a_hub_takes_new_rules_while_its_sites_are_connected(lab: Lab, controller: Controller, tmp_path: Path) -> None:
    hub = load(controller.lab.inventory_path).installation.hubs[0].router.name
    changed = tmp_path / "templates"
    shutil.copytree(templates(), changed)
    file = changed / "linux" / "platform.toml"
    file.write_text(file.read_text().replace("segment_flows = 20000", "segment_flows = 19200"))
    for using in (controller.using(changed), controller):
        (result,) = using.json("push", hub, check=False)
        assert result["state"] == "confirmed", result["reason"]
    assert "ct count over 1250" in lab.run(hub, ["nft", "list", "chain", "inet", "linjevakt", "allowances"]).stdout
