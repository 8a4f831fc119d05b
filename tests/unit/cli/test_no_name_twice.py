"""A router's name stands once where a command tells of it: not `rtr-x: rtr-x is not staged yet`."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from tests import prepared
from tests.commandline import application
from tests.registers import save_inventory
from tests.unit.web.conftest import KEY
from typer.testing import CliRunner

from linjevakt.model.inventory import Inventory

ROUTER = "rtr-fjellheim"
COMMANDS = (
    ("plan", ROUTER),
    ("plan", "--all"),
    ("push", ROUTER),
    ("settle", ROUTER),
    ("health", ROUTER),
    ("router", "show", ROUTER),
    ("router", "stolen", ROUTER, "--reason", "x"),
    ("line", "openings", f"{ROUTER}.wan0"),
    ("impact", "router", f"{ROUTER}x"),
    ("router", "show", f"{ROUTER}x"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, inventory: Inventory) -> Path:
    """An installation whose routers were never staged."""
    home = tmp_path_factory.mktemp("home")
    with closing(prepared.checked(prepared.migrated(home))) as store:
        save_inventory(store, inventory, "kari")
    KEY.write(home / "key")
    home.chmod(0o700)
    return home


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_stands_once(home: Path, command: tuple[str, ...], language: str) -> None:
    told = CliRunner(env={"LINJEVAKT_HOME": str(home), "LINJEVAKT_LANG": language}).invoke(application(), command)
    assert told.output
    assert "Traceback" not in told.output
    assert not re.search(r"\b((?:rtr|hub)-[a-z]+)\b: (?:\w+: )?\1\b", told.output), told.output
