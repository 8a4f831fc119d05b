"""A worn disk (`errors=remount-ro`) or a full one: the site works, a change goes back, a boot comes up, it is told."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linjevakt import resources
from linjevakt_lab.disks import Ill
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-solbakken"
PC = "pc-rtr-solbakken-lan0"
REVERT_IN_S = 6.0
PATIENCE_S = 60.0
CHANGE = """
{ echo '#!linjevakt-config 1'; echo '##### nftables.conf'; cat /var/lib/linjevakt/running/nftables.conf
  echo 'table inet changed { }'; } | linjevakt-agent config load --merge --session test -
linjevakt-agent config commit --session test --revert-in 6
"""


def said(lab: Lab, *command: str) -> Any:
    """What the agent prints at the box's console."""
    return json.loads(lab.run(ROUTER, ["linjevakt-agent", *command, "--json"]).stdout)


def seconds_until(true: Callable[[], bool]) -> float:
    """How long it took; fails when it never comes true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.1)
    return time.monotonic() - began


def changed(lab: Lab) -> bool:
    """Whether the kernel has the change."""
    return "table inet changed" in lab.run(ROUTER, ["nft", "list", "tables"]).stdout


def works(lab: Lab) -> bool:
    """Whether the office reaches Helsenettet by name, which needs dnsmasq, firewall, lines and tunnel."""
    asked = (["dig", "+time=1", "+tries=1", "ntp.nhn.no"], ["ping", "-n", "-c", "1", "-W", "1", "10.255.0.40"])
    return all(lab.run(PC, command, check=False).returncode == 0 for command in asked)


def is_up(lab: Lab) -> bool:
    """Whether the box itself says that its tunnel is up; it may be at its boot."""
    asked = lab.run(ROUTER, ["linjevakt-agent", "status", "--json"], check=False)
    return asked.returncode == 0 and bool(json.loads(asked.stdout)["tunnel"]["up"])


@pytest.fixture(params=list(Ill))
def ill(controller: Controller, request: pytest.FixtureRequest) -> Iterator[Ill]:
    """How the disk goes bad; afterwards the box runs what the project says, on a good one."""
    assert controller.json("push", ROUTER)[0]["ok"]
    yield request.param
    assert controller.json("push", ROUTER)[0]["ok"]


@pytest.fixture
def other(controller: Controller, tmp_path: Path) -> Controller:
    """The controller with one harmless change to push."""
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    with (templates / "linux" / "chrony.conf.j2").open("a") as template:
        template.write(f"# change {time.time_ns()}\n")
    return controller.using(templates)


def test_a_bad_disk_takes_no_network_along(controller: Controller, other: Controller, ill: Ill) -> None:
    lab = controller.lab
    before = said(lab, "config", "status")["running"]

    lab.run(ROUTER, ["sh", "-euc", CHANGE])
    lab.spoil_disk(ROUTER, ill)
    began = time.monotonic()
    assert changed(lab)
    seconds_until(lambda: not changed(lab))
    late = time.monotonic() - began - REVERT_IN_S
    status = said(lab, "config", "status")
    assert (status["running"], status["pending"]) == (before, None)
    assert is_up(lab)
    assert works(lab)
    print(f"{ill}: what waited is out of the kernel {late:+.1f} s from its deadline")
    assert late < 5

    lab.kill_box(ROUTER)
    lab.boot(ROUTER)
    up, office = seconds_until(lambda: is_up(lab)), seconds_until(lambda: works(lab))
    print(f"{ill}: tunnel {up:.1f} s after a boot, the office {office:.1f} s later")
    assert said(lab, "config", "status")["running"] == before
    assert said(lab, "status")["storage"]["state"] == ill

    refused = other.json("push", ROUTER, check=False)[0]
    assert refused["state"] in {"failed", "reverted"}  # a full one may have room for the candidate, but not for two
    assert f"the disk is {ill}" in refused["reason"]
    health = controller.json("health", ROUTER, check=False)
    assert (health["reachable"], health["state"], health["storage"]) == (True, "degraded", str(ill))
    assert f"the disk is {ill}" in health["detail"]

    lab.mend_disk(ROUTER, ill)
    base = ["test", "!", "-e", "/var/lib/linjevakt/pending.json"]
    written = seconds_until(lambda: lab.run(ROUTER, base, check=False).returncode == 0)
    print(f"{ill}: all written {written:.1f} s after the disk was well")
    assert other.json("push", ROUTER)[0]["state"] == "confirmed"
    lab.kill_box(ROUTER)
    lab.boot(ROUTER)
    seconds_until(lambda: is_up(lab))
    assert said(lab, "config", "status")["running"]["message"] != before["message"]
