"""The poller against the agent's real SNMPv3 service over loopback, with keys from our own master keys."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests import prepared, timing

from linjevakt.health.gufo import GufoPoller
from linjevakt.model.health import Health, LineHealth, SnmpTarget
from linjevakt.model.secret import Secret
from linjevakt.trust import SealKey, Vault
from linjevakt.trust.snmp import USER, MasterKeys, engine_id

ROUTER = "rtr-fjellheim"
SERVE = (
    "import asyncio, sys, pathlib; from linjevakt_agent.snmp.service import serve; "
    "asyncio.run(serve(pathlib.Path(sys.argv[1])))"
)

NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "dhcp"
priority = 1
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
"""
AGENT = """
router = "rtr-fjellheim"
[tunnel]
connection = "hub"
[snmp]
listen = "127.0.0.1"
port = {port}
engine_id = "{engine_id}"
[[snmp.user]]
name = "linjevakt"
[[probe]]
service = "dns"
segment = "legekontor"
kind = "dns"
source = "127.0.0.1"
target = "www.example.com"
"""
LINE = {
    "name": "wan0",
    "up": True,
    "in_use": True,
    "address": "198.51.100.2",
    "rtt_ms": 1.25,
    "changes": 3,
    "detail": "",
}
PROBE = {
    "service": "dns",
    "segment": "legekontor",
    "kind": "dns",
    "target": "www.example.com",
    "ok": False,
    "ms": 12.4,
    "detail": "no answer",
    "at": "2026-11-21T20:35:00Z",
}


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> SnmpTarget:
    store = prepared.checked(f"sqlite:///{tmp_path_factory.mktemp('store') / 'linjevakt.db'}")
    store.migrate()
    keys = MasterKeys.of(Vault(store, SealKey.generate())).localized(engine_id(ROUTER, "LV-1"))
    return SnmpTarget(
        ROUTER,
        "127.0.0.1",
        USER,
        engine_id(ROUTER, "LV-1"),
        keys.auth,
        keys.privacy,
        "linjevakt.health.linjevakt",
        _free_port(),
    )


def _write_router(root: Path, target: SnmpTarget) -> None:
    """A router's files as the guard leaves them, with one confirmed generation."""
    generation = root / "var/lib/linjevakt/generations/1"
    generation.mkdir(parents=True)
    secrets = {"auth": target.auth_key, "privacy": target.privacy_key}
    files = {
        "agent.toml": AGENT.format(port=target.port, engine_id=target.engine_id),
        "network.toml": NETWORK,
        "secrets.toml": "".join(f'"snmp.{USER}.{name}" = "{key.reveal()}"\n' for name, key in secrets.items()),
        "meta.json": json.dumps({"generation": 1, "hash": "c0ffee" + "0" * 58, "committed_at": "2026-11-21T20:35:00Z"}),
    }
    for name, text in files.items():
        (generation / name).write_text(text)
    (root / "var/lib/linjevakt/confirmed").symlink_to("generations/1")
    run = root / "run/linjevakt"
    run.mkdir(parents=True)
    (root / "run/linjevakt-running").symlink_to(generation)
    (run / "lines.json").write_text(json.dumps({"lines": [LINE]}))
    (run / "probes.json").write_text(json.dumps({"probes": [PROBE]}))


@pytest.fixture(scope="module")
def polled(target: SnmpTarget, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Health]:
    """What a poll of the running agent tells."""
    root = tmp_path_factory.mktemp("router")
    _write_router(root, target)
    agent = subprocess.Popen([sys.executable, "-c", SERVE, root], stderr=subprocess.PIPE)
    try:
        yield _poll_until_answered(target)
    finally:
        agent.send_signal(signal.SIGKILL)
        agent.communicate()


def _poll_until_answered(target: SnmpTarget) -> Health:
    deadline = time.monotonic() + timing.HANGS_S
    while not (health := GufoPoller((0.5,)).poll(target)).reachable:
        assert time.monotonic() < deadline, health.detail
    return health


def test_scalars_arrive(polled: Health) -> None:
    assert (polled.router, polled.reachable) == (ROUTER, True)
    assert polled.config_hash == "c0ffee" + "0" * 58
    assert (polled.config_state, polled.revert_in_s) == ("confirmed", 0)
    assert (polled.tunnel_up, polled.line_in_use) == (False, "wan0")
    assert polled.agent_version
    assert datetime.now(UTC) - polled.at < timedelta(seconds=30)


def test_one_thing_that_the_agent_cannot_read_does_not_hide_the_others(polled: Health) -> None:
    """This router has no certificate file, so lvCertificateExpiry answers genErr; and no charon."""
    assert polled.detail == "the agent cannot read lvCertificateExpiry; tunnel: charon is not running"
    assert polled.certificate_expires is None


def test_the_tables_arrive_row_by_row(polled: Health) -> None:
    assert polled.lines == (
        LineHealth("wan0", "own_isp", "up", in_use=True, rtt_ms=1.25, changes=3, address="198.51.100.2"),
        LineHealth("wan1", "mobile", "unknown", in_use=False, rtt_ms=None, changes=0, address=""),
    )
    (probe,) = polled.probes
    assert (probe.service, probe.segment, probe.result, probe.detail) == ("dns", "legekontor", "failed", "no answer")
    assert probe.at == datetime(2026, 11, 21, 20, 35, tzinfo=UTC)


@pytest.mark.usefixtures("polled")
def test_wrong_keys_are_told_from_silence(target: SnmpTarget) -> None:
    health = GufoPoller((0.5,)).poll(replace(target, auth_key=Secret("00" * 32)))
    assert not health.reachable
    assert "SNMP" in health.detail


@pytest.mark.usefixtures("polled")
def test_a_router_that_answers_under_another_name_is_not_taken_for_ours(target: SnmpTarget) -> None:
    health = GufoPoller((0.5,)).poll(replace(target, router="rtr-other"))
    assert not health.reachable
    assert "says that it is rtr-fjellheim" in health.detail


def test_a_router_that_is_silent_is_asked_again_with_more_patience(target: SnmpTarget) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        begun = time.monotonic()
        health = GufoPoller((0.1, 0.2, 0.4)).poll(replace(target, port=silent.getsockname()[1]))
        assert 0.6 < time.monotonic() - begun < timing.HANGS_S
        silent.setblocking(False)  # noqa: FBT003 - the standard library's way
        assert len([silent.recv(2048) for _ in range(3)]) == 3
        with pytest.raises(BlockingIOError):
            silent.recv(2048)
    assert not health.reachable
    assert "no answer to SNMP from 127.0.0.1" in health.detail
