"""Every rule and every shape of input: a case is the example with edits, and exactly what `load` then says."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from linjevakt import inventory, platforms, resources
from linjevakt.inventory.folder import Folder
from linjevakt.inventory.yamlfiles import Organisations
from linjevakt.model import rules
from linjevakt.model.inventory import Installation, Inventory, Site
from linjevakt.model.rules.base import Facts

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
EXAMPLE = resources.inventory() / "example"
Findings = Callable[[Path], list[str]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case_has_exactly_the_expected_findings(case: Path, tmp_path: Path, findings: Findings) -> None:
    expected = _read(case)["expect"]
    assert expected, "a case expects something"
    assert findings(edited(case, tmp_path)) == expected


def test_the_example_is_right(findings: Findings) -> None:
    assert findings(EXAMPLE) == []


def test_every_rule_is_broken_by_a_case(tmp_path: Path) -> None:
    """Since a case expects all findings, a rule that a case breaks cannot be lost unnoticed."""
    broken: set[str] = set()
    for case in CASES:
        fleet = _readable(edited(case, tmp_path / case.stem))
        if fleet:
            broken |= _broken_rules(fleet)
    names = {rule.__name__ for rule in (*rules.ALONE, *rules.FLEET)}
    assert broken == names


def _read(case: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(case.read_text(encoding="utf-8"))
    return content


def edited(case: Path, scratch: Path) -> Path:
    """The example with the case's edits, each a second after the one before; a text to replace must be there."""
    folder = Path(shutil.copytree(EXAMPLE, scratch / "inventory"))
    for n, edit in enumerate(_read(case)["edits"]):
        file = folder / edit["file"]
        _edit(file, edit)
        if file.exists():
            os.utime(file, (time.time() + n, time.time() + n))
    return folder


def _edit(file: Path, edit: dict[str, Any]) -> None:
    if edit.get("remove"):
        file.unlink()
    elif "write" in edit:
        file.parent.mkdir(exist_ok=True)
        file.write_text(edit["write"], encoding="utf-8")
    else:
        text = file.read_text(encoding="utf-8")
        assert edit["replace"] in text, f"{edit['replace']!r} is no longer in {file.name} of the example"
        file.write_text(text.replace(edit["replace"], edit["by"], 1), encoding="utf-8")


def _readable(folder: Path) -> Inventory | None:
    """The inventory without the rules; None when a file cannot be read."""
    reader = Folder(folder)
    installation = reader.read("installation.yaml", Installation)
    register = reader.read("organisations.yaml", Organisations)
    sites = [reader.read(file, Site) for file in reader.files("sites/*.yaml")]
    if installation is None or register is None:
        return None
    read = tuple(site for site in sites if site)
    return Inventory(installation=installation, organisations=register.organisations, sites=read)


def _broken_rules(fleet: Inventory) -> set[str]:
    facts = Facts(fleet, inventory.load_catalogue(), platforms.every())
    alone = {rule.__name__ for rule in rules.ALONE for site in fleet.sites if any(rule(site))}
    return alone | {rule.__name__ for rule in rules.FLEET if any(rule(facts))}
