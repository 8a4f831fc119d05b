"""One made-up box for each test: guard, SSH server, and the target to log in to it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import timing
from tests.integration.ssh.server import USER, SshServer, install_agent, new_key, public

from linjevakt.devices import Target
from linjevakt.model.secret import Secret

CONFIG = """#!linjevakt-config 1
##### hostname
rtr-a
##### network.toml
[management]
address = "10.250.0.11"
##### router.crt
made up
##### ca.crt
made up
##### swanctl.conf
connections {{}}
##### nftables.conf
flush ruleset
##### authorized_keys
restrict,command="/usr/local/bin/linjevakt-agent login" {key}
##### agent.toml
router = "rtr-a"
[system]
location = "{location}"
[snmp]
listen = "10.250.0.11"
engine_id = "80007ed90501020304"
##### secrets.toml
"snmp.linjevakt.auth" = "7c1dd00f"
"""
BOX = Path(__file__).parent / "box.py"


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "box"


@pytest.fixture
def server(root: Path, key: str) -> Iterator[SshServer]:
    folder = install_agent(root)
    guard = subprocess.Popen([sys.executable, str(BOX), str(root)])
    try:
        _await(root / "run/linjevakt/guard.sock")
        with SshServer(public(key), folder).running() as server:
            yield server
    finally:
        guard.kill()
        guard.wait()


@pytest.fixture
def target(server: SshServer, key: str) -> Target:
    return Target(
        "rtr-a",
        "linjevakt.devices.linjevakt",
        "127.0.0.1",
        USER,
        Secret(key),
        server.host_key,
        timeout_s=20,
        port=server.port,
    )


def _await(path: Path) -> None:
    deadline = time.monotonic() + timing.HANGS_S
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
