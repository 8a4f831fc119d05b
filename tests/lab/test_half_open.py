"""Somebody on the internet who has no certificate of ours, and what he can take from a site by its hub."""

import json
from pathlib import Path

from tests.lab.measure import eventually

from linjevakt_lab.lab import Lab

ROUTER, WAN0, HUB = "rtr-fjellheim", "198.51.100.2", "203.0.113.2"
HALF_OPEN = Path(__file__).with_name("halfopen.py").read_text()


def tunnel_is_up(lab: Lab) -> bool:
    """Whether every child of the site's tunnel carries traffic."""
    said = lab.run(ROUTER, ["linjevakt-agent", "prove", "--json"], check=False).stdout
    return bool(json.loads(said)["tunnel"]["up"])


def test_nobody_is_shut_out_of_the_hub_in_its_own_name(lab: Lab) -> None:
    lab.run("inet", ["python3", "-", WAN0, HUB, "300"], input=HALF_OPEN)
    begun = lab.run("hub-oslo", ["swanctl", "--stats"]).stdout
    assert "300 half-open" not in begun
    lab.run(ROUTER, ["swanctl", "--terminate", "--ike", "hub", "--force"])
    children = ["management", "segment_legekontor"]
    initiated = [
        lab.run(ROUTER, ["swanctl", "--initiate", "--ike", "hub", "--child", child, "--timeout", "8"], check=False)
        for child in children
    ]
    assert [one.returncode for one in initiated] == [0, 0], initiated[0].stdout
    assert eventually(lambda: tunnel_is_up(lab), 10)
