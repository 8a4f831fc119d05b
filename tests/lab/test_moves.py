"""A router that is taken to another office: one provider's cable comes out, another's goes in, the box stays itself."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab.measure import eventually

import linjevakt_lab
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.lab import Lab
from linjevakt_lab.scenario import Scenario

PREFIX = "lvmove"
ROUTER, OTHER, SPARE = "rtr-bjerka", "rtr-granli", "rtr-nygata"
HUB = "203.0.113.2"
KAIA = "ip address flush dev wan0; ip address add 198.51.100.10/30 dev wan0; ip route replace default via 198.51.100.9"
HOME = "ip address flush dev wan0; ip address add 198.51.100.6/30 dev wan0; ip route replace default via 198.51.100.5"
LEASES = [("nygata", "198.51.100."), ("tinghuset", "192.168.1."), ("stasjonen", "192.168.1.")]
_DHCP_SCRIPT = Path(linjevakt_lab.__file__).with_name("pc-dhcp.sh").read_text()


@pytest.fixture(scope="module")
def moving() -> Iterator[Lab]:
    """The scenario `life`, factory-new; the hub and the routers are opened by hand."""
    lab = Lab.up(Scenario.named("life"), print, prefix=PREFIX)
    try:
        for router in ("hub-oslo", ROUTER, OTHER, SPARE):
            open_by_hand(lab, router)
        by_hand(lab, "hub-oslo", f"ip address add {HUB}/30 dev wan0; ip route add default via 203.0.113.1")
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(moving: Lab) -> Iterator[Lab]:
    """The lab; afterwards every line is whole and back where the scenario has it."""
    yield moving
    moving.mend_all()
    if place(moving, SPARE) is not None:
        moving.unplug(SPARE, "wan0")
    for router in (ROUTER, OTHER):
        if place(moving, router) != "home":
            moving.move(router, "wan0", "home")


def open_by_hand(lab: Lab, router: str) -> None:
    """Once a router has booted, give it an open firewall, lines that are up, and a way to take a lease."""
    assert eventually(lambda: lab.run(router, ["pgrep", "-x", "runsvdir"], check=False).returncode == 0, 10)
    lab.run(router, ["sh", "-ec", "cat > /root/dhcp.sh; chmod +x /root/dhcp.sh"], input=_DHCP_SCRIPT)
    by_hand(lab, router, "nft flush ruleset; ip link set wan0 up; ip link set wan1 up || true")  # a hub has one line


def row(lab: Lab, router: str, line: str = "wan0") -> dict[str, Any]:
    rows: list[dict[str, Any]] = lab.status()["lines"]
    return next(row for row in rows if (row["router"], row["line"]) == (router, line))


def place(lab: Lab, router: str) -> str | None:
    """Where the router's wan0 is plugged in."""
    answer: str | None = row(lab, router)["place"]
    return answer


def link(lab: Lab, router: str, line: str = "wan0") -> tuple[int, str, bool]:
    """The interface's number, its Ethernet address, and whether it has a carrier."""
    shown = json.loads(lab.run(router, ["ip", "-json", "link", "show", line]).stdout)[0]
    return shown["ifindex"], shown["address"], "LOWER_UP" in shown["flags"]


def lease(lab: Lab, router: str) -> str:
    """Take an address by DHCP on wan0; returns it."""
    lab.run(router, ["udhcpc", "-i", "wan0", "-n", "-q", "-t", "5", "-T", "1", "-s", "/root/dhcp.sh"])
    shown = json.loads(lab.run(router, ["ip", "-json", "-4", "address", "show", "wan0"]).stdout)[0]
    return str(shown["addr_info"][0]["local"])


def reaches_hub(lab: Lab, router: str, within_s: float = 5) -> bool:
    ping = ["ping", "-n", "-c", "1", "-W", "1", "-I", "wan0", HUB]
    return eventually(lambda: lab.run(router, ping, check=False).returncode == 0, within_s)


def by_hand(lab: Lab, router: str, script: str) -> None:
    lab.run(router, ["sh", "-ec", script])


@pytest.mark.parametrize(("where", "start"), LEASES)
def test_a_place_leases_an_address_with_which_the_hub_is_reached(lab: Lab, where: str, start: str) -> None:
    before = link(lab, ROUTER)
    lab.move(ROUTER, "wan0", where)
    assert place(lab, ROUTER) == where
    assert eventually(lambda: link(lab, ROUTER) == before, 3), "the same interface, with a carrier"
    assert lease(lab, ROUTER).startswith(start)
    assert reaches_hub(lab, ROUTER)
    assert row(lab, ROUTER)["behind_nat"] == (start == "192.168.1.")


