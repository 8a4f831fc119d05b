"""The page on the architecture draws the rooms of the controller as the import contract has them."""

import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def _contract() -> list[str]:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (rooms,) = (one["layers"] for one in contracts if one["name"].startswith("Rooms of the controller"))
    return list(rooms)


def test_the_page_draws_the_rooms_of_the_contract() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text()
    drawn = page.partition("## Rooms of the controller")[2].split("```")[1].strip().splitlines()
    assert [line.split("  ")[0].strip() for line in drawn] == _contract()
