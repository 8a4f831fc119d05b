"""NAPALM against a provisioned router, from the noc: its own suites, its own command, and what the getters tell."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from napalm.base import NetworkDriver
from napalm.base.test.base import TestConfigNetworkDriver as ConfigSuite
from napalm.base.test.getters import BaseTestGetters as GetterSuite

from linjevakt.main import Installation
from linjevakt.model.health import SnmpTarget
from linjevakt.settings import Settings
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from napalm_linjevakt import LinjevaktDriver

ROUTER, OTHER = "rtr-fjellheim", "rtr-solbakken"
SUITE, GETTERS = (Path(__file__).with_name(name) for name in ("napalm_suite.py", "napalm_getters.py"))
ASKED = ("get_config", "get_users", "get_ntp_servers", "get_snmp_information", "get_environment")
UNCLAIMED = frozenset(
    {
        "get_bgp_config",
        "get_bgp_neighbors",
        "get_bgp_neighbors_detail",
        "get_firewall_policies",
        "get_ipv6_neighbors_table",
        "get_lldp_neighbors",
        "get_lldp_neighbors_detail",
        "get_mac_address_table",
        "get_network_instances",
        "get_ntp_peers",
        "get_ntp_stats",
        "get_optics",
        "get_probes_config",
        "get_probes_results",
        "get_route_to",
        "get_vlans",
    }
)
VARIANTS = {"test_get_route_to_longer", "test_get_arp_table_with_vrf"}  # one routing instance, so no VRF
_OUTCOME = re.compile(r"::(test_\w+)(?:\[\w+\])? (PASSED|SKIPPED|FAILED|ERROR)")


def names_of(suite: type) -> set[str]:
    """The names of a suite's tests."""
    return {name for name, _ in inspect.getmembers(suite, inspect.isfunction) if name.startswith("test_")}


