"""A push that would cut the management path comes back by itself, and says why."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from linjevakt import resources
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
REVERT_IN_S = 15


def wrong_peer(templates: Path) -> None:
    """The tunnel goes to an address where nobody answers."""
    _edit(templates / "linux" / "swanctl.conf.j2", "remote_addrs = ", "remote_addrs = 192.0.2.99 # ")


def firewall_drops_ssh(templates: Path) -> None:
    """The firewall forgets the management path."""
    _edit(templates / "linux" / "nftables.conf.j2", "tcp dport 22", "tcp dport 2222")


def wrong_key(templates: Path) -> None:
    """Another controller's key may log in, ours may not."""
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3bTS8VdXPTZJqyoKwPDjrz0gYtkoLBmkcUlGpLzQZr someone-else\n"
    (templates / "linux" / "authorized_keys.j2").write_text(key)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path.name} has changed: this test must break it another way"
    path.write_text(text.replace(old, new))


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates to break."""
    return Path(shutil.copytree(resources.templates(), tmp_path / "templates"))


@pytest.mark.parametrize("broken", [wrong_peer, firewall_drops_ssh, wrong_key])
def test_a_push_that_cuts_the_management_path_reverts_and_says_why(
    controller: Controller, templates: Path, broken: Callable[[Path], None]
) -> None:
    before = controller.json("health", ROUTER)["config_hash"]
    broken(templates)
    started = time.monotonic()
    pushed = controller.using(templates).run("push", ROUTER, "--revert-in", str(REVERT_IN_S), "--json", check=False)
    seconds = time.monotonic() - started
    result = json.loads(pushed.stdout)[0]
    print(f"{broken.__name__}: {result['state']} after {seconds:.1f} s: {result['reason']}")
    assert pushed.returncode == 1
    assert result["state"] == "reverted"
    assert result["reason"].startswith("login: ")
    assert "did not answer" in result["reason"] or "refused our key" in result["reason"]
    health = controller.json("health", ROUTER)
    assert health["reachable"]
    assert health["config_hash"] == before
    assert health["config_state"] == "confirmed"
    assert seconds < REVERT_IN_S + 20
