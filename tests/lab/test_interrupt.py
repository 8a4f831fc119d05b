"""Ctrl-C in the middle of a push to a real router: it is whole afterwards, and comes back by itself if nobody waits."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linjevakt import resources
from linjevakt_lab.provision import Controller

ROUTER = "rtr-solbakken"
REVERT_IN_S = 20
SOON_S = 60.0


@pytest.fixture
def changed(controller: Controller, tmp_path: Path) -> Iterator[Controller]:
    """A controller whose templates say one thing more, which harms nobody; the router is put back afterwards."""
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    with (templates / "linux" / "dnsmasq.conf.j2").open("a") as file:
        file.write(f"# {tmp_path.name}\n")
    yield controller.using(templates)
    assert controller.run("push", ROUTER).returncode == 0


def standing(controller: Controller) -> dict[str, Any]:
    """What the router's guard says."""
    status: dict[str, Any] = json.loads(
        controller.lab.run(ROUTER, ["linjevakt-agent", "config", "status", "--json"]).stdout
    )
    return status


def awaited(controller: Controller, good: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The router's standing as soon as it is `good`."""
    ends = time.monotonic() + SOON_S
    while not good(now := standing(controller)):
        assert time.monotonic() < ends, now
    return now


def begun(controller: Controller) -> tuple[subprocess.Popen[str], int]:
    """A push, and its own process number: what enters the node for it would die of the signal."""
    argv = controller.argv("push", ROUTER, "--revert-in", str(REVERT_IN_S))
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    entering = controller.lab.popen("noc", argv, env=controller.environment, **out)
    children = Path(f"/proc/{entering.pid}/task/{entering.pid}/children")
    ends = time.monotonic() + SOON_S
    while not children.read_text().split():
        assert time.monotonic() < ends
    return entering, int(children.read_text().split()[0])


@pytest.mark.parametrize("state", ["candidate", "pending"])
def test_one_ends_the_push_with_the_router_as_it_was_or_proven(changed: Controller, state: str) -> None:
    before = standing(changed)["running"]["hash"]
    push, number = begun(changed)
    awaited(changed, lambda now: now[state])
    os.kill(number, signal.SIGINT)
    at = time.monotonic()
    stdout, stderr = push.communicate(timeout=SOON_S)
    now = standing(changed)
    print(f"interrupted with a {state}: {time.monotonic() - at:.1f} s until whole, exit {push.returncode}: {stdout}")
    assert "Traceback" not in stderr
    assert (now["candidate"], now["pending"]) == (None, None)
    done = now["running"]["hash"] != before
    assert (push.returncode, "confirmed" in stdout) == ((0, True) if done else (130, False)), stderr


def test_a_second_one_leaves_at_once_and_the_router_goes_back_by_itself(changed: Controller) -> None:
    rules = Path(changed.settings["LINJEVAKT_TEMPLATES"]) / "linux" / "nftables.conf.j2"
    rules.write_text(rules.read_text().replace("tcp dport 22", "tcp dport 2222"))  # a push that nobody can confirm
    before = standing(changed)["running"]["hash"]
    push, number = begun(changed)
    assert push.stderr
    awaited(changed, lambda now: now["pending"])
    os.kill(number, signal.SIGINT)
    heard = push.stderr.readline() + push.stderr.readline()
    time.sleep(0.6)
    assert push.poll() is None, push.communicate()
    os.kill(number, signal.SIGINT)
    at = time.monotonic()
    _, stderr = push.communicate(timeout=SOON_S)
    left = time.monotonic() - at
    assert (push.returncode, "Once more leaves at once" in heard) == (130, True), heard
    assert f"linjevakt settle {ROUTER}" in stderr
    now = awaited(changed, lambda now: not now["pending"])
    print(
        f"left within {left:.1f} s; {time.monotonic() - at:.1f} s until the router was back (--revert-in {REVERT_IN_S})"
    )
    assert now["running"]["hash"] == before
    settled = changed.run("settle", ROUTER, check=False)
    assert (settled.returncode, settled.stdout) == (1, f"{ROUTER}: reverted\n")
    rules.write_text(rules.read_text().replace("tcp dport 2222", "tcp dport 22"))
