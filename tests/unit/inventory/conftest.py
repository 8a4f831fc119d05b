"""Copies of the example inventory, and what `load` says about a folder."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from linjevakt import inventory, resources
from linjevakt.model.errors import InventoryError

Findings = Callable[[Path], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example to spoil."""
    return Path(shutil.copytree(resources.inventory() / "example", tmp_path / "inventory"))


@pytest.fixture
def findings() -> Findings:
    """What `load` says about a folder, a line a finding; empty when the folder is right."""
    return _findings


def _findings(folder: Path) -> list[str]:
    try:
        inventory.load(folder)
    except InventoryError as error:
        return [str(issue) for issue in error.issues]
    return []
