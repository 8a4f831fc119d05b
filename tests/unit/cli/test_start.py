"""The command line starts fast: a command loads the rooms that it enters, and no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linjevakt import resources

HEAVY = {"alembic", "cryptography", "fastapi", "napalm", "netmiko", "paramiko", "sqlalchemy", "structlog", "uvicorn"}
PROGRAM = f"""
import atexit, sys
from linjevakt.main import main
atexit.register(lambda: print("loaded:", *sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr))
main()
"""


def loaded(home: Path, *arguments: str) -> set[str]:
    """The heavy libraries that `linjevakt ARGUMENTS` had loaded when it ended."""
    environment = os.environ | {"LINJEVAKT_HOME": str(home)}
    argv = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    return set(done.stderr.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["push", "--help"],
        ["order", "new", "--help"],
        ["serve", "--help"],
        ["inventory", "check", str(resources.inventory() / "example")],
    ],
)
def test_what_needs_no_router_and_no_database_loads_neither(tmp_path: Path, arguments: list[str]) -> None:
    assert loaded(tmp_path, *arguments) == set()


def test_what_needs_the_database_alone_loads_no_device_library(tmp_path: Path) -> None:
    assert loaded(tmp_path, "inventory", "show") == {"alembic", "sqlalchemy"}
