"""`lab linjevakt` is the lab's controller, wherever it is typed; from elsewhere `linjevakt` says where to run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linjevakt_lab.provision import Controller

SITE = "rtr-fjellheim"
COMMANDS = Path(sys.executable).parent


def typed(controller: Controller, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command of ours does on this machine, outside of every namespace."""
    environment = os.environ | {"LINJEVAKT_LAB": controller.lab.status()["prefix"]} | variables
    argv = [str(COMMANDS / words[0]), *words[1:]]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("health", SITE), 0, "tunnel       up"),
        (("--lang", "nb", "health", SITE), 0, "prøve  "),
        (("push", SITE, "--dry-run"), 0, "nothing changes"),
        (("health", "rtr-nowhere"), 2, "There is no router 'rtr-nowhere'"),
        (("push", "--revert-in", "1", SITE), 2, "--revert-in"),
        (("--help",), 0, "Provisions and watches"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else None,
)
def test_it_hands_words_output_and_exit_code_through(
    controller: Controller, words: tuple[str, ...], code: int, said: str
) -> None:
    mine = "sqlite:////nowhere/else.db"  # of whoever types it; the lab's controller has its own
    done = typed(controller, "lab", "linjevakt", *words, LINJEVAKT_HOME="/nowhere", LINJEVAKT_DATABASE_URL=mine)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done


@pytest.mark.parametrize("command", ["plan", "health"])
def test_from_elsewhere_it_says_where_to_run_it_and_keeps_no_news(controller: Controller, command: str) -> None:
    assert controller.run("health", SITE).returncode == 0
    done = typed(controller, "linjevakt", command, SITE, LINJEVAKT_HOME=str(controller.home))
    assert done.returncode == 1
    assert "routers let in 10.255.0.10/32 alone" in done.stderr
    assert "`lab linjevakt ...`" in done.stderr
    assert "down" not in done.stdout
    assert controller.json("router", "show", SITE)["health"]["reachable"]
