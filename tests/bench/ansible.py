"""Runs Ansible as its users do: a playbook and an inventory in a folder, everything else as it comes."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.bench.processes import Spent, command

_QUIET = {
    "ANSIBLE_RETRY_FILES_ENABLED": "0",
    "ANSIBLE_LOCALHOST_WARNING": "0",
    "ANSIBLE_NOCOWS": "1",
    "ANSIBLE_DEPRECATION_WARNINGS": "0",
    "LC_ALL": "C.UTF-8",
}


def play(folder: Path, tasks: list[dict[str, Any]], hosts: Mapping[str, Mapping[str, Any]], forks: int) -> list[str]:
    """Write playbook and inventory to `folder`; returns the command that plays them."""
    playbook = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yaml").write_text(yaml.safe_dump(playbook, sort_keys=False))
    inventory = {"all": {"hosts": {name: dict(variables) for name, variables in hosts.items()}}}
    (folder / "hosts.yaml").write_text(yaml.safe_dump(inventory))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    return [program, "--forks", str(forks), "-i", str(folder / "hosts.yaml"), str(folder / "play.yaml")]


def environment(folder: Path) -> dict[str, str]:
    """The environment of a play: Ansible's own files stay in `folder`."""
    places = {"ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp")}
    return {**os.environ, **_QUIET, **places, "ANSIBLE_FILTER_PLUGINS": str(folder / "filter_plugins")}


def run(folder: Path, argv: list[str]) -> Spent:
    """Play it. Raises Unavailable when a task fails."""
    return command(argv, env=environment(folder), cwd=folder)
