"""A site's router in other hands, with its tunnel: it speaks for nobody else, and no door of another opens to it."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.measure import HANDS_OFF, eventually, probing

from linjevakt_lab.lab import Lab

OWNED, HUB, SERVICES, OTHER = "rtr-solbakken", "hub-oslo", "services", "rtr-fjellheim"
OWN = {"10.250.0.12", "10.64.2.1"}
OTHERS = {"10.250.0.1", "10.250.0.11", "10.255.0.10", "10.64.1.100", "203.0.113.2", "192.0.2.8"}
"""The hub, another router, the controller, another's PC, the hub on the internet, somebody."""

TARGETS = ["10.255.0.20", "10.250.0.1", "10.250.0.11", "10.64.1.100"]
DOORS = ["10.250.0.1 22", "10.250.0.1 80", "10.250.0.11 22", "10.250.0.11 80", "10.255.0.10 22", "10.64.1.1 80"]
IMPOSTOR = Path(__file__).with_name("impostor.py").read_text()
SEEN = (
    "table ip seen { set who { type ipv4_addr . ipv4_addr; flags dynamic; size 1000; };"
    " chain spoken { type filter hook prerouting priority -500; udp dport 9 add @who { ip saddr . ip daddr }; }; }"
)
KNOCK = """
import socket, sys
for door in sys.argv[1:]:
    try:
        socket.create_connection(door.split(), timeout=0.5).close()
        print(door)
    except OSError as error:
        print(door) if isinstance(error, ConnectionRefusedError) else None
"""


@pytest.fixture
def owned(lab: Lab) -> Iterator[Lab]:
    """The lab; nothing on the owned router keeps it from saying what it likes, and the others count who speaks."""
    lab.run(OWNED, ["touch", HANDS_OFF])
    lab.run(OWNED, ["nft", "flush", "ruleset"])
    for node in (HUB, SERVICES, OTHER):
        lab.run(node, ["nft", SEEN])
    yield lab
    for node in (HUB, SERVICES, OTHER):
        lab.run(node, ["nft", "delete", "table", "ip", "seen"])
    lab.run(OWNED, ["nft", "-f", "/var/lib/linjevakt/running/nftables.conf"])
    lab.run(OWNED, ["rm", HANDS_OFF])


def seen(lab: Lab, node: str) -> set[tuple[str, str]]:
    """Who has spoken to whom at a node."""
    shown = lab.run(node, ["nft", "list", "set", "ip", "seen", "who"]).stdout
    return set(re.findall(r"([\d.]+) \. ([\d.]+)", shown))


def test_an_owned_router_speaks_for_nobody_else(owned: Lab) -> None:
    with probing(owned, "pc-rtr-fjellheim-lan0", "10.255.0.40") as probe:
        for target in TARGETS:
            owned.run(OWNED, ["python3", "-", target, *OWN, *OTHERS], input=IMPOSTOR)
        assert eventually(lambda: len(seen(owned, HUB)) == len(OWN) * len(TARGETS), 5), "what is its own comes out"
        time.sleep(1)
    assert {source for source, _ in seen(owned, HUB)} == OWN
    assert seen(owned, SERVICES) == {(source, TARGETS[0]) for source in OWN}
    assert seen(owned, OTHER) == set()
    assert probe.outage_s < 0.5


def test_no_door_of_another_opens_to_an_owned_router(owned: Lab) -> None:
    said = owned.run(OWNED, ["python3", "-c", KNOCK, "10.255.0.40 80", *DOORS], timeout=60).stdout
    assert said.splitlines() == ["10.255.0.40 80"], "what sites may reach, and nothing else"
