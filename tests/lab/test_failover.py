"""A line that dies, in each way a line can die: traffic moves to mobile, and back, and how long it was gone."""

import json
import time

import pytest
from tests.lab.measure import eventually, probing

from linjevakt_lab.lab import Lab

ROUTER = "rtr-fjellheim"
CLIENT = f"pc-{ROUTER}-lan0"
INSIDE = "10.255.0.40"
PRIMARY, BACKUP = "wan0", "wan1"


def line_in_use(lab: Lab) -> str:
    """The line that the router's watch says carries the traffic."""
    lines = json.loads(lab.run(ROUTER, ["cat", "/run/linjevakt/lines.json"]).stdout)["lines"]
    return next((line["name"] for line in lines if line["in_use"]), "")


@pytest.mark.parametrize("how", ["blackhole", "down", "carrier"])
def test_traffic_flows_over_mobile_within_a_second_and_back_without_a_gap(lab: Lab, how: str) -> None:
    assert eventually(lambda: line_in_use(lab) == PRIMARY, 15)
    with probing(lab, CLIENT, INSIDE) as away:
        time.sleep(1)
        lab.break_line(ROUTER, PRIMARY, how)
        time.sleep(4)
    assert line_in_use(lab) == BACKUP
    with probing(lab, CLIENT, INSIDE) as back:
        lab.mend(ROUTER, PRIMARY)
        assert eventually(lambda: line_in_use(lab) == PRIMARY, 20)
        time.sleep(2)
    print(f"{how}: outage {away.outage_s:.3f} s ({away.lost} of {away.sent}); on the way back {back.outage_s:.3f} s")
    assert away.outage_s < 1.0
    assert back.outage_s < 0.2


def test_traffic_does_not_move_to_a_dead_backup(lab: Lab) -> None:
    assert eventually(lambda: line_in_use(lab) == PRIMARY, 15)
    lab.break_line(ROUTER, BACKUP, "blackhole")
    time.sleep(3)
    lab.break_line(ROUTER, PRIMARY, "blackhole")
    time.sleep(3)
    assert line_in_use(lab) == PRIMARY
    lab.mend(ROUTER, PRIMARY)
    with probing(lab, CLIENT, INSIDE) as probe:
        time.sleep(12)
    assert probe.answers, "traffic must come back when the primary line does"


def test_a_dead_backup_leaves_the_primary_line_alone(lab: Lab) -> None:
    assert eventually(lambda: line_in_use(lab) == PRIMARY, 15)
    with probing(lab, CLIENT, INSIDE) as probe:
        lab.break_line(ROUTER, BACKUP, "blackhole")
        time.sleep(4)
    assert line_in_use(lab) == PRIMARY
    assert probe.outage_s < 0.2
