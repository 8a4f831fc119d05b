"""Tens of thousands of leases that no honest server gives: none upsets the agent, none is taken that may not be."""

import time
from pathlib import Path

import pytest
from tests import hostile_leases

pytestmark = pytest.mark.attack

SHELLS = 20  # a hook is a shell: so many lease files for one of it


def test_no_lease_file_whatever_upsets_the_agent(seed: int, count: int) -> None:
    dice, began = hostile_leases.seeded(seed), time.monotonic()
    leases = sum(hostile_leases.held(hostile_leases.text(dice)) for _ in range(count))
    print(f"seed {seed}: {count} lease files, {leases} of them leases, {time.monotonic() - began:.1f} s")
    assert 0 < leases < count


def test_no_environment_whatever_makes_the_hook_write_what_the_server_wants(
    tmp_path: Path, seed: int, count: int
) -> None:
    dice, began = hostile_leases.seeded(seed), time.monotonic()
    count //= SHELLS
    leases = sum(hostile_leases.told(dice, tmp_path) for _ in range(count))
    print(f"seed {seed}: {count} environments of the hook, {leases} leases, {time.monotonic() - began:.1f} s")
