"""Copies of the shipped catalogue and templates, to break."""

import shutil
from pathlib import Path

import pytest

from linjevakt import resources


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resources.inventory() / "catalogue", tmp_path / "catalogue"))


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
