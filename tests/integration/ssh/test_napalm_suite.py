"""NAPALM's own configuration suite over SSH against the agent's real guard."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.integration.ssh.conftest import CONFIG
from tests.integration.ssh.server import SshServer

from linjevakt.devices import Target, connect
from linjevakt.model.secret import Secret

SUITE = Path(__file__).parents[2] / "lab/napalm_suite.py"


def test_napalms_own_configuration_suite_passes(server: SshServer, target: Target, tmp_path: Path) -> None:
    with connect(target) as device:
        device.load(Secret(CONFIG.format(key=server.user_key, location="Oslo")), replace=True)
        device.commit(None, "staging")
    (tmp_path / "key").write_text(target.private_key.reveal())
    (tmp_path / "suite").mkdir()
    options = {"host_key": target.host_key, "key_file": str(tmp_path / "key"), "port": target.port}
    environment = {
        **os.environ,
        "NAPALM_TEST_MOCK": "0",
        "NAPALM_HOSTNAME": target.address,
        "NAPALM_USERNAME": target.user,
        "NAPALM_OPTIONAL_ARGS": json.dumps(options),
        "NAPALM_SUITE_FILES": str(tmp_path / "suite"),
    }
    argv = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", f"{SUITE}::TestConfiguration"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout
