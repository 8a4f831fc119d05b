"""Attacks that take long: a box and a fleet to attack, and how much is to be tried."""

import os
from pathlib import Path

import pytest
from tests.unit.agent.health.conftest import Box, make_box
from tests.unit.web.conftest import client, database, desk, nudged, populated

__all__ = ["client", "database", "desk", "nudged", "populated"]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A router with two lines, two probes and an SNMP user."""
    return make_box(tmp_path)


@pytest.fixture(scope="session")
def seed() -> int:
    """What the attacker's dice begin with; another one by ATTACK_SEED."""
    return int(os.environ.get("ATTACK_SEED", "8"))


@pytest.fixture(scope="session")
def count() -> int:
    """How many inputs each fuzzer tries."""
    return int(os.environ.get("ATTACK_COUNT", "20000"))
