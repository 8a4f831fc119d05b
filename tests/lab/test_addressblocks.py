"""A router that claims a neighbour's addresses: the hub holds it to its certificate's address blocks (RFC 3779)."""

import re
import time
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest
from tests.lab.measure import probing

from linjevakt_lab.lab import Lab

THIEF, HUB = "rtr-solbakken", "hub-oslo"
NEIGHBOUR = "pc-rtr-fjellheim-lan0"
LAN = "10.64.2.0/24"
OWN = f"10.250.0.12/32, {LAN}"
INSIDE = "10.255.0.40"
MANAGEMENT, SEGMENT = "management", "segment_tannlege"
CONFIG, TAMPERED = "/etc/swanctl/swanctl.conf", "/run/tampered.conf"


def claim(lab: Lab, config: str, *children: str) -> str:
    """Load a swanctl configuration on the thief's box and build its tunnel anew; what charon says of it."""
    lab.run(THIEF, ["swanctl", "--load-conns", "--file", config])
    lab.run(THIEF, ["swanctl", "--terminate", "--ike", "hub", "--timeout", "5"], check=False)
    asked = (
        lab.run(THIEF, ["swanctl", "--initiate", "--child", child, "--timeout", "5"], check=False) for child in children
    )
    return "".join(done.stdout + done.stderr for done in asked)


def tamper(lab: Lab, networks: str) -> str:
    """What charon says when the thief's segment claims these networks."""
    config = lab.run(THIEF, ["cat", CONFIG]).stdout
    assert f"local_ts = {LAN}\n" in config
    lab.run(THIEF, ["tee", TAMPERED], input=config.replace(f"local_ts = {LAN}\n", f"local_ts = {networks}\n"))
    return claim(lab, TAMPERED, SEGMENT)


def granted(lab: Lab) -> set[IPv4Network]:
    """What the hub's tunnels to the thief carry at its end."""
    listed = lab.run(HUB, ["swanctl", "--list-sas"]).stdout
    mine = [sa for sa in re.split(r"^(?=\S)", listed, flags=re.MULTILINE) if f"'{THIEF}'" in sa]
    selectors = re.findall(r"^    remote +(.*)$", "".join(mine), re.MULTILINE)
    return {IPv4Network(network) for selector in selectors for network in selector.split()}


@pytest.fixture
def thief(lab: Lab) -> Iterator[Lab]:
    """The lab; whatever the thief claimed, it is honest again afterwards."""
    yield lab
    claim(lab, CONFIG, MANAGEMENT, SEGMENT)
    deadline = time.monotonic() + 15
    while granted(lab) != networks(OWN):
        assert time.monotonic() < deadline, granted(lab)
        time.sleep(0.2)


def networks(text: str) -> set[IPv4Network]:
    """The networks of a list as swanctl.conf has it."""
    return {IPv4Network(network) for network in text.split(", ")}


@pytest.mark.parametrize("stolen", ["10.64.1.0/24", "10.250.0.11/32", "10.64.1.100/32, 10.255.0.40/32"])
def test_a_router_that_claims_only_what_is_others_gets_no_tunnel(thief: Lab, stolen: str) -> None:
    with probing(thief, NEIGHBOUR, INSIDE) as probe:
        assert "TS_UNACCEPTABLE" in tamper(thief, stolen)
        assert granted(thief) == set()
        time.sleep(1)
    assert probe.sent > 20
    assert probe.outage_s < 0.3, "the neighbour's traffic must not be disturbed"


@pytest.mark.parametrize("claimed", [f"{OWN}, 10.64.1.0/24, 10.250.0.11/32", "10.0.0.0/8"])
def test_a_router_that_claims_more_than_its_own_gets_its_own(thief: Lab, claimed: str) -> None:
    with probing(thief, NEIGHBOUR, INSIDE) as probe:
        assert "initiate completed" in tamper(thief, claimed)
        assert granted(thief) == networks(OWN)
        time.sleep(1)
    assert probe.sent > 20
    assert probe.outage_s < 0.3, "the neighbour's traffic must not be disturbed"
