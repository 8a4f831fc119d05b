"""Tens of thousands of leases that no honest server gives: none upsets the agent, none is taken that may not be."""

import os
import time
from pathlib import Path

import pytest
from tests import hostile_leases

pytestmark = pytest.mark.attack

SEED = int(os.environ.get("LINJEVAKT_FUZZ_SEED", "8"))
COUNT = int(os.environ.get("LINJEVAKT_FUZZ_COUNT", "30000"))
BY_HOOK = COUNT // 20  # each is a shell


def test_no_lease_file_whatever_upsets_the_agent() -> None:
    dice, began = hostile_leases.seeded(SEED), time.monotonic()
    leases = sum(hostile_leases.held(hostile_leases.text(dice)) for _ in range(COUNT))
    print(f"seed {SEED}: {COUNT} lease files, {leases} of them leases, {time.monotonic() - began:.1f} s")
    assert 0 < leases < COUNT


def test_no_environment_whatever_makes_the_hook_write_what_the_server_wants(tmp_path: Path) -> None:
    dice, began = hostile_leases.seeded(SEED), time.monotonic()
    leases = sum(hostile_leases.told(dice, tmp_path) for _ in range(BY_HOOK))
    print(f"seed {SEED}: {BY_HOOK} environments of the hook, {leases} leases, {time.monotonic() - began:.1f} s")
