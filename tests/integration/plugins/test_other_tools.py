"""The fleet as Nornir and Ansible see it: the real tools, on both databases."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nornir import InitNornir
from nornir.core import Nornir
from nornir.core.filter import F
from nornir.core.task import Result, Task
from tests import hostile
from tests.registers import save_inventory

from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import DeviceIdentity, Stage
from linjevakt.store import Store

BIN = Path(sys.executable).parent
SCRIPT = BIN / "linjevakt-ansible-inventory"
SECRETS = ("the-csr", "the-certificate", "the-host-key", "8000aabb")
Groups = dict[str, list[str]]


def device(router: str, stage: Stage) -> DeviceIdentity:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    return DeviceIdentity(
        router=router,
        serial=f"LV-{router}",
        host_key="the-host-key",
        csr="the-csr",
        certificate="the-certificate",
        certificate_serial=f"17-{router}",
        certificate_expires=moment,
        engine_id=f"8000aabb{router.encode().hex()}",
        stage=stage,
        enrolled=moment,
    )


@pytest.fixture
def fleet(store: Store, inventory: Inventory) -> Store:
    """The hub is live, Fjellheim staged, Solbakken neither."""
    save_inventory(store, inventory, "kari")
    store.devices.save(device("hub-oslo", Stage.LIVE))
    store.devices.save(device("rtr-fjellheim", Stage.STAGED))
    return store


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    ansible = {"ANSIBLE_HOME": str(tmp_path / "ansible"), "LC_ALL": "C.UTF-8", "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1"}
    return os.environ | ansible | {"LINJEVAKT_HOME": str(tmp_path), "LINJEVAKT_DATABASE_URL": database_url}


@pytest.fixture
def nornir(fleet: Store, database_url: str) -> Nornir:
    del fleet
    chosen = {"plugin": "LinjevaktInventory", "options": {"database_url": database_url}}
    return InitNornir(inventory=chosen, logging={"enabled": False})


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def runs(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    return runs


EXPECTED: Groups = {
    "hub_hub_oslo": ["rtr-fjellheim", "rtr-solbakken"],
    "line_kind_mobile": ["rtr-fjellheim", "rtr-solbakken"],
    "line_kind_nhn_delivered": ["rtr-solbakken"],
    "line_kind_own_isp": ["hub-oslo", "rtr-fjellheim"],
    "platform_linux": ["hub-oslo", "rtr-fjellheim", "rtr-solbakken"],
    "role_hub": ["hub-oslo"],
    "role_site": ["rtr-fjellheim", "rtr-solbakken"],
    "state_live": ["hub-oslo"],
    "state_planned": ["rtr-solbakken"],
    "state_staged": ["rtr-fjellheim"],
}

# --- Nornir ---


def test_nornir_finds_the_plugin_and_every_group(nornir: Nornir) -> None:
    members = {
        name: sorted(nornir.filter(F(groups__contains=name)).inventory.hosts) for name in nornir.inventory.groups
    }
    assert members == EXPECTED


def test_nornir_knows_address_driver_and_site(nornir: Nornir) -> None:
    host = nornir.inventory.hosts["rtr-fjellheim"]
    assert (host.hostname, host.platform, host.username, host.password) == (
        "10.250.0.11",
        "linjevakt",
        "linjevakt",
        None,
    )
    assert (host["site"], host["owner"], host["hub"]) == ("fjellheim", "310000019", "hub-oslo")
    assert [line["kind"] for line in host["lines"]] == ["own_isp", "mobile"]


def test_nornir_filters_by_data_and_runs_a_task_there(nornir: Nornir) -> None:
    def where(task: Task) -> Result:
        return Result(host=task.host, result=task.host["municipality"])

    chosen = nornir.filter(F(state="planned") & ~F(role="hub")).run(task=where)
    assert {name: result[0].result for name, result in chosen.items()} == {"rtr-solbakken": "Oslo"}


def test_nornir_hears_what_is_wrong(store: Store, database_url: str) -> None:
    del store
    chosen = {"plugin": "LinjevaktInventory", "options": {"database_url": database_url}}
    with pytest.raises(NotFoundError, match="No inventory is saved yet"):
        InitNornir(inventory=chosen, logging={"enabled": False})


def test_no_secret_is_in_the_hosts(nornir: Nornir) -> None:
    seen = json.dumps(nornir.inventory.dict())
    assert [secret for secret in SECRETS if secret in seen] == []


# --- Ansible ---


def test_ansible_lists_the_fleet_by_its_groups(fleet: Store, run: Callable[..., Any]) -> None:
    del fleet
    answer = run(BIN / "ansible-inventory", "-i", SCRIPT, "--list")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    listed = json.loads(answer.stdout)
    assert {name: sorted(group["hosts"]) for name, group in listed.items() if "hosts" in group} == EXPECTED
    variables = listed["_meta"]["hostvars"]["rtr-fjellheim"]
    assert (variables["ansible_host"], variables["linjevakt_driver"]) == ("10.250.0.11", "linjevakt")
    assert variables["linjevakt_segments"][1]["prefix"] == "10.64.2.0/24"
    assert [secret for secret in SECRETS if secret in answer.stdout] == []


def test_ansible_draws_the_graph_of_a_group(fleet: Store, run: Callable[..., Any]) -> None:
    del fleet
    answer = run(BIN / "ansible-inventory", "-i", SCRIPT, "--graph", "line_kind_own_isp")
    assert answer.stdout == "@line_kind_own_isp:\n  |--hub-oslo\n  |--rtr-fjellheim\n"


def test_ansible_picks_hosts_by_a_pattern(fleet: Store, run: Callable[..., Any]) -> None:
    del fleet
    answer = run(BIN / "ansible", "-i", SCRIPT, "line_kind_mobile:!state_planned", "--list-hosts")
    assert answer.stdout.split() == ["hosts", "(1):", "rtr-fjellheim"]


def test_the_script_gives_one_hosts_variables(fleet: Store, run: Callable[..., Any]) -> None:
    del fleet
    answer = run(SCRIPT, "--host", "hub-oslo")
    assert json.loads(answer.stdout)["linjevakt_state"] == "live"
    wrong = run(SCRIPT, "--host", "rtr-fjelheim")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == ("Error: There is no router 'rtr-fjelheim'. Did you mean 'rtr-fjellheim'?\n")


def test_ansible_fails_with_our_sentence_when_there_is_no_fleet(store: Store, run: Callable[..., Any]) -> None:
    del store
    answer = run(BIN / "ansible-inventory", "-i", SCRIPT, "--list")
    assert answer.returncode != 0
    assert "No inventory is saved yet" in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


# --- names that are programs ---

EVERYWHERE = "{{ linjevakt_owner_name }}|{{ linjevakt_site_name }}|{{ linjevakt_lines[0].provider }}"
TEMPLATES = ("a lookup of Ansible", "statements, comments and expressions")


@pytest.mark.parametrize("kind", ["sqlite"])  # what comes from the other database is the same text
@pytest.mark.parametrize("name", TEMPLATES)
def test_ansible_runs_nothing_that_a_name_says(
    store: Store, inventory: Inventory, run: Callable[..., Any], name: str, tmp_path: Path
) -> None:
    """By the real thing; that each text of the others is marked too, tests/unit/exports shows."""
    text = hostile.VISIBLE[name].replace("touch PWNED", f"touch {tmp_path}/PWNED")
    fleet = hostile.fleet(inventory, text).inventory
    save_inventory(store, fleet, "kari")
    answer = run(BIN / "ansible", "-i", SCRIPT, "rtr-fjellheim", "-m", "debug", "-a", f"msg={EVERYWHERE}")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    site = next(one for one in fleet.sites if one.router.name == "rtr-fjellheim")
    owner = next(one for one in fleet.organisations if one.number == site.owner)
    shown = json.loads(answer.stdout.partition("=> ")[2])
    assert shown["msg"] == f"{owner.name}|{site.place.name}|{site.lines[0].provider}"
    assert not (tmp_path / "PWNED").exists()


def test_the_attack_works_where_a_name_is_not_marked(tmp_path: Path) -> None:
    """Else the test above would prove nothing: the same name, from a script that does not mark it."""
    script, env = tmp_path / "careless", os.environ | {"ANSIBLE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    name = hostile.VISIBLE["a lookup of Ansible"].replace("touch PWNED", f"touch {tmp_path}/PWNED")
    told = {"_meta": {"hostvars": {"rtr-a": {"owner": name}}}, "all": {"hosts": ["rtr-a"]}}
    script.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(told)}\nEOF\n")
    script.chmod(0o755)
    subprocess.run((BIN / "ansible", "-i", script, "rtr-a", "-m", "debug", "-a", "var=owner"), env=env, check=True)
    assert (tmp_path / "PWNED").exists()
