"""NAPALM's own getter suite over recorded outputs: a new case is a new folder under `mocked_data`."""

import re
from typing import Any

import pytest
from napalm.base.test import conftest as napalm_conftest
from napalm.base.test.double import BaseTestDouble
from napalm.base.test.getters import BaseTestGetters

from napalm_linjevakt import LinjevaktDriver
from napalm_linjevakt.transport import Answer


class RecordedSsh(BaseTestDouble):  # type: ignore[misc]  # NAPALM ships without types
    """Answers commands from files; a last line `[exit N]` is the exit status, and makes the text stderr."""

    alive = True

    def run(self, command: str, stdin: str = "") -> Answer:
        del stdin
        text = self.read_txt_file(self.find_file(f"{self.sanitize_text(command)}.txt"))
        failed = re.search(r"\[exit (\d+)\]\n$", text)
        return Answer("", text[: failed.start()], int(failed[1])) if failed else Answer(text, "", 0)

    def close(self) -> None:
        """Nothing to hang up."""


class RecordedDriver(LinjevaktDriver):
    """The driver over recordings."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, optional_args)
        self.patched_attrs = ["device"]

    def open(self) -> None:
        self.device = RecordedSsh()


@pytest.fixture(scope="class", autouse=True)
def _device(request: pytest.FixtureRequest) -> None:
    request.cls.driver = LinjevaktDriver
    request.cls.patched_driver = RecordedDriver
    napalm_conftest.set_device_parameters(request)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    napalm_conftest.pytest_generate_tests(metafunc, __file__)


class TestGetters(BaseTestGetters):  # type: ignore[misc]  # NAPALM ships without types
    """Every getter that NAPALM knows, those that we lack included: they are skipped by NAPALM itself."""
