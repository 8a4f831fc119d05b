"""Every number that a command line or the API takes has a range, which `--help` and the API's description show."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.commandline import application
from typer.main import get_command
from typer.testing import CliRunner

from linjevakt_lab.cli import app as lab

NUMBERS = (int, float)


def _parameters(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _parameters(inner, (*path, name))
    if not hasattr(command, "commands"):
        yield from ((path, parameter) for parameter in command.params)


def _is_number(annotation: Any) -> bool:
    kinds = getattr(annotation, "__args__", (annotation,))
    return any(kind in NUMBERS for kind in kinds)


def numbers(app: typer.Typer) -> list[tuple[tuple[str, ...], Any]]:
    found = _parameters(get_command(app))
    return [(path, one) for path, one in found if _is_number(one.type_descriptor.annotation)]


LINJEVAKT, LAB = application(), lab
ALL = [(app, path, one) for app in (LINJEVAKT, LAB) for path, one in numbers(app)]


def test_there_are_numbers_to_be_looked_at() -> None:
    named = {(*path, one.name) for _, path, one in ALL}
    assert {("push", "revert_in"), ("order", "show", "number"), ("serve", "poll"), ("up", "sites")} <= named


@pytest.mark.parametrize(("app", "path", "one"), ALL, ids=[" ".join((*path, one.name)) for _, path, one in ALL])
def test_a_number_out_of_its_range_is_refused_with_the_range_before_anything_is_asked(
    app: typer.Typer, path: tuple[str, ...], one: Any, tmp_path: Path
) -> None:
    assert one.min is not None
    assert one.max is not None
    for wrong, limit in ((one.min - 1, one.min), (one.max + 1, one.max), (10**20, one.max)):
        given = ["--", str(wrong)] if one.param_type_name == "argument" else [f"{one.opts[0]}={wrong}"]
        told = CliRunner(env={"COLUMNS": "200", "LINJEVAKT_HOME": str(tmp_path / "none")}).invoke(app, [*path, *given])
        assert told.exit_code == 2, told.output
        assert re.search(rf"(equal to|at least|at most) {limit}\b", told.output), told.output
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*path, "--help"]).output
    assert f"{one.min}<=x<={one.max}" in shown, shown


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_refused(value: str) -> None:
    assert CliRunner().invoke(LINJEVAKT, ["serve", f"--poll={value}"]).exit_code == 2
