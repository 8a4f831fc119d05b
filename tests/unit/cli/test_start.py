"""The command line starts fast: a command loads the rooms that it enters, and no others."""

import json
import os
import subprocess
import sys
from pathlib import Path

from linjevakt import resources

HEAVY = {"alembic", "cryptography", "fastapi", "napalm", "netmiko", "paramiko", "sqlalchemy", "structlog", "uvicorn"}
PROGRAM = f"""
import atexit, json, os, sys
from linjevakt.main import main
for arguments in json.loads(sys.argv[1]):
    if child := os.fork():
        os.waitpid(child, 0)
    else:
        atexit.register(lambda: print("loaded:", *sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr))
        sys.argv[1:] = arguments
        main()
        break
"""
EXAMPLE = resources.inventory() / "example"
NEEDS = {
    "--help": set(),
    "push --help": set(),
    "order new --help": set(),
    "serve --help": set(),
    f"inventory check {EXAMPLE}": set(),
    "inventory show": {"sqlalchemy"},
    "order list": {"cryptography", "sqlalchemy"},
}


def loaded(home: Path, commands: list[str]) -> list[set[str]]:
    """The heavy libraries that `linjevakt COMMAND` had loaded when it ended, each in a process of its own."""
    environment = os.environ | {"LINJEVAKT_HOME": str(home)}
    argv = [sys.executable, "-c", PROGRAM, json.dumps([command.split() for command in commands])]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return [set(line.split()[1:]) for line in done.stderr.splitlines() if line.startswith("loaded:")]


def test_a_command_loads_neither_the_database_nor_a_device_library_unless_it_needs_them(tmp_path: Path) -> None:
    assert dict(zip(NEEDS, loaded(tmp_path, [*NEEDS]), strict=True)) == NEEDS
