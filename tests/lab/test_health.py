"""A router's health over SNMP: what it tells, whom it tells, and what the controller shows of it."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.lab.measure import eventually
from tests.unit.agent.test_mib import MIB, base_mibs

from linjevakt.main import Installation
from linjevakt.settings import Settings
from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER, OTHER = "rtr-fjellheim", "rtr-solbakken"
KNOCK = Path(__file__).with_name("knock.py")
POLL_S = 2.0
WORDS = {"ownIsp": "own_isp", "nhnDelivered": "nhn_delivered", "true": True, "false": False}

Rows = dict[str, str]
Samples = dict[tuple[str, ...], float]


# --- SNMP ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walk(controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Rows]:
    """Walks an object of the router with net-snmp's `snmpwalk` in the noc; answers names and values by the MIBs."""
    target = Installation(Settings(home=controller.home)).fleet.polling.target(ROUTER)
    options = {
        "defVersion": "3",
        "defSecurityName": target.user,
        "defSecurityLevel": "authPriv",
        "defAuthType": "SHA-256",
        "defPrivType": "AES",
        "defAuthLocalizedKey": f"0x{target.auth_key.reveal()}",
        "defPrivLocalizedKey": f"0x{target.privacy_key.reveal()}",
        "mibdirs": f"{base_mibs()}:{MIB.parent}",
        "mibs": "LINJEVAKT-MIB:IF-MIB:SNMPv2-MIB",
    }
    folder = tmp_path_factory.mktemp("snmp")
    config = folder / "snmp.conf"
    config.touch(mode=0o600)
    config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    environment = {**os.environ, "SNMPCONFPATH": str(folder), "SNMP_PERSISTENT_DIR": str(folder)}

    def run(name: str) -> Rows:
        argv = ["snmpwalk", "-OQ", "-Cc", target.address, name]
        told = controller.lab.run("noc", argv, env=environment).stdout
        return dict(re.findall(r'^\S+::(\S+) = "?(.*?)"?$', told, re.MULTILINE))

    return run


@pytest.fixture(scope="module")
def seen(controller: Controller, walk: Callable[[str], Rows]) -> tuple[Rows, dict[str, Any]]:
    """What net-snmp reads by our MIB, and what `linjevakt health ROUTER --json` says, once all is well again.

    A probe that ran while another test had broken a line keeps its result until its next turn, 30 s later.
    """
    assert eventually(lambda: controller.json("health", ROUTER, check=False)["state"] == "ok", 60)
    return walk("LINJEVAKT-MIB::linjevakt"), controller.json("health", ROUTER)


