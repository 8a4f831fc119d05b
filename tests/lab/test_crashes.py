"""Something is killed in the middle of a push: the router ends with the old or the new configuration, whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linjevakt import resources
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-solbakken"
REVERT_IN_S = 20
STEPS = ("load", "commit", "prove", "confirm")
STEPPER = Path(__file__).parent / "stepper.py"


def kill_guard(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Kill the process that changes the router."""
    lab.run(ROUTER, ["pkill", "-KILL", "-f", "linjevakt-agent guard"])


def kill_agent(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Kill line watch, probes and SNMP."""
    lab.run(ROUTER, ["pkill", "-KILL", "-f", "linjevakt-agent run"])


def kill_controller(_lab: Lab, push: subprocess.Popen[str]) -> None:
    """Kill the push itself."""
    os.killpg(push.pid, signal.SIGKILL)


def cut_power(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Pull the plug of the box and put it back."""
    lab.kill_box(ROUTER)
    lab.boot(ROUTER)


Victim = Callable[[Lab, "subprocess.Popen[str]"], None]


def status(lab: Lab) -> dict[str, Any]:
    """`config status`, read at the box's console."""
    found: dict[str, Any] = json.loads(lab.run(ROUTER, ["linjevakt-agent", "config", "status", "--json"]).stdout)
    return found


@pytest.fixture(scope="module")
def settled(controller: Controller) -> Iterator[Controller]:
    """Afterwards the router gets what the project's own templates say again."""
    yield controller
    result = controller.json("push", ROUTER, check=False)[0]
    assert result["ok"], result


@pytest.fixture
def changed(settled: Controller, tmp_path: Path) -> Controller:
    """The controller with templates that differ by a comment: one harmless change to push."""
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    with (templates / "linux" / "chrony.conf.j2").open("a") as template:
        template.write(f"# change {time.time_ns()}\n")
    return settled.using(templates)


def _until_quiet(controller: Controller) -> bool:
    """Wait until nothing is pending on the router any more."""
    deadline = time.monotonic() + REVERT_IN_S + 30
    while time.monotonic() < deadline:
        try:
            now = status(controller.lab)
        except (subprocess.CalledProcessError, json.JSONDecodeError):
            now = None
        if now and now["pending"] is None and now["running"] == now["confirmed"]:
            return True
        time.sleep(0.5)
    return False


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kill", [kill_guard, kill_agent, kill_controller, cut_power])
def test_a_crash_at_any_step_ends_in_one_whole_configuration(changed: Controller, kill: Victim, step: str) -> None:
    lab = changed.lab
    before = status(lab)["confirmed"]["hash"]
    push = lab.popen(
        "noc",
        [sys.executable, str(STEPPER), ROUTER, step, str(REVERT_IN_S)],
        env=changed.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert push.stdin is not None
    assert push.stdout is not None
    assert push.stdout.readline().strip() == f"at {step}"
    kill(lab, push)
    if kill is not kill_controller:
        push.stdin.write("go\n")
    output, _ = push.communicate(timeout=REVERT_IN_S + 90)
    assert _until_quiet(changed), status(lab)
    after = status(lab)["running"]["hash"]
    told = output.splitlines()
    state = (json.loads(told[-1]) if told else changed.json("settle", ROUTER, check=False))["state"]
    print(f"{kill.__name__} at {step}: {state}, {'old' if after == before else 'new'} configuration")
    assert (after != before) == (state == "confirmed")
    health = changed.json("health", ROUTER)
    assert health["reachable"]
    assert health["config_hash"] == after
