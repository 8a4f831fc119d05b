"""A copy of a router's key that forges the router's own address: the hub must not take the two for one that moved.

The thief sees nothing of what the hub sends to the true router, and needs nothing of it: what counts is what it says.
"""

import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from tests.lab.life import fetches
from tests.lab.measure import eventually, probing

from linjevakt_agent.tunnel.roster import TAKEN_OVER_S
from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = f"{os.environ.get('LINJEVAKT_LAB', 'lv')}forged{os.environ.get('PYTEST_XDIST_WORKER', '')}"
HUB, ROUTER, THIEF, PC = "hub-oslo", "rtr-bjerka", "rtr-nygata", "pc-rtr-bjerka-lan0"
TRUE, OWN, GATEWAY, INSIDE = "198.51.100.6", "198.51.100.134", "198.51.100.133", "10.255.0.30"
STOLEN = {"identity/router.key": "private", "running/router.crt": "x509", "running/ca.crt": "x509ca"}
BOOTY = "/run/booty"
"""On the thief's box: what was in the stolen one, and a swanctl.conf of the thief's own."""

WAIT_S = TAKEN_OVER_S + 8
"""Until the first that comes in the router's own place has been judged: the hub looks once a second."""

LOST_AT_MOST, OUTAGE_S = 15, 0.5
"""Of pings 20 ms apart, for an attempt that costs a round trip of traffic."""

CONNECTION = f"""
connections {{
    copy {{
        version = 2
        proposals = aes256gcm16-prfsha384-ecp256
        encap = yes
        mobike = no  # then the hub believes the source of each request
        local_addrs = {OWN}
        remote_addrs = 203.0.113.2
        local_port = 4500
        remote_port = 4500
        local {{
            auth = pubkey
            id = {ROUTER}
        }}
        remote {{
            auth = pubkey
            id = hub-oslo
        }}
        children {{
            refused {{
                local_ts = 10.99.0.0/24
                remote_ts = 10.255.0.0/24
                esp_proposals = aes256gcm16-ecp256
            }}
            good {{
                local_ts = 10.64.1.0/24
                remote_ts = 10.255.0.0/24
                esp_proposals = aes256gcm16-ecp256
            }}
        }}
    }}
}}
"""
# On what leaves the thief's box: all of IKE, or its second message alone (exchange type 35, RFC 7296 section 3.1).
FORGING = f"notrack ip saddr set {TRUE}; }}; }}"
TABLE = "table ip forging { chain out { type filter hook output priority raw; udp dport 4500"
ALL, SECOND = f"{TABLE} {FORGING}", f"{TABLE} @th,240,8 35 {FORGING}"


@pytest.fixture(scope="module")
def office() -> Iterator[Controller]:
    """The scenario `life`; a box at another address has what was on the disk of a router that is at work."""
    with provision.raised(Scenario.named("life"), print, prefix=PREFIX) as controller:
        _lend(controller.lab)
        yield controller


@pytest.fixture
def lab(office: Controller) -> Iterator[Lab]:
    """The thief has no tunnel, and forges nothing."""
    lab = office.lab
    yield lab
    shell(lab, THIEF, "nft flush ruleset; swanctl --terminate --ike copy --force --timeout 2 || true")


def shell(lab: Lab, node: str, script: str, stdin: str | None = None) -> str:
    return lab.run(node, ["sh", "-c", script], input=stdin).stdout


def _lend(lab: Lab) -> None:
    """Give the thief's box its own address, the true router's key, and providers that let any source through."""
    lab.move(THIEF, "wan0", "nygata")
    shell(lab, "inet", "for key in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $key; done")
    line = f"ip link set wan0 up; ip address add {OWN}/30 dev wan0; ip route add default via {GATEWAY}"
    shell(lab, THIEF, f"sv down agent; nft flush ruleset; {line}")
    shell(lab, THIEF, f"mkdir -p {BOOTY}/x509 {BOOTY}/x509ca {BOOTY}/private")
    for file, folder in STOLEN.items():
        stolen = shell(lab, ROUTER, f"cat /var/lib/linjevakt/{file}")
        shell(lab, THIEF, f"cat > {BOOTY}/{folder}/stolen", stolen)
    shell(lab, THIEF, f"cat > {BOOTY}/swanctl.conf", CONNECTION)
    shell(lab, THIEF, f"SWANCTL_DIR={BOOTY} swanctl --load-all --clear")


