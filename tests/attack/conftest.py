"""The box of the health tests, for whoever attacks it."""

from pathlib import Path

import pytest
from tests.unit.agent.health.conftest import Box, make_box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A router with two lines, two probes and an SNMP user."""
    return make_box(tmp_path)
