"""NAPALM's own driver suites against a router that answers; run by others, in a place from which the router is reached.

The router is named by NAPALM's variables (NAPALM_TEST_MOCK=0, NAPALM_HOSTNAME, NAPALM_USERNAME, NAPALM_OPTIONAL_ARGS);
NAPALM_SUITE_FILES is an empty folder for the configurations, which are made from the one that the router runs.
"""

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from unittest import TestCase

import pytest
from napalm.base.test import base as napalm_base
from napalm.base.test import conftest as napalm_conftest
from napalm.base.test.getters import BaseTestGetters

from napalm_linjevakt import LinjevaktDriver
from napalm_linjevakt.parse import sections

HEADER = "#!linjevakt-config 1\n"
INTERNET, INSIDE = "8.8.8.8", "10.255.0.40"
Edit = Callable[[str], str]


class InsideDriver(LinjevaktDriver):
    """The driver in a closed network: the suite's one destination is on the internet, which no router of it reaches."""

    def ping(self, destination: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().ping(_inside(destination), *args, **kwargs)

    def traceroute(self, destination: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().traceroute(_inside(destination), *args, **kwargs)


class TestConfiguration(TestCase, napalm_base.TestConfigNetworkDriver):  # type: ignore[misc]  # NAPALM ships without types
    """Load, compare, commit, discard, roll back, merge, templates."""

    vendor: ClassVar[str] = os.environ["NAPALM_SUITE_FILES"]

    @classmethod
    def setUpClass(cls) -> None:
        """Log in, and write down the files that the suite asks for."""
        cls.device = _connected(LinjevaktDriver)
        _write_files(Path(cls.vendor), cls.device.get_config("running")["running"])


class TestGetters(BaseTestGetters):  # type: ignore[misc]  # NAPALM ships without types
    """Every getter, against the router's own tools."""

    driver = LinjevaktDriver

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _device(cls) -> Iterator[None]:
        cls.device = _connected(InsideDriver)
        yield
        cls.device.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case for each getter: the router."""
    napalm_conftest.pytest_generate_tests(metafunc, __file__)


def _connected(driver: type[LinjevaktDriver]) -> LinjevaktDriver:
    options = json.loads(os.environ["NAPALM_OPTIONAL_ARGS"])
    device = driver(os.environ["NAPALM_HOSTNAME"], os.environ["NAPALM_USERNAME"], "", optional_args=options)
    device.open()
    return device


def _inside(destination: str) -> str:
    return INSIDE if destination == INTERNET else destination


def _write_files(folder: Path, initial: str) -> None:
    moved, moved_again = _edit(initial, _moved("Rom 1")), _edit(initial, _moved("Rom 2"))
    broken = _edit(initial, lambda body: f"nonsense = 1\n{body}")
    (folder / "initial.conf").write_text(initial)
    (folder / "new_good.conf").write_text(moved)
    (folder / "new_good.diff").write_text(_diff(initial, moved))
    (folder / "new_typo.conf").write_text(broken)
    (folder / "merge_good.conf").write_text(_only_agent(moved_again))
    (folder / "merge_good.diff").write_text(_diff(moved_again, initial))
    (folder / "merge_typo.conf").write_text(_only_agent(broken))


def _edit(text: str, edit: Edit) -> str:
    body = sections(text)["agent.toml"]
    return text.replace(body, edit(body))


def _moved(room: str) -> Edit:
    return lambda body: re.sub(r'^location = ".*"$', f'location = "{room}"', body, flags=re.MULTILINE)


def _only_agent(text: str) -> str:
    return f"{HEADER}##### agent.toml\n{sections(text)['agent.toml']}"


def _diff(before: str, after: str) -> str:
    """As contract.md section 1 has it; made without the agent's code."""
    old, new = (sections(text)["agent.toml"].splitlines() for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, "running/agent.toml", "candidate/agent.toml", lineterm=""))
