"""What the firewalls on a line's way let through, as the router finds it: each door shut in turn."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.lab.measure import eventually

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
WAN0 = "198.51.100.2"
IKE, NATT, ESP = "udp dport 500", "udp dport 4500", "ip protocol esp"
TABLE = "openings_test"
FLOOD = """
import contextlib, socket, time

asking = socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 50)
asking.connect(("203.0.113.2", 0))
answers, end = 0, time.monotonic() + 2
while time.monotonic() < end:
    asking.send(bytes.fromhex("0000000700000001020000040000000161626364"))
    time.sleep(0.001)
    with contextlib.suppress(BlockingIOError):
        while True:
            answers += asking.recv(99)[23] == 8
print(answers)
"""


@contextmanager
def shut(lab: Lab, node: str, *rules: str) -> Iterator[None]:
    """A firewall in this node that drops what the rules match, and forgets what it has let through."""
    lines = "".join(f"add rule ip {TABLE} forward {rule} drop\n" for rule in rules)
    chain = f"add chain ip {TABLE} forward {{ type filter hook forward priority -10; }}\n"
    lab.run(node, ["nft", "-f", "-"], input=f"add table ip {TABLE}\n{chain}{lines}")
    try:
        yield
    finally:
        lab.run(node, ["nft", "delete", "table", "ip", TABLE])


def found(controller: Controller, line: str, *, within_s: float = 40.0) -> dict[str, bool | None]:
    """What `linjevakt line openings` says; asked anew while the router moves to another line and cannot be reached."""
    deadline = time.monotonic() + within_s
    while True:
        told = controller.json("line", "openings", f"{ROUTER}.{line}", check=False)
        if "openings" in told:
            assert told["target"] == "203.0.113.2"
            assert told["passable"] == all(one["open"] for one in told["openings"] if one["required"])
            return {f"{one['protocol']} {one['port'] or ''}".strip(): one["open"] for one in told["openings"]}
        assert time.monotonic() < deadline, told


@pytest.fixture(autouse=True)
def home_again(lab: Lab) -> Iterator[None]:
    """Afterwards the router uses its own line again, with a tunnel."""
    yield
    lab.mend_all()
    deadline = time.monotonic() + 60
    while not (_line(lab, "wan0")["in_use"] and _line(lab, "wan1")["up"] and _tunnel(lab)):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _line(lab: Lab, name: str) -> dict[str, Any]:
    """What the line watch says of it."""
    rows = json.loads(lab.run(ROUTER, ["cat", "/run/linjevakt/lines.json"]).stdout)["lines"]
    return next(row for row in rows if row["name"] == name)


def _tunnel(lab: Lab) -> bool:
    return lab.run("noc", ["ping", "-c", "1", "-W", "1", "10.250.0.11"], check=False).returncode == 0


def test_all_doors_are_found_open_on_an_open_line(controller: Controller) -> None:
    assert found(controller, "wan0", within_s=0) == {"udp 500": True, "udp 4500": True, "esp": True}


def test_a_firewall_that_shuts_udp_4500_is_found_out_and_forgiven(controller: Controller, lab: Lab) -> None:
    with shut(lab, "mobile", f"ip saddr {_line(lab, 'wan1')['address']} {NATT}"):
        assert found(controller, "wan1") == {"udp 500": True, "udp 4500": False, "esp": True}
        assert found(controller, "wan0") == {"udp 500": True, "udp 4500": True, "esp": True}
    assert found(controller, "wan1")["udp 4500"] is True


def test_a_firewall_that_shuts_udp_500_is_found_out_over_the_other_line(controller: Controller, lab: Lab) -> None:
    with shut(lab, "inet", f"ip saddr {WAN0} {IKE}"):
        assert found(controller, "wan0") == {"udp 500": False, "udp 4500": True, "esp": True}


def test_a_firewall_that_shuts_esp_leaves_the_line_passable(controller: Controller, lab: Lab) -> None:
    with shut(lab, "inet", f"ip saddr {WAN0} {ESP}"):
        assert found(controller, "wan0") == {"udp 500": True, "udp 4500": True, "esp": False}


def test_with_the_tunnel_shut_out_the_box_itself_says_which_door_it_is(lab: Lab) -> None:
    with shut(lab, "inet", f"ip saddr {WAN0} {NATT}"):
        began = time.monotonic()
        shown = lab.run(ROUTER, ["linjevakt-agent", "openings", "--line", "wan0"]).stdout
    assert time.monotonic() - began < 5
    assert re.findall(r"^  (udp \d+|esp) +(open|closed)", shown, re.MULTILINE) == [
        ("udp 500", "open"),
        ("udp 4500", "closed"),
        ("esp", "open"),
    ]


def test_a_line_that_lets_ike_through_on_500_but_no_tunnel_is_left_at_once(lab: Lab) -> None:
    with shut(lab, "inet", f"ip saddr {WAN0} {NATT}"):
        assert eventually(lambda: bool(_line(lab, "wan1")["in_use"]) and _tunnel(lab), 5)


def test_a_line_that_is_down_says_so_for_every_door(controller: Controller, lab: Lab) -> None:
    lab.break_line(ROUTER, "wan1", "down")
    assert found(controller, "wan1") == {"udp 500": False, "udp 4500": False, "esp": False}


def test_a_hub_answers_no_more_echoes_than_its_limit(lab: Lab) -> None:
    flooding = lab.run("www", ["python3", "-"], input=FLOOD, check=False)
    assert not flooding.returncode, flooding.stderr
    answers = int(flooding.stdout)
    assert 20 < answers <= 50, "two seconds at 10 a second, and 20 at once"


def test_a_stranger_who_asks_for_ever_takes_no_answer_from_a_site(controller: Controller, lab: Lab) -> None:
    flooding = lab.popen("www", ["python3", "-c", FLOOD.replace("+ 2", "+ 8")], stdout=subprocess.DEVNULL)
    try:
        assert [found(controller, "wan0")["esp"] for _ in range(2)] == [True, True]
    finally:
        flooding.wait(timeout=30)