@pytest.fixture(scope="module")
def environment(controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The router's address, and the controller's key in a file that only we can read."""
    target = Installation(Settings(home=controller.home)).fleet.doors.target(ROUTER)
    folder = tmp_path_factory.mktemp("napalm")
    key, files = folder / "key", folder / "suite"
    key.touch(mode=0o600)
    key.write_text(target.private_key.reveal())
    files.mkdir(mode=0o700)
    return {
        **os.environ,
        "NAPALM_TEST_MOCK": "0",
        "NAPALM_HOSTNAME": target.address,
        "NAPALM_USERNAME": target.user,
        "NAPALM_PASSWORD": "",
        "NAPALM_OPTIONAL_ARGS": json.dumps({"host_key": target.host_key, "key_file": str(key)}),
        "NAPALM_SUITE_FILES": str(files),
    }


@pytest.fixture(scope="module")
def told(controller: Controller, environment: dict[str, str]) -> dict[str, Any]:
    """What each getter of `ASKED` says, from the noc."""
    argv = [sys.executable, str(GETTERS), *ASKED]
    answers: dict[str, Any] = json.loads(controller.lab.run("noc", argv, env=environment, timeout=60).stdout)
    return answers


def napalm(lab: Lab, environment: dict[str, str], method: str, **options: str) -> subprocess.CompletedProcess[str]:
    """What `napalm --vendor linjevakt ... call METHOD` says in the noc; `options` go over the router's own."""
    wanted = {**json.loads(environment["NAPALM_OPTIONAL_ARGS"]), **options}
    given = ",".join(f"{name}={value!r}" for name, value in wanted.items())
    login = ["--user", environment["NAPALM_USERNAME"], "--password", "", "--vendor", "linjevakt"]
    program = str(Path(sys.executable).parent / "napalm")
    argv = [program, *login, "--optional_args", given, environment["NAPALM_HOSTNAME"], "call", method]
    return lab.run("noc", argv, env=environment, timeout=60, check=False)


def on_box(lab: Lab, *argv: str) -> str:
    """What a command at the router's own console prints."""
    return lab.run(ROUTER, argv).stdout


def running(lab: Lab) -> dict[str, Any]:
    """The running configuration as the box itself shows it: `text` and `hash`."""
    shown: dict[str, Any] = json.loads(on_box(lab, "linjevakt-agent", "config", "show", "--json"))
    return shown


def test_napalms_own_suites_pass_and_skip_only_what_the_driver_does_not_claim(
    lab: Lab, environment: dict[str, str]
) -> None:
    before = running(lab)
    argv = [sys.executable, "-m", "pytest", "-v", "--tb=short", "--color=no", "-p", "no:cacheprovider", "-p"]
    done = lab.run("noc", [*argv, "no:warnings", str(SUITE)], env=environment, timeout=300, check=False)
    skipped = {f"test_{method}" for method in UNCLAIMED} | VARIANTS
    expected = dict.fromkeys(names_of(ConfigSuite) | names_of(GetterSuite), "PASSED") | dict.fromkeys(
        skipped, "SKIPPED"
    )
    assert dict(_OUTCOME.findall(done.stdout)) == expected, done.stdout + done.stderr
    assert done.returncode == 0
    assert running(lab) == before, "the suite must leave the router as it was"


def test_the_driver_claims_every_other_getter_of_napalm() -> None:
    getters = {name for name in vars(NetworkDriver) if name.startswith("get_")}
    assert {name for name in getters if getattr(LinjevaktDriver, name) is getattr(NetworkDriver, name)} == UNCLAIMED


def test_napalms_own_command_tells_what_the_box_is(lab: Lab, environment: dict[str, str]) -> None:
    facts = json.loads(napalm(lab, environment, "get_facts").stdout)
    identity = json.loads(on_box(lab, "linjevakt-agent", "identity", "--json"))
    assert facts["hostname"] == on_box(lab, "hostname").strip() == ROUTER
    assert facts["serial_number"] == identity["serial"]
    assert set(facts["interface_list"]) == set(on_box(lab, "ls", "/sys/class/net").split())
    assert on_box(lab, "uname", "-r").strip() in facts["os_version"]


def test_a_wrong_host_key_is_refused(controller: Controller, lab: Lab, environment: dict[str, str]) -> None:
    wrong = Installation(Settings(home=controller.home)).fleet.doors.target(OTHER).host_key
    refused = napalm(lab, environment, "get_facts", host_key=wrong)
    assert refused.returncode != 0
    assert "HostKeyException" in refused.stdout + refused.stderr
    assert ROUTER not in refused.stdout, "nothing may be asked of a router that is not the one pinned"


def test_get_config_is_the_text_that_the_box_runs(lab: Lab, told: dict[str, Any]) -> None:
    configs = told["get_config"]
    shown = running(lab)["text"]
    assert configs == {"running": shown, "startup": shown, "candidate": ""}
    nftables = on_box(lab, "cat", "/var/lib/linjevakt/running/nftables.conf")
    assert f"##### nftables.conf\n{nftables}" in shown


def test_get_users_are_the_keys_that_sshd_lets_in(lab: Lab, told: dict[str, Any]) -> None:
    users = told["get_users"]
    keys = on_box(lab, "cat", "/var/lib/linjevakt/running/authorized_keys").splitlines()
    assert list(users) == ["linjevakt"]
    assert users["linjevakt"]["sshkeys"], "the controller's own key at least"
    assert all(key.startswith("ssh-ed25519 AAAA") for key in users["linjevakt"]["sshkeys"])
    assert len(users["linjevakt"]["sshkeys"]) == len([key for key in keys if key and not key.startswith("#")])
    assert all(any(key in line for line in keys) for key in users["linjevakt"]["sshkeys"])


def test_get_ntp_servers_are_those_that_chrony_asks(lab: Lab, told: dict[str, Any]) -> None:
    servers = told["get_ntp_servers"]
    asked = [row.split(",")[2] for row in on_box(lab, "chronyc", "-n", "-c", "sources").splitlines()]
    assert sorted(servers) == sorted(asked) != []


def test_get_snmp_information_is_what_the_agent_answers_with(
    controller: Controller, lab: Lab, told: dict[str, Any]
) -> None:
    snmp = told["get_snmp_information"]
    target: SnmpTarget = Installation(Settings(home=controller.home)).fleet.polling.target(ROUTER)
    assert snmp["chassis_id"] == target.engine_id
    assert snmp["community"] == {}
    system = [row for row in on_box(lab, "cat", "/var/lib/linjevakt/running/agent.toml").splitlines() if " = " in row]
    assert f'contact = "{snmp["contact"]}"' in system
    assert f'location = "{snmp["location"]}"' in system
    assert snmp["contact"]
    assert snmp["location"]


def test_get_environment_is_the_box_s_own_memory_and_processors(lab: Lab, told: dict[str, Any]) -> None:
    box = told["get_environment"]
    total = re.search(r"^MemTotal:\s+(\d+) kB", on_box(lab, "cat", "/proc/meminfo"), re.MULTILINE)
    assert total
    assert box["memory"]["available_ram"] == int(total[1]) * 1024
    assert 0 < box["memory"]["used_ram"] < box["memory"]["available_ram"]
    assert len(box["cpu"]) == int(on_box(lab, "nproc", "--all"))
    assert all(0 <= cpu["%usage"] <= 100 for cpu in box["cpu"].values())
