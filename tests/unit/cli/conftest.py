"""The command line over a real register, with a field in memory and a clock that stands."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.unit.workorders.conftest import clock, desk, field, store
from typer.testing import CliRunner, Result

from linjevakt.cli import address, history, impact, inventory, line, order, org, push, router, service, site, stock
from linjevakt.inventory import load_catalogue
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.provisioning.fleet import Fleet
from linjevakt.settings import Settings
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

__all__ = ["clock", "desk", "field", "store"]

OWNER, SHARER = "310000019", "310000027"


@dataclass(frozen=True)
class Wired:
    office: Office
    desk: Desk
    fleet: Fleet
    catalogue: Catalogue
    settings: Settings
    stop: Stop = dataclasses.field(default_factory=Stop)


@cache
def commands() -> typer.Typer:
    app = typer.Typer()
    groups = {"order": order, "org": org, "site": site, "address": address, "stock": stock}
    for name, group in (groups | {"inventory": inventory, "service": service}).items():
        app.add_typer(group.app, name=name)
    for commands_of in (history, impact, line, push, router):
        commands_of.register(app)
    return app


class Shell:
    """Runs commands; `json` answers what they print with `--json`, once they have ended well."""

    def __init__(self, wired: Wired) -> None:
        self._wired, self._app = wired, commands()

    def __call__(self, *arguments: object, stdin: str = "", code: int = 0) -> Result:
        result = CliRunner(env={"COLUMNS": None}).invoke(
            self._app, [str(word) for word in arguments], obj=self._wired, input=stdin
        )
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def json(self, *arguments: object, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code).stdout)


@pytest.fixture
def run(store: Store, desk: Desk, tmp_path: Path) -> Shell:
    return Shell(Wired(Office(store), desk, desk.fleet, load_catalogue(None), Settings(home=tmp_path)))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """A file with that text."""

    def write(text: str) -> Path:
        file = tmp_path / "order.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
