"""A box that is trusted no more: its living tunnel ends, it never comes back, and nobody else notices."""

import json
import os
import re
import time
from collections.abc import Iterator

import pytest
from tests.lab.measure import eventually, probing

from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = f"{os.environ.get('LINJEVAKT_LAB', 'lv')}out{os.environ.get('PYTEST_XDIST_WORKER', '')}"
HUB, STOLEN, SWAPPED = "hub-oslo", "rtr-fjellheim", "rtr-solbakken"
NEIGHBOUR, INSIDE = f"pc-{SWAPPED}-lan0", "10.255.0.40"
IDENTITY, OLD = "/var/lib/linjevakt/identity", "/run/old"
WITHIN_S = 60.0
REFUSED_S = 20.0
KEEP_OLD = f"""
mkdir -p {OLD}/private {OLD}/x509 {OLD}/x509ca
cp {IDENTITY}/router.key {OLD}/private/
cp /var/lib/linjevakt/running/router.crt {OLD}/x509/
cp /var/lib/linjevakt/running/ca.crt {OLD}/x509ca/
rm {IDENTITY}/router.key {IDENTITY}/ssh_host_ed25519_key*
"""


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    """A lab of its own: what is shut out there does not come back."""
    with provision.raised(Scenario.named("example"), print, prefix=PREFIX) as controller:
        yield controller


@pytest.fixture
def lab(controller: Controller) -> Lab:
    return controller.lab


def _at_home(lab: Lab, router: str) -> bool:
    """Whether the hub has a tunnel with whoever comes as the router."""
    listed = lab.run(HUB, ["swanctl", "--list-sas"]).stdout
    tunnels = re.split(r"^(?=\S)", listed, flags=re.MULTILINE)
    return any("ESTABLISHED" in one and f"'{router}'" in one for one in tunnels)


def _stage_anew(controller: Controller, router: str) -> None:
    lab = controller.lab
    identity = lab.run(router, ["linjevakt-agent", "identity", "--name", router, "--json"]).stdout
    meant = ("--replace-identity", "--reason", "box swapped")
    bootstrap = controller.run("router", "stage", router, "--identity", "-", *meant, stdin=identity).stdout
    lab.run(router, ["linjevakt-agent", "config", "load", "--replace", "-"], input=bootstrap)
    lab.run(router, ["linjevakt-agent", "config", "commit", "--message", "staging"])
    lab.run(router, ["sv", "restart", "sshd"], check=False)


def _initiate(lab: Lab, router: str) -> str:
    lab.run(router, ["swanctl", "--terminate", "--ike", "hub", "--timeout", "5"], check=False)
    done = lab.run(router, ["swanctl", "--initiate", "--child", "management", "--timeout", "8"], check=False)
    return done.stdout + done.stderr


def test_the_key_of_a_box_that_was_swapped_opens_nothing(controller: Controller, lab: Lab) -> None:
    lab.run(SWAPPED, ["sh", "-ec", KEEP_OLD])
    _stage_anew(controller, SWAPPED)
    assert "completed" in _initiate(lab, SWAPPED), "its own key and certificate"
    listed = controller.json("revoked", "list")
    assert [(one["certificate"]["router"], one["certificate"]["reason"]) for one in listed] == [(SWAPPED, "superseded")]
    assert (list(listed[0]["in_force"]), listed[0]["waiting"]) == ([HUB], {})
    load = "swanctl --load-creds --clear"
    lab.run(SWAPPED, ["sh", "-ec", f"SWANCTL_DIR={OLD} {load}"])
    assert "AUTH_FAILED" in _initiate(lab, SWAPPED), "the former key and certificate"
    assert not _at_home(lab, SWAPPED)
    lab.run(SWAPPED, ["sh", "-ec", load])
    assert "completed" in _initiate(lab, SWAPPED), "its own again"
    assert eventually(lambda: controller.json("push", SWAPPED, check=False)[0]["ok"], 60)


def test_a_stolen_box_loses_its_living_tunnel_within_a_minute_and_never_comes_back(
    controller: Controller, lab: Lab
) -> None:
    assert _at_home(lab, STOLEN)
    with probing(lab, NEIGHBOUR, INSIDE) as probe:
        begun = time.monotonic()
        told = controller.json("router", "stolen", STOLEN, "--reason", "burgled")
        assert told["in_force"]
        assert eventually(lambda: not _at_home(lab, STOLEN), WITHIN_S)
        took = time.monotonic() - begun
        lab.kill_box(STOLEN)
        lab.boot(STOLEN)  # the thief plugs it in at home
        ends = time.monotonic() + REFUSED_S
        while time.monotonic() < ends:
            assert not _at_home(lab, STOLEN)
            time.sleep(0.5)
    print(
        json.dumps({"tunnel ended after s": round(took, 1), "neighbour's longest outage s": round(probe.outage_s, 2)})
    )
    assert took < WITHIN_S
    assert probe.outage_s < 1.0, "the neighbour must not notice"
    assert "shut out" in controller.run("push", STOLEN, check=False).stderr
