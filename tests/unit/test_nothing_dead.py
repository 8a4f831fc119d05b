"""What is written down in the controller or the agent is called by one of them, by the lab, or by a framework."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.documents import CHECKOUT

PRODUCT = ("controller", "agent")
CALLERS = (*PRODUCT, "lab", "templates")
TEXTS = {".j2", ".html", ".toml", ".service", ".sh", ""}
"""Files beside Python whose words call something: templates, entry points, what starts a service."""

FRAMEWORKS = {
    "handle_management_operation",  # pysnmp
    "missing_host_key",  # paramiko
    "process_bind_param",  # SQLAlchemy
    "process_result_value",
}
"""What they call on classes of ours; NAPALM calls all that begins with `get_`."""

_WORD = re.compile(r"[A-Za-z_]\w*")


def definitions(tree: ast.AST) -> Iterator[str]:
    """Every function, method and class whose name is how it is called: no decorator has taken it elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_elsewhere(node)
        ):
            yield node.name


def _is_elsewhere(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    ours = {"property", "cached_property", "classmethod", "staticmethod", "override", "contextmanager", "cache"}
    decorators = {ast.unparse(one).partition("(")[0] for one in node.decorator_list}
    return node.name.startswith(("__", "get_")) or bool(decorators - ours)


def mentions(tree: ast.AST) -> Iterator[str]:
    """Every name that code reads, imports or has in a text that is no docstring; a function within itself apart."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield from _WORD.findall(text)


def _files(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from (file for file in sorted((CHECKOUT / folder).rglob("*")) if file.is_file())


def _trees(folders: tuple[str, ...]) -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text()) for file in _files(folders) if file.suffix == ".py"}


def dead(product: dict[Path, ast.Module], called: set[str]) -> list[str]:
    """What nothing of `called` calls, with the file that it stands in."""
    return [
        f"{file.name}: {name}" for file, tree in product.items() for name in definitions(tree) if name not in called
    ]


def test_everything_is_called() -> None:
    called = {name for tree in _trees(CALLERS).values() for name in mentions(tree)}
    texts = (file.read_text() for file in _files(CALLERS) if file.suffix in TEXTS)
    called |= {word for text in texts for word in _WORD.findall(text)}
    assert dead(_trees(PRODUCT), called | FRAMEWORKS) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def one(): ...", ["one"]),
        ("class One:\n    def two(self): ...\nOne()", ["two"]),
        ("class One:\n    @property\n    def two(self): ...\nOne()", ["two"]),
        ("def one(): 'As one is.'", ["one"]),
        ("def one(): ...\nrows = map(one, ())", []),
        ("def one(): ...\ngetattr(x, 'one')", []),
        ("class One:\n    def two(self): ...\nOne().two()", []),
        ("@app.get('/one')\ndef one(): ...", []),
    ],
)
def test_what_nothing_calls_is_found(code: str, found: list[str]) -> None:
    tree = ast.parse(code)
    assert dead({Path("a.py"): tree}, set(mentions(tree))) == [f"a.py: {name}" for name in found]
