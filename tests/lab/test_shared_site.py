"""A line that several organisations share: apart from each other, and each with its share."""

import json
import subprocess
import time
from itertools import permutations

import pytest

from linjevakt.inventory import load
from linjevakt.model.inventory import Segment, Site
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

WARM_UP, SECONDS = 3, 10
SLOW_START = 1  # seconds, not measured: until both loads have filled their queues, there is nothing to share
FULL = (0.85, 1.05)
"""The part of the line's rate that TCP carries when the shaper decides: headers and overhead leave 0.91. Where it is
less, a CPU decides who gets what, and that says nothing of the shaper. ESP in user space carried 64 Mbit/s beside two
programs that want both cores, so the line that is loaded is far slower."""
TRIES = 3


@pytest.fixture
def shared(controller: Controller) -> Site:
    """The connection in the inventory with the most segments."""
    return max(load(controller.lab.inventory_path).sites, key=lambda site: len(site.segments))


def client(site: Site, segment: Segment) -> str:
    """The PC on a segment's port."""
    return f"pc-{site.router.name}-{segment.port}"


def address(lab: Lab, node: str) -> str:
    """The address that a PC got by DHCP."""
    links = json.loads(lab.run(node, ["ip", "-json", "-4", "addr", "show", "scope", "global"]).stdout)
    return str(links[0]["addr_info"][0]["local"])


def test_organisations_on_one_line_cannot_reach_each_other(lab: Lab, shared: Site) -> None:
    assert len(shared.segments) >= 3
    for mine, theirs in permutations(shared.segments, 2):
        here, there = client(shared, mine), client(shared, theirs)
        target = address(lab, there)
        lab.run(here, ["ping", "-c", "1", "-W", "2", "10.255.0.40"])
        assert lab.run(here, ["ping", "-c", "1", "-W", "1", target], check=False).returncode != 0, f"{here} -> {there}"


def rates(lab: Lab, shared: Site, direction: str, seconds: int = SECONDS) -> list[float]:
    """What the first two segments get, bit/s, when both load the line for so long."""
    segments = shared.segments[:2]
    servers = [
        lab.popen("services", ["iperf3", "-s", "-1", "-p", str(5201 + index)], stdout=subprocess.DEVNULL)
        for index in range(len(segments))
    ]
    time.sleep(0.5)
    measured = ["-t", str(seconds), "-O", str(SLOW_START)]
    reverse = ["-R"] if direction == "down" else []
    loads = [
        lab.popen(
            client(shared, segment),
            ["iperf3", "-c", "10.255.0.20", "-p", str(5201 + index), *measured, "-J", *reverse],
            stdout=subprocess.PIPE,
            text=True,
        )
        for index, segment in enumerate(segments)
    ]
    found = [json.loads(load.communicate(timeout=60)[0])["end"]["sum_received"]["bits_per_second"] for load in loads]
    for server in servers:
        server.wait(timeout=10)
    print(f"{direction}: {[round(rate / 1e6, 1) for rate in found]} Mbit/s")
    return found


@pytest.mark.parametrize("direction", ["up", "down"])
def test_loading_organisations_get_their_shares_within_15_percent(lab: Lab, shared: Site, direction: str) -> None:
    line, (least, most) = shared.lines[0], FULL
    capacity = {"up": line.up_mbit, "down": line.down_mbit}[direction] * 1e6
    rates(lab, shared, direction, WARM_UP)  # TCP does not know the line yet, and overshoots
    measures = (rates(lab, shared, direction) for _ in range(TRIES))
    full = next((found for found in measures if sum(found) >= least * capacity), None)
    assert full, "nothing filled the line: it is not the line that they share"
    assert sum(full) <= most * capacity
    shares = [segment.share for segment in shared.segments[: len(full)]]
    for rate, share in zip(full, shares, strict=True):
        assert rate / sum(full) == pytest.approx(share / sum(shares), rel=0.15)
