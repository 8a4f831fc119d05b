"""The life of a connection by the commands that people type."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.lab.life import Office, RefusedError
from tests.lab.stories import Life

from linjevakt_lab import provision
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = f"lvlife{os.environ.get('PYTEST_XDIST_WORKER', '')}"
TOLD = {1, 2, 3}  # the exit codes of a refusal that was foreseen


class Terminal(Office):
    """At a terminal."""

    def __init__(self, controller: Controller, folder: Path) -> None:
        super().__init__(controller)
        self._folder = folder

    def _tell(self, *arguments: object, stdin: str | None = None) -> str:
        done = self.controller.run(*map(str, arguments), stdin=stdin, check=False)
        text = " ".join((done.stdout + done.stderr).split())
        assert "Traceback" not in text
        if done.returncode:
            assert done.returncode in TOLD, text
            raise RefusedError(text)
        return done.stdout

    def _ask(self, *arguments: object) -> Any:
        return json.loads(self._tell(*arguments, "--json"))

    def order(self, kind: str, wish: Mapping[str, Any]) -> int:
        """See Office."""
        file = self._folder / f"{kind}.yaml"
        file.write_text(json.dumps(wish))  # JSON is YAML
        return int(self._ask("order", "new", kind, "--file", file)["number"])

    def advance(self, number: int, **values: str) -> dict[str, Any]:
        """See Office."""
        said = [f"{name}={value}" for name, value in values.items()]
        order: dict[str, Any] = self._ask("order", "advance", number, *said)
        return order

    def run(self, number: int) -> dict[str, Any]:
        """See Office."""
        order: dict[str, Any] = self.controller.json("order", "run", str(number), check=False)
        return order

    def bootstrap(self, number: int, identity: str) -> str:
        """See Office."""
        return self._tell("order", "stage", number, "--identity", "-", stdin=identity)

    def buy(self, serial: str) -> None:
        """See Office."""
        self._tell("stock", "add", serial, "--model", "Lab 1")

    def agree(self, organisation: str, agreement: str, by: str) -> None:
        """See Office."""
        self._tell("org", "agree", organisation, agreement, "--by", by, "--capacity", "general_manager")

    def show(self, number: int) -> dict[str, Any]:
        """See Office."""
        shown: dict[str, Any] = self._ask("order", "show", number)
        return shown

    def site(self, key: str) -> dict[str, Any]:
        """See Office."""
        shown: dict[str, Any] = self._ask("site", "show", key)
        return shown

    def boxes(self, state: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask("stock", "list", "--state", state)
        return listed

    def impact(self, router: str) -> Any:
        """See Office."""
        return self._ask("impact", "router", router)

    def history(self, kind: str, key: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask("history", kind, key)
        return listed

    def who_had(self, address: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask("address", "who", address)
        return listed


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The scenario `life`, both its sites in service."""
    with provision.raised(Scenario.named("life"), print, prefix=PREFIX) as controller:
        yield Terminal(controller, tmp_path_factory.mktemp("orders"))


class TestLife(Life):
    """See Life."""
