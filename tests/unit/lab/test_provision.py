"""The lab's controller: a second `make demo` leaves alone what was changed since the first."""

import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from linjevakt import resources
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import controller, found


class Here:
    """A lab whose `noc` is this machine."""

    def __init__(self, state: Path) -> None:
        self.state, self.inventory_path = state, resources.inventory() / "example"

    def run(
        self, _place: str, argv: list[str], *, check: bool = True, **options: Any
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(argv, check=check, capture_output=True, text=True, **options)


@pytest.mark.process
def test_a_controller_in_use_keeps_its_inventory(tmp_path: Path) -> None:
    lab = cast(Lab, Here(tmp_path))
    controller = found(lab)
    assert len(controller.json("inventory", "show")) == 4
    controller.run("inventory", "export", str(tmp_path / "mine"))
    (tmp_path / "mine/sites/solbakken.yaml").unlink()
    controller.run("inventory", "import", str(tmp_path / "mine"), "--remove", "1")
    assert len(found(lab).json("inventory", "show")) == 3


def test_the_settings_of_whoever_runs_the_lab_are_not_those_of_its_controller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "DATABASE_URL", "KEY", "KEY_FILE", "TEMPLATES", "CATALOGUE", "HOSTS", "LANG"):
        monkeypatch.setenv(f"LINJEVAKT_{name}", "mine")
    told = controller(cast(Lab, Here(tmp_path))).environment
    assert {name for name, value in told.items() if value == "mine"} == {"LINJEVAKT_LANG"}
    assert told["LINJEVAKT_HOME"] == str(tmp_path / "controller")