def begin(lab: Lab, child: str) -> None:
    """Have the thief ask the hub for a child; whoever forges his source never hears of it."""
    argv = ["swanctl", "--initiate", "--ike", "copy", "--child", child, "--timeout", "1"]
    assert lab.run(THIEF, argv, check=False).returncode != 0, "the thief got a tunnel"


def peers(lab: Lab) -> list[str]:
    """Where the hub has SAs in the router's name, each with its children's SPIs."""
    return re.findall(rf"remote '{ROUTER}' @ (\S+)\[4500\]", shell(lab, HUB, "swanctl --list-sas"))


def told(controller: Controller) -> dict[str, int]:
    """How often whom the hub tells of has come, by address."""
    rows: list[dict[str, Any]] = controller.json("health", HUB, check=False)["duplicates"]
    assert {row["router"] for row in rows} <= {ROUTER}
    return {row["address"]: row["attempts"] for row in rows}


def told_often(controller: Controller, times: int) -> bool:
    """Whether the hub has told so often of somebody in the router's own place."""
    return told(controller)[TRUE] == times


def test_a_copy_that_begins_in_the_routers_own_place_is_ended_and_told_of(office: Controller, lab: Lab) -> None:
    """The first message from where the thief is, for he needs its answer; the second from the router's address."""
    lab.run(THIEF, ["nft", SECOND])
    with probing(lab, PC, INSIDE) as probe:
        begin(lab, "good")
        assert eventually(lambda: told(office) == {TRUE: 1}, WAIT_S)
        assert eventually(lambda: fetches(lab, PC), 5)
    print(f"first: {probe.sent} pings, {probe.lost} lost, longest gap {probe.outage_s:.2f} s")
    assert probe.outage_s < TAKEN_OVER_S + 2
    assert peers(lab) == [TRUE]


def test_one_that_begins_again_and_again_costs_a_round_trip_each_time(office: Controller, lab: Lab) -> None:
    lab.run(THIEF, ["nft", SECOND])
    before = told(office)[TRUE]
    with probing(lab, PC, INSIDE) as probe:
        for number in range(1, 4):
            begin(lab, "good")
            assert eventually(partial(told_often, office, before + number), WAIT_S)
            shell(lab, THIEF, "swanctl --terminate --ike copy --force --timeout 1 || true")
        assert fetches(lab, PC)
    print(f"again: {probe.sent} pings, {probe.lost} lost, longest gap {probe.outage_s:.2f} s")
    assert probe.lost <= LOST_AT_MOST
    assert probe.outage_s < OUTAGE_S
    assert peers(lab) == [TRUE]


def test_a_copy_without_children_that_moves_to_the_routers_place_takes_nothing(office: Controller, lab: Lab) -> None:
    """Let in from where it is, with selectors that the hub refuses; what it asks next comes from the router."""
    before = told(office)
    with probing(lab, PC, INSIDE) as probe:
        begin(lab, "refused")
        lab.run(THIEF, ["nft", ALL])
        begin(lab, "good")
        assert eventually(lambda: told(office) != before, WAIT_S)
        assert eventually(lambda: peers(lab) == [TRUE], WAIT_S)
        assert fetches(lab, PC)
    print(f"moved: {probe.sent} pings, {probe.lost} lost, longest gap {probe.outage_s:.2f} s, {told(office)}")
    assert OWN in told(office)
    assert probe.lost <= LOST_AT_MOST
    assert probe.outage_s < OUTAGE_S