def test_behind_a_carriers_nat_the_world_sees_neither_the_router_nor_the_providers_box(lab: Lab) -> None:
    lab.move(ROUTER, "wan0", "stasjonen")
    lease(lab, ROUTER)
    page = lab.run(ROUTER, ["curl", "-s", "-m", "5", "--interface", "wan0", "http://192.0.2.80/"]).stdout
    outer = json.loads(lab.run("cgnat-stasjonen", ["ip", "-json", "-4", "address", "show", "uplink"]).stdout)
    assert f"You come from {outer[0]['addr_info'][0]['local']}" in page
    between = lab.run("cpe-stasjonen", ["ip", "-brief", "-4", "address", "show", "wan"]).stdout
    assert " 100.64." in between, "an address of the shared space"


def test_a_static_place_gives_no_lease_and_takes_the_address_that_the_scenario_tells(lab: Lab) -> None:
    lab.move(ROUTER, "wan0", "kaia")
    ask = ["udhcpc", "-i", "wan0", "-n", "-q", "-t", "2", "-T", "1", "-s", "/root/dhcp.sh"]
    assert lab.run(ROUTER, ask, check=False).returncode != 0
    by_hand(lab, ROUTER, KAIA)
    assert reaches_hub(lab, ROUTER)


def test_a_home_line_is_of_no_use_elsewhere_and_works_again_at_home(lab: Lab) -> None:
    by_hand(lab, ROUTER, HOME)
    assert reaches_hub(lab, ROUTER)
    lab.move(ROUTER, "wan0", "kaia")
    by_hand(lab, ROUTER, HOME)
    assert not reaches_hub(lab, ROUTER, 1), "the new provider has another network"
    lab.move(ROUTER, "wan0", "home")
    by_hand(lab, ROUTER, HOME)
    assert reaches_hub(lab, ROUTER)
    assert place(lab, ROUTER) == "home"


def test_the_box_is_told_of_the_carrier_that_goes_and_comes(lab: Lab) -> None:
    assert eventually(lambda: link(lab, ROUTER)[2], 3)
    told: list[str] = []
    with lab.popen(ROUTER, ["ip", "-oneline", "monitor", "link", "dev", "wan0"], stdout=subprocess.PIPE) as monitor:
        reader = threading.Thread(target=lambda: told.extend(monitor.stdout or ()))
        reader.start()
        time.sleep(0.3)
        lab.move(ROUTER, "wan0", "nygata")
        time.sleep(1.2)
        monitor.terminate()
        reader.join()
    carriers = ["LOWER_UP" in line for line in told if "Deleted" not in line]
    assert False in carriers
    assert carriers[-1] is True
    assert not [line for line in told if "Deleted" in line]


def test_an_unplugged_line_has_no_carrier_until_it_is_plugged_in_again(lab: Lab) -> None:
    before = link(lab, ROUTER)
    lab.unplug(ROUTER, "wan0")
    assert link(lab, ROUTER) == (*before[:2], False)
    assert place(lab, ROUTER) is None
    assert f"{ROUTER}.wan0" in lab.status()["vacant"], "its home waits for it"
    lab.move(ROUTER, "wan0", "home")
    assert eventually(lambda: link(lab, ROUTER) == before, 3)


def test_the_mobile_line_of_a_router_that_moves_is_left_alone(lab: Lab) -> None:
    assert eventually(lambda: link(lab, ROUTER, "wan1")[2], 3)
    lab.move(ROUTER, "wan0", "nygata")
    assert link(lab, ROUTER, "wan1")[2]
    assert row(lab, ROUTER, "wan1")["place"] == "home"


def test_a_spare_router_is_factory_new_and_loose_but_has_a_mobile_line(lab: Lab) -> None:
    assert lab.spares == (SPARE,)
    assert SPARE not in lab.routers
    assert not link(lab, SPARE)[2]
    status = json.loads(lab.run(SPARE, ["linjevakt-agent", "config", "status", "--json"]).stdout)
    assert status["confirmed"] is None
    ask = ["udhcpc", "-i", "wan1", "-n", "-q", "-t", "5", "-T", "1", "-s", "/bin/true"]
    assert "lease of 100." in lab.run(SPARE, ["sh", "-ec", f"{' '.join(ask)} 2>&1"]).stdout
    lab.move(SPARE, "wan0", "nygata")
    assert lease(lab, SPARE).startswith("198.51.100.")
    assert reaches_hub(lab, SPARE)


def test_who_is_plugged_in_later_gets_the_lease_of_who_was_there_before(lab: Lab) -> None:
    lab.move(ROUTER, "wan0", "nygata")
    address = lease(lab, ROUTER)
    lab.unplug(ROUTER, "wan0")
    lab.move(SPARE, "wan0", "nygata")
    assert lease(lab, SPARE) == address
    assert reaches_hub(lab, SPARE)