def table(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """The columns of a conceptual table, a tuple a row."""
    indices = [name.rpartition(".")[2] for name in rows if name.startswith(f"{columns[0]}.")]
    return [tuple(WORDS.get(rows[f"{name}.{index}"], rows[f"{name}.{index}"]) for name in columns) for index in indices]


def test_net_snmp_walks_our_mib_and_agrees_with_the_controller(seen: tuple[Rows, dict[str, Any]]) -> None:
    rows, health = seen
    assert rows["lvRouterName.0"] == ROUTER
    assert rows["lvAgentVersion.0"] == health["agent_version"]
    assert rows["lvConfigHash.0"] == health["config_hash"] != ""
    assert rows["lvConfigState.0"] == health["config_state"] == "confirmed"
    assert rows["lvConfigRevertIn.0"].split()[0] == "0"
    assert rows["lvTunnelState.0"] == "up"
    assert health["tunnel_up"]
    assert int(rows["lvTunnelAge.0"].split()[0]) == pytest.approx(health["tunnel_age_s"], abs=10)
    assert rows["lvLineInUse.0"] == health["line_in_use"] == "wan0"
    day, clock = re.findall(r"[\d-]+,|[\d:]+\.\d", rows["lvCertificateExpiry.0"])
    written = "-".join(f"{int(number):02}" for number in day.rstrip(",").split("-"))
    assert health["certificate_expires"].startswith(f"{written}T")
    assert clock.split(":")[0].zfill(2) == health["certificate_expires"][11:13]


def test_net_snmp_and_the_controller_see_the_same_lines_and_probes(seen: tuple[Rows, dict[str, Any]]) -> None:
    rows, health = seen
    lines = table(rows, "lvLineName", "lvLineKind", "lvLineState", "lvLineInUseFlag", "lvLineAddress")
    assert lines == [(li["name"], li["kind"], li["state"], li["in_use"], li["address"]) for li in health["lines"]]
    assert [line[:4] for line in lines] == [("wan0", "own_isp", "up", True), ("wan1", "mobile", "up", False)]
    probes = table(rows, "lvProbeService", "lvProbeSegment", "lvProbeResult")
    assert probes == [(probe["service"], probe["segment"], probe["result"]) for probe in health["probes"]]
    assert {result for _, _, result in probes} == {"ok"}


def test_net_snmp_reads_the_system_and_the_interfaces_by_the_ietfs_mibs(walk: Callable[[str], Rows], lab: Lab) -> None:
    assert walk("SNMPv2-MIB::system")["sysName.0"] == ROUTER
    names = {name for (name,) in table(walk("IF-MIB::ifName"), "ifName")}
    assert names == set(lab.run(ROUTER, ["ls", "/sys/class/net"]).stdout.split())


# --- who may ask -----------------------------------------------------------------------------------------------------


def addresses(lab: Lab) -> dict[str, str]:
    """Each IPv4 address of the router, and its interface."""
    links = json.loads(lab.run(ROUTER, ["ip", "-json", "-4", "address"]).stdout)
    rows = [(row["local"], link["ifname"]) for link in links for row in link["addr_info"]]
    return {address: name for address, name in rows if not address.startswith("127.")}


def knock(lab: Lab, node: str, *targets: str) -> dict[str, list[bool]]:
    """Whether SSH and SNMP answer at each address, seen from a node."""
    answers: dict[str, list[bool]] = json.loads(
        lab.run(node, ["python3", "-", *targets], input=KNOCK.read_text()).stdout
    )
    return answers


@pytest.fixture
def exposed(lab: Lab) -> Iterator[dict[str, str]]:
    """Both providers of the router send all its addresses its way, as an attacker on the line would."""
    found = addresses(lab)
    lines = {"inet": "wan0", "mobile": "wan1"}
    gateways = {node: next(a for a, name in found.items() if name == line) for node, line in lines.items()}
    routes = [(node, a, gateway) for node, gateway in gateways.items() for a in found if a not in gateways.values()]
    for node, address, gateway in routes:
        lab.run(node, ["ip", "route", "replace", f"{address}/32", "via", gateway])
    yield found
    for node, address, gateway in routes:
        lab.run(node, ["ip", "route", "delete", f"{address}/32", "via", gateway])


def test_ssh_and_snmp_answer_the_noc_at_the_management_address(lab: Lab) -> None:
    assert knock(lab, "noc", "10.250.0.11") == {"10.250.0.11": [True, True]}


@pytest.mark.parametrize("node", ["inet", "mobile", "www", f"pc-{ROUTER}-lan0", f"pc-{OTHER}-lan0"])
def test_neither_ssh_nor_snmp_answers_anybody_else_at_any_address(lab: Lab, exposed: dict[str, str], node: str) -> None:
    assert set(exposed.values()) >= {"lo", "wan0", "wan1", "lan0"}
    assert knock(lab, node, *exposed) == {address: [False, False] for address in exposed}


# --- what the controller shows ---------------------------------------------------------------------------------------


def get(url: str) -> str:
    """A page."""
    with urlopen(url, timeout=10) as answer:  # noqa: S310 our own server on loopback
        text: str = answer.read().decode()
        return text


def metrics(address: str) -> dict[str, Samples]:
    """What Prometheus would scrape: metric -> (router, line) -> value."""
    samples = [s for family in text_string_to_metric_families(get(f"{address}/metrics")) for s in family.samples]
    found: dict[str, Samples] = {}
    for sample in samples:
        key = tuple(sample.labels[name] for name in ("router", "line") if name in sample.labels)
        found.setdefault(sample.name.removeprefix("linjevakt_"), {})[key] = sample.value
    return found


@pytest.fixture
def server(controller: Controller) -> Iterator[str]:
    """The address of a running `linjevakt serve` that has polled every router since its start."""
    begun = time.time()

    def polled() -> bool:
        times = metrics(address).get("poll_timestamp_seconds", {})
        return len(times) == len(controller.lab.routers) and min(times.values()) > begun

    with provision.served(controller, poll_s=POLL_S) as address:
        assert eventually(polled, 30), (controller.home / "serve.log").read_text()
        yield address


def test_page_metrics_and_api_show_every_router_at_work(controller: Controller, server: str) -> None:
    routers, found, page = set(controller.lab.routers), metrics(server), get(f"{server}/?lang=en")
    assert found["router_up"] == {(router,): 1 for router in routers}
    assert {router for (router, _), used in found["line_in_use"].items() if used} == routers
    sites = {site["router"]["name"] for site in json.loads(get(f"{server}/api/v1/sites"))["items"]}
    assert found["tunnel_up"] == {(router,): 1 for router in sites}, "a hub has none to be up"
    assert all(f'<th scope="row">{router}</th>' in page for router in routers)
    api = {router["name"]: router for router in json.loads(get(f"{server}/api/v1/routers"))["items"]}
    assert {name: router["state"] for name, router in api.items()} == dict.fromkeys(routers, "ok")


def test_a_broken_line_shows_within_two_polls(lab: Lab, server: str) -> None:
    line = (OTHER, "wan0")
    assert metrics(server)["line_up"][line] == 1
    lab.break_line(*line, "blackhole")
    broken, polls = time.time(), set[float]()
    while (found := metrics(server))["line_up"].get(line) != 0:
        polls |= {at for at in [found["poll_timestamp_seconds"][OTHER,]] if at > broken}
        assert len(polls) < 2, "two polls, and it does not show"
        assert time.time() < broken + 30
        time.sleep(0.1)
    assert found["line_in_use"][OTHER, "wan1"] == 1
    assert found["router_up"][OTHER,] == 1
    newest = json.loads(get(f"{server}/api/v1/routers/{OTHER}/transitions?limit=1"))[0]
    assert newest["changes"]["line wan0"] == ["up", "down"]
    assert newest["changes"]["line in use"] == ["wan0", "wan1"]
    assert "wan1 (mobile" in get(f"{server}/?lang=en")
