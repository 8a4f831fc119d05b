"""Schemathesis asks the API everything that its description allows, and much that it does not, and finds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.web.living import desk_over, filled, live, served

from linjevakt.model.inventory import Inventory

_CONFIG = Path(__file__).parent / "schemathesis.toml"
_HOOKS = Path(__file__).parent / "schemathesis_hooks.py"
_EXPECTED_OPERATIONS = 44
_LONGEST_S = 300  # it takes some 40 s on two idle cores


def _schemathesis(url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    argv: list[str | Path] = [
        Path(sys.executable).parent / "st",
        "--config-file",
        _CONFIG,
        "run",
        f"{url}/api/v1/openapi.json",
        "--no-color",
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(_HOOKS)}
    return subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=_LONGEST_S, check=False
    )


@pytest.mark.timeout(_LONGEST_S + 60)
def test_schemathesis_finds_nothing(tmp_path: Path, inventory: Inventory) -> None:
    store = filled(tmp_path, inventory)
    desk, field = desk_over(store)
    live(desk, field)
    before = len(desk.orders(every=True))
    with served(desk) as url:
        found = _schemathesis(url, tmp_path)
    assert found.returncode == 0, found.stdout[-8000:] + found.stderr[-2000:]
    assert f"Tested: {_EXPECTED_OPERATIONS}" in found.stdout
    assert len(desk.orders(every=True)) > before, "it got no order taken: it asked too little"
    store.close()
