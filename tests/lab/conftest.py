"""One lab for the whole session: the example inventory, staged, pushed and proven by the real commands."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = os.environ.get("LINJEVAKT_LAB") or f"lvt{os.environ.get('PYTEST_XDIST_WORKER', '')}"  # a lab a worker

pytestmark = pytest.mark.lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs root and raises the lab."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def controller() -> Iterator[Controller]:
    """A controller whose whole fleet is proven."""
    os.environ["LINJEVAKT_LAB"] = PREFIX
    with provision.raised(Scenario.named("example"), print) as controller:
        yield controller


@pytest.fixture
def lab(controller: Controller) -> Iterator[Lab]:
    """The provisioned lab; whatever a test broke is mended afterwards."""
    yield controller.lab
    controller.lab.mend_all()
