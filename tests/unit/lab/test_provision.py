"""The lab's controller: a second `make demo` leaves alone what was changed since the first."""

import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from linjevakt import resources
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import found


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
