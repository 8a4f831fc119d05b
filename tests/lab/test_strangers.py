"""A stranger's DHCP server on the mobile line of a site at work: what it lends harms neither the tunnel nor a PC."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests import strangers
from tests.lab.measure import eventually, probing
from tests.strangers import FOR_EVER, Offer

from linjevakt_lab.lab import Lab

ROUTER, ISP = "rtr-fjellheim", "mobile"
CLIENT, INSIDE, HUB = f"pc-{ROUTER}-lan0", "10.255.0.40", "203.0.113.2"
PRIMARY, BACKUP = "wan0", "wan1"
_HONEST = "/etc/service/dhcp"
_ASK_ANEW = "kill -9 $(cat /run/linjevakt/dhcp/wan1.pid); rm -f /run/linjevakt/dhcp/wan1.lease"

REFUSED: dict[str, tuple[Offer, str]] = {
    "the hub's own address": (
        {"address": HUB, "mask": "255.255.255.252", "routers": ["203.0.113.1"], "lease": FOR_EVER},
        "was given 203.0.113.2, which is the hub's address",
    ),
    "the proxy's address": (
        {"address": "10.255.0.30", "mask": "255.255.255.255", "routers": ["100.64.1.1"]},
        "was given 10.255.0.30, which is an address of a service inside",
    ),
    "multicast": (
        {"address": "224.0.0.7", "mask": "255.255.255.0", "routers": ["224.0.0.1"]},
        "was given 224.0.0.7, which is a multicast address",
    ),
    "the other line's address": (
        {"address": "198.51.100.2", "mask": "255.255.255.252", "routers": ["198.51.100.1"]},
        "was given 198.51.100.2, which is the address of wan0",
    ),
}
AROUND: Offer = {"address": "203.0.113.9", "mask": "255.255.255.0", "routers": ["203.0.113.254"]}


@pytest.fixture
def site(lab: Lab) -> Iterator[Lab]:
    """The site with traffic on its first line; afterwards its provider is honest again."""
    assert eventually(lambda: in_use(lab) == PRIMARY and row(lab, BACKUP)["up"], 20)
    lab.run(ISP, ["sv", "stop", _HONEST])
    yield lab
    lab.run(ISP, ["sv", "start", _HONEST])
    assert eventually(lambda: bool(row(lab, BACKUP)["up"]), 35), "a line whose lease is of no use goes on asking"


def row(lab: Lab, line: str) -> dict[str, Any]:
    """What the router's watch says of a line."""
    lines = json.loads(lab.run(ROUTER, ["cat", "/run/linjevakt/lines.json"]).stdout)["lines"]
    return next(row for row in lines if row["name"] == line)


def in_use(lab: Lab) -> str:
    return next((line for line in (PRIMARY, BACKUP) if row(lab, line)["in_use"]), "")


def port(lab: Lab) -> str:
    """The provider's interface that the router's mobile line is plugged into."""
    address = str(row(lab, BACKUP)["address"]).rpartition(".")[0]
    shown = json.loads(lab.run(ISP, ["ip", "-json", "-4", "address", "show"]).stdout)
    return next(str(one["ifname"]) for one in shown if one["addr_info"][0]["local"].startswith(f"{address}."))


@contextmanager
def lending(lab: Lab, offer: Offer) -> Iterator[None]:
    """The stranger's server; the router asks anew, as after a cable has been plugged in."""
    program = Path(strangers.__file__).read_text(encoding="utf-8")
    argv = ["python3", "-c", program, port(lab), json.dumps(offer)]
    server = lab.popen(ISP, argv, stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    lab.run(ROUTER, ["sh", "-c", _ASK_ANEW])
    try:
        yield
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("attack", REFUSED)
def test_what_is_not_the_lines_is_refused_and_told_while_traffic_goes_on(site: Lab, attack: str) -> None:
    offer, said = REFUSED[attack]
    with probing(site, CLIENT, INSIDE) as probe, lending(site, offer):
        assert eventually(lambda: row(site, BACKUP)["detail"] == said, 8)
        time.sleep(2)
        assert in_use(site) == PRIMARY
        assert row(site, BACKUP)["address"] is None
    print(f"{attack}: lost {probe.lost} of {probe.sent}, outage {probe.outage_s:.3f} s")
    assert probe.lost <= 1
    assert probe.outage_s < 0.2


def test_a_network_around_the_hub_on_the_line_in_reserve_leaves_the_tunnel_where_it_is(site: Lab) -> None:
    with probing(site, CLIENT, INSIDE) as probe, lending(site, AROUND):
        assert eventually(lambda: row(site, BACKUP)["address"] == AROUND["address"], 8)
        time.sleep(4)
        assert in_use(site) == PRIMARY
        assert f"dev {PRIMARY}" in site.run(ROUTER, ["ip", "route", "get", HUB]).stdout
        assert "203.0.113.9/32" in site.run(ROUTER, ["ip", "-4", "address", "show", BACKUP]).stdout
    print(f"around the hub: lost {probe.lost} of {probe.sent}, outage {probe.outage_s:.3f} s")
    assert probe.lost <= 1
    assert probe.outage_s < 0.2