def test_a_broken_router_is_replaced_at_its_own_office(lab: Lab) -> None:
    lab.unplug(ROUTER, "wan0")
    lab.move(SPARE, "wan0", f"{ROUTER}.wan0")
    by_hand(lab, SPARE, HOME)
    assert reaches_hub(lab, SPARE)


def test_a_pc_waits_on_every_port_that_no_segment_has_yet(lab: Lab) -> None:
    spare = {node["name"] for node in lab.status()["nodes"] if node["spare"]}
    waiting = {f"pc-{ROUTER}-lan1", f"pc-{ROUTER}-lan2", f"pc-{SPARE}-lan0", f"pc-{SPARE}-lan1"}
    assert spare == {SPARE, *waiting}
    assert waiting.isdisjoint(lab.clients)
    by_hand(lab, ROUTER, "ip link set lan1 up; ip link set lan2 up")
    assert eventually(lambda: link(lab, ROUTER, "lan1")[2] and link(lab, ROUTER, "lan2")[2], 3)


def test_a_line_at_another_place_breaks_and_is_mended_and_can_be_captured(lab: Lab, tmp_path: Path) -> None:
    lab.move(ROUTER, "wan0", "tinghuset")
    lease(lab, ROUTER)
    file = tmp_path / "wan0.pcap"
    with lab.capture("cpe-tinghuset", "lan", file):
        assert reaches_hub(lab, ROUTER)
    read = subprocess.run(["tcpdump", "-n", "-r", str(file), "icmp"], capture_output=True, text=True, check=True).stdout
    assert f"> {HUB}: ICMP echo request" in read
    lab.break_line(ROUTER, "wan0", "blackhole")
    with pytest.raises(LabError, match=r"wan0 of rtr-bjerka is broken \(blackhole\): mend it before"):
        lab.move(ROUTER, "wan0", "home")
    assert not reaches_hub(lab, ROUTER, 1)
    lab.mend(ROUTER, "wan0")
    assert reaches_hub(lab, ROUTER)


@pytest.mark.parametrize(("where", "node"), [("nygata", "inet"), ("tinghuset", "cpe-tinghuset")])
def test_where_a_line_is_plugged_in_outlives_a_power_cut_at_both_ends(lab: Lab, where: str, node: str) -> None:
    lab.move(ROUTER, "wan0", where)
    for box in (ROUTER, node):
        lab.kill_box(box)
        lab.boot(box)
    open_by_hand(lab, ROUTER)
    assert place(Lab.load(PREFIX), ROUTER) == where
    assert eventually(lambda: link(lab, ROUTER)[2], 3)
    assert lease(lab, ROUTER)
    assert reaches_hub(lab, ROUTER)
    lab.move(ROUTER, "wan0", "home")
    lab.move(ROUTER, "wan0", where)
    assert lease(lab, ROUTER), "the provider that has booted serves what is plugged in later"
    assert reaches_hub(lab, ROUTER)


def test_what_is_plugged_in_where_the_power_is_off_works_when_it_is_back(lab: Lab) -> None:
    lab.kill_box("cpe-tinghuset")
    lab.move(ROUTER, "wan0", "tinghuset")
    assert not link(lab, ROUTER)[2]
    lab.boot("cpe-tinghuset")
    assert eventually(lambda: link(lab, ROUTER)[2], 3)
    assert lease(lab, ROUTER).startswith("192.168.1.")
    assert reaches_hub(lab, ROUTER)


def test_a_place_has_one_socket(lab: Lab) -> None:
    lab.move(ROUTER, "wan0", "nygata")
    with pytest.raises(LabError, match="wan0 of rtr-bjerka is plugged in at nygata: unplug that first"):
        lab.move(OTHER, "wan0", "nygata")
    with pytest.raises(LabError, match="wan0 of rtr-bjerka is plugged in at nygata already"):
        lab.move(ROUTER, "wan0", "nygata")
    assert place(lab, OTHER) == "home"


def test_what_cannot_be_moved_is_told(lab: Lab) -> None:
    with pytest.raises(UnknownNameError, match="No place is named nygatta: did you mean nygata"):
        lab.move(ROUTER, "wan0", "nygatta")
    with pytest.raises(UnknownNameError, match="did you mean rtr-bjerka"):
        lab.move("rtr-bjerk", "wan0", "nygata")
    with pytest.raises(UnknownNameError, match="did you mean wan1"):
        lab.unplug(SPARE, "wan11")
    with pytest.raises(UnknownNameError, match="No place is named home"):
        lab.move(SPARE, "wan0", "home")
    for act in (lab.unplug, lambda router, line: lab.break_line(router, line, "blackhole")):
        with pytest.raises(LabError, match="wan0 of rtr-nygata is not plugged in: see `lab move`"):
            act(SPARE, "wan0")
