"""A stolen hub: what it costs is said, nobody is cut off, and once another box is in its place no site lets it in."""

import json
import os
import time
from collections.abc import Iterator

import pytest
from tests.lab.measure import eventually, probing
from tests.lab.test_shut_out import HUB, KEEP_OLD, NEIGHBOUR, OLD, _initiate, _stage_anew

from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = f"{os.environ.get('LINJEVAKT_LAB', 'lv')}hub{os.environ.get('PYTEST_XDIST_WORKER', '')}"
LATE, SITE, INSIDE = "rtr-elvebredden", "rtr-solbakken", "10.255.0.40"
STEALS = f"SWANCTL_DIR={OLD} swanctl --load-creds --clear"
RETURNS = "swanctl --load-creds --clear"
BACK_S = 60.0


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    """A lab of its own: its hub is replaced there."""
    with provision.raised(Scenario.named("example"), print, prefix=PREFIX) as controller:
        yield controller


@pytest.fixture
def lab(controller: Controller) -> Lab:
    return controller.lab


def _at_home(lab: Lab, router: str) -> bool:
    return "ESTABLISHED" in lab.run(router, ["swanctl", "--list-sas"]).stdout


def test_while_no_other_box_is_the_hub_nobody_is_told_and_nobody_is_cut_off(controller: Controller) -> None:
    looked = controller.json("router", "stolen", HUB, "--check")
    assert (looked["since"], looked["tells"]) == (None, [LATE, "rtr-fjellheim", SITE])
    assert "the hub of 3 sites" in looked["costs"][0]["en"]
    with probing(controller.lab, NEIGHBOUR, INSIDE) as probe:
        told = controller.run("router", "stolen", HUB, "--reason", "burgled", "--yes", check=False)
        assert told.returncode == 1
        assert f"router stage {HUB}" in told.stderr
        assert "would have no tunnel" in controller.run("push", SITE, check=False).stderr
    assert probe.outage_s < 1.0


def test_a_living_tunnel_with_the_stolen_hub_ends_when_the_site_is_told(controller: Controller, lab: Lab) -> None:
    lab.run(HUB, ["sh", "-ec", KEEP_OLD])
    _stage_anew(controller, HUB)
    assert eventually(lambda: controller.run("push", HUB, check=False).returncode == 0, BACK_S)
    lab.run(HUB, ["sh", "-ec", STEALS])
    assert "completed" in _initiate(lab, LATE), "a site that was not told yet"
    revoked = lab.run(HUB, ["cat", "/var/lib/linjevakt/running/ca.crl"]).stdout
    text = f"#!linjevakt-config 1\n##### ca.crl\n{revoked}"
    lab.run(LATE, ["linjevakt-agent", "config", "load", "--merge", "-"], input=text)
    lab.run(LATE, ["linjevakt-agent", "config", "commit", "--message", "told"])
    assert not _at_home(lab, LATE)
    lab.run(HUB, ["sh", "-ec", RETURNS])
    began = time.monotonic()
    assert eventually(lambda: _at_home(lab, LATE), BACK_S), "the hub's new key and certificate"
    print(json.dumps({"home with the new hub after s": round(time.monotonic() - began, 1)}))


def test_once_the_sites_are_told_the_stolen_hub_is_refused_and_nobody_has_noticed(
    controller: Controller, lab: Lab
) -> None:
    assert eventually(lambda: _at_home(lab, SITE), BACK_S)
    with probing(lab, NEIGHBOUR, INSIDE) as probe:
        told = controller.json("revoked", "enforce")
    print(json.dumps({"outage while a site is told, s": round(probe.outage_s, 2), "lost": probe.lost}))
    assert told["in_force"]
    (stolen,) = [one for one in told["refused"] if one["certificate"]["reason"] == "stolen"]
    assert set(stolen["in_force"]) == {HUB, LATE, "rtr-fjellheim", SITE}
    assert probe.outage_s < 1.0
    lab.run(HUB, ["sh", "-ec", STEALS])
    refused = _initiate(lab, SITE)
    assert "was revoked" in refused
    assert "completed" not in refused
    lab.run(HUB, ["sh", "-ec", RETURNS])
    assert eventually(lambda: _at_home(lab, SITE), BACK_S)
