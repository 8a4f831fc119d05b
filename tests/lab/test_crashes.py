"""Something is killed in the middle of a push: the router ends with the old or the new configuration, whole, reachable."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-solbakken"
REVERT_IN_S = 20
STEPS = ("load", "commit", "prove", "confirm")
STEPPER = Path(__file__).parent / "stepper.py"


def kill_guard(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Kill the process that changes the router."""
    lab.run(ROUTER, ["pkill", "-KILL", "-f", "linjevakt_agent guard"])


def kill_agent(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Kill line watch, probes and SNMP."""
    lab.run(ROUTER, ["pkill", "-KILL", "-f", "linjevakt_agent run"])


def kill_controller(_lab: Lab, push: subprocess.Popen[str]) -> None:
    """Kill the push itself."""
    os.killpg(push.pid, signal.SIGKILL)


def cut_power(lab: Lab, _push: subprocess.Popen[str]) -> None:
    """Pull the plug of the box and put it back."""
    lab.kill_box(ROUTER)
    lab.boot(ROUTER)


Victim = Callable[[Lab, "subprocess.Popen[str]"], None]


def status(lab: Lab) -> dict:
    """`config status`, read at the box's console."""
    return json.loads(lab.run(ROUTER, ["linjevakt-agent", "config", "status", "--json"]).stdout)


@pytest.fixture
def changed(controller: Controller, tmp_path: Path) -> Iterator[Controller]:
    """The controller with one harmless change to push to the router; put back and pushed afterwards."""
    exported = tmp_path / "inventory"
    controller.run("inventory", "export", str(exported))
    site = next(path for path in exported.glob("sites/*.yaml") if ROUTER in path.read_text())
    original = site.read_text()
    controller_text = original.replace("floor:", "floor: changed-", 1) if "floor: changed-" not in original else original
    site.write_text(_with_new_room(controller_text))
    controller.run("inventory", "import", str(exported))
    yield controller
    site.write_text(original)
    controller.run("inventory", "import", str(exported))
    assert _until_quiet(controller)
    result = controller.json("push", ROUTER, check=False)[0]
    assert result["ok"], result


def _with_new_room(text: str) -> str:
    return "\n".join(f"  room: Rom {time.time_ns()}" if line.strip().startswith("room:") else line for line in text.splitlines()) + "\n"


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
    state = json.loads(output)["state"] if output.strip() else changed.json("settle", ROUTER)["state"]
    print(f"{kill.__name__} at {step}: {state}, {'old' if after == before else 'new'} configuration")
    assert (after != before) == (state == "confirmed")
    health = changed.json("health", ROUTER)
    assert health["reachable"]
    assert health["config_hash"] == after
