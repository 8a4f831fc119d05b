"""NAPALM's own suites, run in the noc against a provisioned router."""

import json
import os
import sys
from pathlib import Path

from linjevakt.main import Installation
from linjevakt.settings import Settings
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
SUITE = Path(__file__).parent / "napalm_suite.py"


def test_napalms_own_suites_pass_on_a_router_in_the_lab(controller: Controller, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(SUITE)]
    done = controller.lab.run("noc", argv, env=_environment(controller, tmp_path), timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _environment(controller: Controller, files: Path) -> dict[str, str]:
    """The router's address, and the controller's key in a file that only we can read."""
    target = Installation(Settings(home=controller.home)).fleet.target(ROUTER)
    key = files / "key"
    key.touch(mode=0o600)
    key.write_text(target.private_key.reveal())
    suite = files / "suite"
    suite.mkdir(mode=0o700)
    return {
        **os.environ,
        "NAPALM_TEST_MOCK": "0",
        "NAPALM_HOSTNAME": target.address,
        "NAPALM_USERNAME": target.user,
        "NAPALM_PASSWORD": "",
        "NAPALM_OPTIONAL_ARGS": json.dumps({"host_key": target.host_key, "key_file": str(key)}),
        "NAPALM_SUITE_FILES": str(suite),
    }
