"""The agent's rooms are those of the architecture page, and what calls itself pure is held to it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import linjevakt_agent

AGENT = Path(linjevakt_agent.__file__).parent
CHECKOUT = Path(__file__).parents[3]
CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PURE = re.compile(r"\b[Pp]ure\b|no I/O")


def contract(name: str) -> dict[str, list[str]]:
    return next(contract for contract in CONTRACTS if contract["name"].startswith(name))


def calling_themselves_pure() -> Iterator[str]:
    for file in AGENT.rglob("*.py"):
        told = ast.get_docstring(ast.parse(file.read_text())) or ""
        if file.name != "__init__.py" and PURE.search(told.partition("\n")[0]):
            yield ".".join(file.relative_to(AGENT.parent).with_suffix("").parts)


def test_what_calls_itself_pure_is_held_to_it() -> None:
    assert set(calling_themselves_pure()) == set(contract("What decides on the agent is pure")["source_modules"])


def test_the_architecture_page_draws_the_rooms_that_the_contract_orders() -> None:
    _, _, page = (CHECKOUT / "docs" / "architecture.md").read_text().partition("## The agent")
    drawn = [row[:36] for row in page.split("```")[1].strip().splitlines()]
    ordered = [room for layer in contract("Rooms of the agent")["layers"] for room in re.findall(r"\w+", layer)]
    assert re.findall(r"\w+", " ".join(drawn)) == [room for room in ordered if room != "__main__"]


def test_each_room_says_in_one_sentence_what_it_is_for() -> None:
    for room in AGENT.glob("*/__init__.py"):
        told = ast.get_docstring(ast.parse(room.read_text())) or ""
        assert re.fullmatch(r"[^\n]+\.", told), room
