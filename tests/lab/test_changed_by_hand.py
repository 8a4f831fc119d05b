"""What somebody changes by hand on a router is told of, and put back while its sites go on working.

`pytest -rP` prints the seconds from the change until it is told of, and until the router is as configured again.
"""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.lab.measure import eventually, probing

from linjevakt_agent.force.drift import SURE_AFTER_S
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

SITE, PC, INSIDE = "rtr-elvebredden", "pc-rtr-elvebredden-lan0", "10.255.0.40"
RUNNING = "/var/lib/linjevakt/running"
MINE = "connections { mine { remote_addrs = 192.0.2.9 \\n children { mine { } } } }"
TOLD_WITHIN_S, BACK_WITHIN_S = 30.0, 60.0
TEMPLATES = Path(__file__).parents[2] / "templates"
pytestmark = pytest.mark.attack  # some four minutes: a change is told of once it has stayed for a while


@dataclass(frozen=True)
class Change:
    """What is done by hand, what shows that it is in force (exit code 0), and the section that it is told under."""

    by_hand: str
    there: str
    section: str


CHANGES = {
    "rule": Change(
        "nft add rule inet linjevakt forward accept",
        "nft list chain inet linjevakt forward | grep -qx '[[:space:]]*accept'",
        "nftables.conf",
    ),
    "policy": Change(
        "nft add chain inet linjevakt input '{ policy accept; }'",
        "nft list chain inet linjevakt input | grep -q 'policy accept'",
        "nftables.conf",
    ),
    "element": Change(
        "nft add element inet linjevakt inside '{ 192.0.2.0/24 }'",
        "nft list set inet linjevakt inside | grep -q 192.0.2.0",
        "nftables.conf",
    ),
    "address": Change(
        "ip address add 10.64.99.1/24 dev lan1", "ip address show dev lan1 | grep -q 10.64.99.1", "network.toml"
    ),
    "route": Change("ip route add 10.77.0.0/16 dev lan1", "ip route | grep -q 10.77.0.0", "network.toml"),
    "route gone": Change(
        "ip route del unreachable 10.0.0.0/8 metric 4000", "! ip route | grep -q unreachable", "network.toml"
    ),
    "policy rule": Change(
        "ip rule add from 10.64.3.9 lookup 101 pref 50", "ip rule | grep -q 10.64.3.9", "network.toml"
    ),
    "connection": Change(
        f"(cat /etc/swanctl/swanctl.conf; printf '{MINE}') > /run/mine && "
        "swanctl --load-conns --file /run/mine && rm /run/mine",
        "swanctl --list-conns | grep -q ^mine",
        "swanctl.conf",
    ),
    "shaping": Change(
        "tc class change dev ipsec0 parent 1:1 classid 1:11 htb rate 1mbit ceil 1mbit",
        "tc class show dev ipsec0 | grep -q 'rate 1Mbit'",
        "shaping.tc",
    ),
    "key": Change(
        f"echo '# mine' >> {RUNNING}/authorized_keys", f"grep -q mine {RUNNING}/authorized_keys", "authorized_keys"
    ),
    "file": Change(f"echo '# mine' >> {RUNNING}/dnsmasq.conf", f"grep -q mine {RUNNING}/dnsmasq.conf", "dnsmasq.conf"),
    "service": Change("sv down nginx", "! sv status nginx | grep -q ^run", "nginx"),
    "sshd": Change("sv down sshd", "! sv status sshd | grep -q ^run", "sshd"),
}


def sh(lab: Lab, script: str, *, check: bool = True) -> int:
    return lab.run(SITE, ["sh", "-c", script], check=check).returncode


def told(lab: Lab) -> dict[str, Any]:
    """What `linjevakt-agent status` says of changes."""
    found: dict[str, Any] = json.loads(lab.run(SITE, ["linjevakt-agent", "status", "--json"]).stdout)["drift"]
    return found


def sections(lab: Lab) -> set[str]:
    return {row.partition(":")[0] for row in told(lab)["differences"]}


@pytest.fixture
def compared(lab: Lab) -> Lab:
    """Once the guard knows what the generation comes to: what root holds is told of, and stays."""
    change = CHANGES["rule"]
    sh(lab, f"touch /run/linjevakt/hands-off; {change.by_hand}")
    assert eventually(lambda: "nftables.conf" in sections(lab), 90)
    assert "hands-off" in told(lab)["held"]
    time.sleep(SURE_AFTER_S)
    assert sh(lab, change.there, check=False) == 0
    sh(lab, f"nft -f {RUNNING}/nftables.conf; rm /run/linjevakt/hands-off")
    assert eventually(lambda: not sections(lab), TOLD_WITHIN_S)
    return lab


def test_each_change_by_hand_is_told_of_and_put_back_and_the_sites_go_on_working(compared: Lab) -> None:
    lab = compared
    seconds: dict[str, list[float]] = {name: [] for name in CHANGES}
    with probing(lab, PC, INSIDE) as probe:
        time.sleep(0.5)
        for change in CHANGES.values():
            sh(lab, change.by_hand)
        began = time.monotonic()
        for change in CHANGES.values():
            assert sh(lab, change.there, check=False) == 0, change
        while len(gone := [name for name, times in seconds.items() if len(times) == 2]) < len(CHANGES):
            assert time.monotonic() - began < BACK_WITHIN_S, (gone, told(lab))
            known = sections(lab)
            for name, change in CHANGES.items():
                if not seconds[name] and change.section in known:
                    seconds[name].append(round(time.monotonic() - began, 1))
                if len(seconds[name]) == 1 and sh(lab, change.there, check=False) != 0:
                    seconds[name].append(round(time.monotonic() - began, 1))
        assert eventually(lambda: not sections(lab), 30)
        time.sleep(0.5)
    print(f"told of, put back (s): {seconds}; the longest gap of a PC: {probe.outage_s:.2f} s, {probe.lost} lost")
    assert max(times[0] for times in seconds.values()) < TOLD_WITHIN_S
    assert probe.outage_s < 1.0


@pytest.fixture
def telling(controller: Controller, tmp_path: Path) -> Iterator[Controller]:
    """The router tells, and puts nothing back."""
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    platform = templates / "linux/platform.toml"
    platform.write_text(platform.read_text().replace('drift = "put_back"', 'drift = "tell"'))
    telling = controller.using(templates)
    telling.run("push", SITE)
    yield telling
    controller.run("push", SITE)


def test_by_the_policy_tell_it_stays_and_is_told_of_until_a_push_puts_it_right(telling: Controller) -> None:
    lab, change = telling.lab, CHANGES["rule"]
    sh(lab, change.by_hand)
    began = time.monotonic()
    assert eventually(lambda: "nftables.conf" in sections(lab), 90)
    print(f"told of after {time.monotonic() - began:.1f} s")
    assert "tell" in told(lab)["held"]
    time.sleep(SURE_AFTER_S)
    assert sh(lab, change.there, check=False) == 0
    assert "chain forward / accept" in telling.json("health", SITE)["drift"]
    (pushed,) = telling.json("push", SITE)
    assert pushed["state"] == "confirmed"
    assert "-table inet linjevakt / chain forward / accept" in pushed["plan"]["diff"]
    assert sh(lab, change.there, check=False) != 0
    (pushed,) = telling.json("push", SITE)
    assert pushed["state"] == "unchanged"
