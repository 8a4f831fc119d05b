"""A push that would cut the management path, or lead browsers astray, comes back by itself, and says why."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from linjevakt import resources
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
REVERT_IN_S = 15


def wrong_peer(templates: Path) -> None:
    """The tunnel goes to an address where nobody answers."""
    _edit(templates / "linux" / "swanctl.conf.j2", "remote_addrs = ", "remote_addrs = 192.0.2.99\n# ")


def firewall_drops_ssh(templates: Path) -> None:
    """The firewall forgets the management path."""
    _edit(templates / "linux" / "nftables.conf.j2", "tcp dport 22", "tcp dport 2222")


def wrong_key(templates: Path) -> None:
    """Another controller's key may log in, ours may not."""
    options = 'restrict,command="/usr/local/bin/linjevakt-agent login"'
    key = f"{options} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3bTS8VdXPTZJqyoKwPDjrz0gYtkoLBmkcUlGpLzQZr someone-else\n"
    (templates / "linux" / "authorized_keys.j2").write_text(key)


def everything_goes_straight_out(templates: Path) -> None:
    """Browsers are sent to the internet without a proxy."""
    _edit(templates / "linux" / "flex.pac.j2", "    return PROXY;\n}", '    return "DIRECT";\n}')


def everything_goes_by_proxy(templates: Path) -> None:
    """No rule of any service holds any more."""
    _edit(templates / "linux" / "flex.pac.j2", "return RULES[i][2];", "return PROXY;")


def waits_on_dns(templates: Path) -> None:
    """Browsers stand still until a name is looked up."""
    _edit(templates / "linux" / "flex.pac.j2", "    return PROXY;\n}", "    return isResolvable(host) && PROXY;\n}")


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


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (everything_goes_straight_out, "answers 'DIRECT' for http://www.example.com/, where internet needs 'PROXY "),
        (everything_goes_by_proxy, "for https://fastlegelister.nhn.no/, where registers needs 'DIRECT'"),
        (waits_on_dns, "looks up www.example.com for http://www.example.com/"),
    ],
)
def test_a_push_of_a_wrong_flex_pac_is_rolled_back_and_names_the_url(
    controller: Controller, templates: Path, broken: Callable[[Path], None], fault: str
) -> None:
    before = controller.json("health", ROUTER)["config_hash"]
    broken(templates)
    pushed = controller.using(templates).run("push", ROUTER, "--revert-in", str(REVERT_IN_S), "--json", check=False)
    result = json.loads(pushed.stdout)[0]
    print(f"{broken.__name__}: {result['state']}: {result['reason']}")
    assert pushed.returncode == 1
    assert result["state"] == "reverted"
    assert result["reason"].startswith("pac: ")
    assert fault in result["reason"]
    health = controller.json("health", ROUTER)
    assert (health["config_hash"], health["config_state"]) == (before, "confirmed")


def test_a_row_of_the_catalogue_that_contradicts_its_own_table_is_rolled_back(
    controller: Controller, tmp_path: Path
) -> None:
    """A change of the catalogue is tested and rolled back like any configuration: here the rule is wrong."""
    catalogue = Path(shutil.copytree(resources.inventory() / "catalogue", tmp_path / "catalogue"))
    rule = "value: fastlegelister.nhn.no, via: "
    _edit(catalogue / "registers.yaml", f"{rule}direct", f"{rule}proxy")
    elsewhere = replace(controller, settings={**controller.settings, "LINJEVAKT_CATALOGUE": str(catalogue)})
    linted = elsewhere.run("service", "lint", check=False)
    assert (linted.returncode, linted.stderr.split(": ")[0]) == (2, "registers.yaml:11")
    pushed = elsewhere.run("push", ROUTER, "--revert-in", str(REVERT_IN_S), "--json", check=False)
    result = json.loads(pushed.stdout)[0]
    print(f"wrong row: {result['state']}: {result['reason']}")
    assert result["state"] == "reverted"
    assert "for https://fastlegelister.nhn.no/, where registers needs 'DIRECT'" in result["reason"]
    assert controller.json("health", ROUTER)["config_state"] == "confirmed"
