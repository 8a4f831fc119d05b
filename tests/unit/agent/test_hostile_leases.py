"""Some hundred leases that no honest server gives; tests/attack tries tens of thousands."""

from pathlib import Path

from tests import hostile_leases

SEED = 8


def test_no_lease_file_whatever_upsets_the_agent() -> None:
    dice = hostile_leases.seeded(SEED)
    leases = sum(hostile_leases.held(hostile_leases.text(dice)) for _ in range(500))
    assert 0 < leases < 500


def test_no_environment_whatever_makes_the_hook_write_what_the_server_wants(tmp_path: Path) -> None:
    dice = hostile_leases.seeded(SEED)
    for _ in range(40):
        hostile_leases.told(dice, tmp_path)
