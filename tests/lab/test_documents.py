"""README.md and docs/orders.md, tried out: each command runs as it stands, in order, and prints what is shown."""

import os
from pathlib import Path

import pytest
from tests.documents import ORDERS, README, is_as_shown, run, shown

from linjevakt_lab import provision
from linjevakt_lab.scenario import Scenario

PREFIX = f"{os.environ.get('LINJEVAKT_LAB') or 'lv'}doc{os.environ.get('PYTEST_XDIST_WORKER', '')}"
WITHIN_S = 120.0  # on two busy processors; 30 to 40 s of it are the lab's


@pytest.mark.parametrize(
    ("document", "scenario"), [(README, "example"), (ORDERS, "life")], ids=lambda given: getattr(given, "stem", given)
)
def test_the_commands_run_as_they_stand(document: Path, scenario: str, tmp_path: Path) -> None:
    with provision.raised(Scenario.named(scenario), print, prefix=PREFIX):
        printed = run(document, tmp_path, lab=PREFIX, within_s=WITHIN_S)
    steps = zip(shown(document), printed, strict=True)
    wrong = [(step, said) for step, said in steps if not is_as_shown(step, said)]
    assert wrong == [], "\n".join(f"{at.where}: $ {at.command}\n{said}\nand not\n{at.prints}" for at, said in wrong)
