"""Every scenario of `lab/scenarios`: what it expects of its clients is what they meet."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from linjevakt_lab import expectations, provision
from linjevakt_lab.expectations import Outcome
from linjevakt_lab.lab import Lab
from linjevakt_lab.places import prefix_from_environment
from linjevakt_lab.scenario import Expectation, Scenario

CLIENT = "pc-rtr-fjellheim-lan0"


@pytest.fixture(params=Scenario.names())
def provisioned(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Each scenario's lab: the session's for `example`, one of its own for every other."""
    if request.param == "example":
        yield request.getfixturevalue("lab")
        return
    prefix = f"{prefix_from_environment()}scene"
    with provision.raised(Scenario.named(request.param), print, prefix=prefix) as controller:
        yield controller.lab


def expect(lab: Lab) -> subprocess.CompletedProcess[str]:
    """What the command `lab expect` says of this lab."""
    argv = [str(Path(sys.executable).parent / "lab"), "expect"]
    environment = {**os.environ, "LINJEVAKT_LAB": lab.status()["prefix"]}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_clients_meet_what_the_scenario_expects(provisioned: Lab) -> None:
    rows = provisioned.expectations
    told = expect(provisioned)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines() == [f"{row.from_}: {row.do} {row.to}: {row.result}" for row in rows] != []


@pytest.mark.parametrize(
    ("do", "to", "expected", "result"),
    [
        ("fetch", "http://192.0.2.80/", "ok", "timeout"),
        ("dns", "ntp.nhn.no", "refused", "ok"),
        ("fetch", "http://10.255.0.40:9/", "ok", "refused"),
    ],
)
def test_what_comes_otherwise_than_expected_is_told(lab: Lab, do: str, to: str, expected: str, result: str) -> None:
    row = Expectation.model_validate({"from": CLIENT, "do": do, "to": to, "result": expected})
    told: list[Outcome] = []
    assert not expectations.attempt(lab, (row,), told.append)
    assert [outcome.result for outcome in told] == [result]
