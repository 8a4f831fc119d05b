"""The lab itself: up, used, broken, powered off and on, and down with nothing left behind."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.measure import eventually

from linjevakt_lab import removal
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.lab import Lab
from linjevakt_lab.places import State
from linjevakt_lab.scenario import Scenario

PREFIX = "lvself"
ROUTER, PC = "rtr-fjellheim", "pc-rtr-fjellheim-lan0"
SOLBAKKEN = "rtr-solbakken"
GATEWAY = "198.51.100.1"


def left_behind(prefix: str = PREFIX) -> list[str]:
    """What is still there of the lab: namespaces, mounts, processes, files."""
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if f"/.lab/{prefix}/" in line]
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    processes = [line for line in listing.splitlines() if f"/.lab/{prefix}/" in line or f"{prefix}-" in line]
    folders = [str(folder) for folder in (Path(__file__).parents[2] / ".lab").glob(prefix)]
    namespaces = [path.name for path in Path("/run/netns").glob(f"{prefix}-*")]
    return namespaces + mounts + processes + folders


@pytest.fixture(scope="module")
def own() -> Iterator[Lab]:
    """A lab of factory-new routers; nothing may be left of it."""
    lab = Lab.up(Scenario.named("example"), print, prefix=PREFIX)
    yield lab
    lab.down()
    assert eventually(lambda: left_behind() == [], 5), left_behind()


@pytest.fixture
def addressed(own: Lab) -> Lab:
    """The lab with one router on its line, by hand."""
    script = "nft flush ruleset; ip address replace 198.51.100.2/30 dev wan0; ip link set wan0 up"
    own.run(ROUTER, ["sh", "-c", script])
    assert eventually(lambda: answers(own), 3)
    return own


def answers(lab: Lab) -> bool:
    return lab.run(ROUTER, ["ping", "-c", "1", "-W", "0.3", GATEWAY], check=False).returncode == 0


def carrier(lab: Lab) -> str:
    return lab.run(ROUTER, ["cat", "/sys/class/net/wan0/carrier"], check=False).stdout.strip()


def test_every_node_is_up_and_every_router_is_factory_new(own: Lab) -> None:
    assert all(node["up"] for node in own.status()["nodes"])
    for router in own.routers:
        addresses = own.run(router, ["ip", "-brief", "address", "show", "scope", "global"]).stdout
        assert "/" not in addresses, f"{router} has an address before it has a configuration"


def test_a_second_lab_of_the_same_name_is_refused(own: Lab) -> None:
    with pytest.raises(LabError, match="is up already"):
        Lab.up(Scenario.named("example"), print, prefix=PREFIX)
    assert all(node["up"] for node in own.status()["nodes"])


def test_the_noc_has_names_time_and_the_web_by_proxy_and_no_other_way_out(own: Lab) -> None:
    assert own.run("noc", ["dig", "+short", "ntp.nhn.no"]).stdout == "10.255.0.20\n"
    own.run("services", ["chronyd", "-Q", "-t", "10", "server 10.255.0.20 iburst"])
    for proxy in ("10.255.0.30", "10.255.0.31"):
        page = own.run("noc", ["curl", "-s", "-m", "5", "-x", f"http://{proxy}:3128", "http://www.example.com/"]).stdout
        assert "Internet: outside page" in page
        assert "You come from 203.0.113.18" in page
    assert "Helsenettet: inside page" in own.run("noc", ["curl", "-s", "-m", "5", "http://any.nhn.no/"]).stdout
    assert own.run("noc", ["curl", "-s", "-m", "1", "http://192.0.2.80/"], check=False).returncode != 0


def test_a_line_by_dhcp_is_leased_an_address_also_behind_nat_and_mobile(own: Lab) -> None:
    for router, line, start in (
        (SOLBAKKEN, "wan0", "198.51.100."),
        (SOLBAKKEN, "wan1", "100.64."),
        ("rtr-elvebredden", "wan0", "192.168.1."),
    ):
        script = f"ip link set {line} up; udhcpc -i {line} -n -q -t 5 -T 1 -s /bin/true 2>&1"
        assert f"lease of {start}" in own.run(router, ["sh", "-c", script]).stdout


def test_a_pc_gets_its_address_when_its_router_is_configured_at_last(own: Lab) -> None:
    serve = (
        "dnsmasq --port=0 --no-ping --interface=lan0 --dhcp-range=10.64.1.100,10.64.1.100 --dhcp-option=6,10.255.0.20"
    )
    own.run(
        ROUTER, ["sh", "-ec", f"ip address add 10.64.1.1/24 dev lan0; ip link set lan0 up; nft flush ruleset; {serve}"]
    )
    assert eventually(lambda: "10.64.1.100/24" in own.run(PC, ["ip", "-brief", "address"]).stdout, 15)
    assert "default via 10.64.1.1" in own.run(PC, ["ip", "route"]).stdout
    assert own.run(PC, ["cat", "/etc/resolv.conf"]).stdout == "nameserver 10.255.0.20\n"


@pytest.mark.parametrize(("how", "link"), [("down", ""), ("carrier", "0"), ("blackhole", "1")])
def test_a_broken_line_carries_nothing_until_it_is_mended(addressed: Lab, how: str, link: str) -> None:
    addressed.break_line(ROUTER, "wan0", how)
    assert not answers(addressed)
    assert carrier(addressed) == link
    addressed.mend(ROUTER, "wan0")
    assert eventually(lambda: answers(addressed), 3)


def test_a_lossy_line_loses_some_packets_and_not_all(addressed: Lab) -> None:
    addressed.break_line(ROUTER, "wan0", "loss")
    said = addressed.run(ROUTER, ["ping", "-c", "200", "-i", "0.005", "-W", "0.2", GATEWAY], check=False).stdout
    addressed.mend(ROUTER, "wan0")
    received = int(said.split(" received")[0].rsplit(" ", 1)[1])
    # 30 % each way: 49 % come back; the bounds are six standard deviations away.
    assert 56 <= received <= 140


def test_a_power_cut_takes_processes_and_network_state_and_leaves_the_disk(addressed: Lab) -> None:
    addressed.run(ROUTER, ["sh", "-c", "echo kept > /root/file; echo lost > /run/file"])
    sleeper = addressed.popen(ROUTER, ["sleep", "1000"])
    addressed.kill_box(ROUTER)
    assert sleeper.wait(timeout=5) != 0
    with pytest.raises(LabError, match=f"{ROUTER} is off"):
        addressed.run(ROUTER, ["true"])
    addressed.boot(ROUTER)
    assert addressed.run(ROUTER, ["cat", "/root/file"]).stdout == "kept\n"
    assert addressed.run(ROUTER, ["cat", "/run/file"], check=False).returncode != 0
    assert "198.51.100.2" not in addressed.run(ROUTER, ["ip", "address"]).stdout


def test_the_network_itself_comes_back_after_a_power_cut(addressed: Lab) -> None:
    addressed.kill_box("inet")
    assert not answers(addressed)
    addressed.boot("inet")
    assert eventually(lambda: answers(addressed), 5)


def test_a_command_ends_with_the_process_that_started_it(own: Lab) -> None:
    sleeper = own.popen(SOLBAKKEN, ["sleep", "4242"])
    sleeping = ["pgrep", "-f", "^sleep 4242"]
    assert eventually(lambda: own.run(SOLBAKKEN, sleeping, check=False).returncode == 0, 3)
    sleeper.terminate()
    sleeper.wait(timeout=5)
    assert eventually(lambda: own.run(SOLBAKKEN, sleeping, check=False).returncode == 1, 3)


def test_nobody_in_the_lab_can_set_the_clock(own: Lab) -> None:
    for node in (ROUTER, "services", PC, "noc"):
        assert "not permitted" in own.run(node, ["date", "-s", "2020-01-01"], check=False).stderr


def test_what_passes_a_line_can_be_captured(addressed: Lab, tmp_path: Path) -> None:
    file = tmp_path / "wan0.pcap"
    with addressed.capture(ROUTER, "wan0", file):
        assert answers(addressed)
    read = subprocess.run(["tcpdump", "-n", "-r", str(file), "icmp"], capture_output=True, text=True, check=True).stdout
    assert "ICMP echo reply" in read


def test_an_unknown_node_is_told_with_the_nearest_name(own: Lab) -> None:
    with pytest.raises(UnknownNameError, match=f"did you mean {ROUTER}"):
        own.run("rtr-fjelheim", ["true"])


def test_an_interrupted_start_leaves_nothing_behind() -> None:
    def interrupted(step: str) -> None:
        if step.startswith("waiting"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Lab.up(Scenario.named("example"), interrupted, prefix="lvself2")
    assert eventually(lambda: left_behind("lvself2") == [], 5), left_behind("lvself2")


def test_namespaces_of_somebody_else_are_left_alone() -> None:
    theirs = Path("/run/netns/lvself3-noc")
    subprocess.run(["ip", "netns", "add", theirs.name], check=True)
    try:
        with pytest.raises(LabError, match="is up already, in part at least"):
            Lab.up(Scenario.named("example"), print, prefix="lvself3")
        assert theirs.exists()
    finally:
        subprocess.run(["ip", "netns", "del", theirs.name], check=True)


def test_a_lab_is_taken_down_without_its_plan() -> None:
    lab = Lab.up(Scenario.named("example"), print, prefix="lvself4")
    (lab.state / "plan.json").write_text("{}")
    assert removal.take_down(State("lvself4"))
    assert eventually(lambda: left_behind("lvself4") == [], 5), left_behind("lvself4")
