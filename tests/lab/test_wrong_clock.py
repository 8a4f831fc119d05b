"""Boxes that boot with their clock far off come up by themselves, and both they and the controller say so meanwhile.

`pytest -rP` prints the seconds from power until every child is carried and a PC is answered.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.lab.measure import eventually

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

HUB, SITE, PC, INSIDE = "hub-oslo", "rtr-fjellheim", "pc-rtr-fjellheim-lan0", "10.255.0.40"
KEPT = "/var/lib/linjevakt/clock.json"
WITHIN_S = 30.0
AT_1970, AT_2040 = datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC), datetime(2040, 1, 1, 12, tzinfo=UTC)


def whole(lab: Lab) -> bool:
    """Whether the site's PC is answered from inside."""
    return not lab.run(PC, ["ping", "-c", "1", "-W", "1", INSIDE], check=False).returncode


def status(lab: Lab, router: str) -> dict[str, Any]:
    """What the box says of itself."""
    found: dict[str, Any] = json.loads(lab.run(router, ["linjevakt-agent", "status", "--json"]).stdout)
    return found


def was_known_right(lab: Lab, router: str) -> bool:
    """Whether a time server has found the box's clock right, and that is on the disk."""
    return not lab.run(router, ["test", "-e", KEPT], check=False).returncode


def booted_at(lab: Lab, router: str, moment: datetime) -> float:
    """Boot a box with that clock; the seconds until its site works."""
    lab.kill_box(router)
    lab.wind(router, moment)
    begun = time.monotonic()
    lab.boot(router)
    assert eventually(lambda: whole(lab), WITHIN_S), lab.run(router, ["linjevakt-agent", "status"], check=False).stdout
    return time.monotonic() - begun


@pytest.fixture(autouse=True)
def with_the_hosts_clock_again(lab: Lab) -> Iterator[None]:
    """Before, both have been right once; afterwards, both have the host's clock and work."""
    assert eventually(lambda: all(was_known_right(lab, router) for router in (HUB, SITE)), WITHIN_S)
    yield
    for router in (HUB, SITE):
        if not lab.run(router, ["test", "-e", "/etc/ld.so.preload"], check=False).returncode:
            lab.kill_box(router)
            lab.wind(router, None)
            lab.boot(router)
    assert eventually(lambda: whole(lab), WITHIN_S)


@pytest.mark.parametrize("moment", [AT_1970, AT_2040], ids=["1970", "2040"])
@pytest.mark.parametrize("router", [SITE, HUB])
def test_a_box_comes_up_whatever_its_clock_says(lab: Lab, router: str, moment: datetime) -> None:
    seconds = booted_at(lab, router, moment)
    print(f"{router} booted in {moment.year}: its site works after {seconds:.1f} s")
    found = status(lab, router)
    assert f"was set from {moment.year}-01-01" in found["clock"]["detail"]
    assert abs(datetime.fromisoformat(found["at"]) - datetime.now(UTC)) < timedelta(hours=1)


def test_a_box_that_was_never_right_goes_by_its_certificate_and_both_ends_say_that_the_clock_is_wrong(
    controller: Controller,
) -> None:
    """The certificate begins a day before it was made; here nobody may set the clock by the time server."""
    lab = controller.lab
    lab.run(SITE, ["rm", KEPT])
    seconds = booted_at(lab, SITE, datetime.now(UTC) - timedelta(days=30))
    print(f"{SITE} booted before its certificate: its site works after {seconds:.1f} s")
    assert eventually(lambda: "WRONG: 8" in status(lab, SITE)["clock"]["detail"], WITHIN_S)
    assert not was_known_right(lab, SITE), "a wrong clock was written down"
    polled = controller.run("health", SITE, check=False).stdout
    assert f"{SITE}: degraded, the clock is wrong (box says " in polled
    (pushed,) = controller.json("push", SITE, check=False)
    assert (pushed["state"], pushed["ok"]) == ("unchanged", False)
    assert "clock: the clock is wrong (box says " in pushed["reason"]
    assert "controller says " in pushed["reason"]
