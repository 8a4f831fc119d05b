"""The core knows no platform: what differs is data that some code reads, or an adapter's."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import linjevakt
from linjevakt import resources
from linjevakt.model import shape
from linjevakt.model.change import RevertTimer
from linjevakt.model.platform import Form, Interfaces, Platform

ROOT = Path(linjevakt.__file__).parent
FILES = sorted(file for file in ROOT.rglob("*.py") if file != ROOT / "model" / "platform.py")
OURS = {ROOT / "devices" / "linjevakt.py", ROOT / "health" / "linjevakt.py", ROOT / "health" / "linjevakt_mib.py"}
CORE = [
    file
    for room in ("devices", "render", "provisioning", "health", "letters", "model", "workorders", "daemons")
    for file in sorted((ROOT / room).rglob("*.py"))
    if file not in OURS
] + [ROOT / name for name in ("platforms.py", "intent.py", "reach.py", "flexpac.py")]
STAGING = "`linjevakt-agent identity --json`"
"""What people read of staging a box names the command that is run on it."""
FOREIGN = ("linjevakt-agent", "flex.pac", "encap", "napalm_linjevakt", "LINJEVAKT-MIB", "swanctl", "nftables")


def _texts(file: Path) -> Iterator[str]:
    """Every text of the code that is no docstring."""
    tree = ast.parse(file.read_text())
    prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.value.replace(STAGING, "")


@pytest.mark.parametrize("file", CORE, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_word_of_the_first_platform_is_in_the_code_of_the_core(file: Path) -> None:
    told = [text for text in _texts(file) if any(word in text for word in FOREIGN)]
    assert told == []


def _read() -> set[str]:
    """Every attribute that some code asks for."""
    trees = (ast.walk(ast.parse(file.read_text())) for file in FILES)
    return {node.attr for tree in trees for node in tree if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("model", [Platform, Interfaces])
def test_a_platform_has_no_field_that_no_code_reads(model: type[BaseModel]) -> None:
    assert set(shape.named(model)) - _read() == set()


def test_a_timer_and_a_form_are_read_where_they_are_declared() -> None:
    for kind, names in ((RevertTimer, RevertTimer.__dataclass_fields__), (Form, Form.model_fields)):
        source = (ROOT / "model" / ("change.py" if kind is RevertTimer else "platform.py")).read_text()
        asked = _read() | {name for name in names if f"self.{name}" in source}
        assert set(names) - asked == set()


def test_every_setting_of_a_platform_is_in_some_template_of_it() -> None:
    for file in resources.templates().glob("*/platform.toml"):
        templates = "".join(template.read_text() for template in file.parent.glob("*.j2"))
        settings = tomllib.loads(file.read_text())["settings"]
        assert [name for name in settings if f"settings.{name}" not in templates] == []
