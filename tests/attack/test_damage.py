"""Every column of the database holds each kind of garbage by turns: commands and pages tell it in a sentence."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.web.test_damage import COLUMNS, GARBAGE, after_damage, home, whole

__all__ = ["home", "whole"]


@pytest.mark.attack
@pytest.mark.parametrize("value", GARBAGE)
@pytest.mark.parametrize("column", COLUMNS, ids=[".".join(column) for column in COLUMNS])
def test_whatever_a_column_holds_nobody_falls_over(
    home: Path, whole: bytes, column: tuple[str, str], value: Any
) -> None:
    assert after_damage(home, whole, column, value, commands=True) == []
