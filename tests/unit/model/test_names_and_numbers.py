"""No message names its router twice, and none shows the number of a system's error: `[Errno 2]` helps nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from linjevakt.model import system
from linjevakt.model.errors import about, apart

ROOT = Path(__file__).parents[3]
SOURCES = sorted(
    file
    for folder in ("controller/linjevakt", "controller/napalm_linjevakt", "agent/linjevakt_agent", "lab/linjevakt_lab")
    for file in (ROOT / folder).rglob("*.py")
)
OF_THE_SYSTEM = {
    "OSError",
    *(kind.__name__ for kind in OSError.__subclasses__() if kind.__module__ == "builtins"),
    "SSHException",
}


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _bare(handler: ast.ExceptHandler) -> Iterator[int]:
    """Lines that put the error itself into a text."""
    for node in ast.walk(handler):
        shown: ast.expr | None = None
        if isinstance(node, ast.FormattedValue):
            shown = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
            shown = node.args[0]
        if isinstance(shown, ast.Name) and shown.id == handler.name:
            yield shown.lineno


def _shown_with_number(file: Path) -> list[int]:
    handlers = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ExceptHandler)]
    return [
        line
        for handler in handlers
        if handler.name and handler.type is not None and _names(handler.type) & OF_THE_SYSTEM
        for line in _bare(handler)
    ]


def test_no_message_shows_a_systems_error_as_python_prints_it() -> None:
    found = {str(file.relative_to(ROOT)): lines for file in SOURCES if (lines := _shown_with_number(file))}
    assert len(SOURCES) > 250
    assert found == {}


def test_the_walk_finds_what_it_looks_for(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("try:\n    f()\nexcept (ValueError, OSError) as error:\n    raise X(f'no: {error}') from error\n")
    assert _shown_with_number(file) == [4]


@pytest.mark.parametrize("number", [*system._WORDS, 99999])  # noqa: SLF001 - all that it has words for
def test_a_sentence_names_the_path_and_no_number(number: int) -> None:
    said = system.sentence(OSError(number, "What the system calls it", "/tmp/a file"))  # noqa: S108 - is not opened
    assert said.startswith("/tmp/a file ")  # noqa: S108
    assert said.endswith((".", "it"))
    assert "Errno" not in said


@pytest.mark.parametrize("error", [OSError(), OSError("said"), OSError(2, "No such thing"), OSError(None, "Unable")])
def test_an_error_without_a_path_is_a_reason(error: OSError) -> None:
    assert system.sentence(error) in {"OSError.", "said.", "No such thing.", "Unable."}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("rtr-x is not staged", "rtr-x is not staged"),
        ("rtr-x: no answer", "rtr-x: no answer"),
        ("no answer", "rtr-x: no answer"),
        ("rtr-x2 has its address", "rtr-x: rtr-x2 has its address"),
        ("rtr-x-y has its address", "rtr-x: rtr-x-y has its address"),
    ],
)
def test_a_name_stands_before_a_message_once(message: str, shown: str) -> None:
    assert about("rtr-x", message) == shown
    assert about("rtr-x", about("rtr-x", message)) == shown


def test_where_the_name_stands_already_it_is_left_out() -> None:
    assert apart("rtr-x", "rtr-x: no answer") == "no answer"
    assert apart("rtr-x", "no answer") == "no answer"
