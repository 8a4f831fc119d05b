"""Whatever a person may read has its Norwegian: no sentence of the code is English alone, and no Norwegian is idle."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import linjevakt
from linjevakt import norwegian
from linjevakt.norwegian.wishes import WISHES
from linjevakt.norwegian.words import WORDS
from linjevakt.web import language

ROOT = Path(linjevakt.__file__).parent
FILES = sorted(file for file in ROOT.rglob("*.py") if "norwegian" not in file.parts and file.name != "saying.py")
READ = {"Finding", "Issue", "Leg", "echo", "Rows", "add_row", "require_yes", "Waiting", "add_task", "heard"}
"""Calls whose texts a person reads; so do those of every error that is raised."""
BUGS = {"TypeError", "KeyError", "AssertionError", "NotImplementedError", "StopIteration", "AttributeError"}
BY_KIND = {"PydanticCustomError"}
"""Errors that `model.wording` says by what kind they are of."""

OTHERWISE = {
    "register": "inventar",
    "installasjon": "anlegg",
    "organisasjon": "virksomhet",
    "adressepool": "pool",
    "lokasjon": "site",
    "ruter": "router",
    "tjener": "server",
    "proxy": "mellomtjener",
    "endring": "push",
    "klargjort": "staget",
    "mislykket": "feilet",
    "mistet": "tapt",
    "leverandør": "tilbyder",
}
"""What a thing is called in Norwegian, and the beginning of what it is not called."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in FILES:
        yield file, ast.parse(file.read_text())


def _name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node) == name)


def has_words(template: str) -> bool:
    """Whether a template says anything but what is filled in."""
    return bool(re.search(r"[^\W\d_]", re.sub(r"\{[^}]*\}", "", template)))


def _filled(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


SAID = {
    call.args[0].value: f"{file.relative_to(ROOT)}:{call.lineno}"
    for file, tree in _trees()
    for call in _calls(tree, "Saying")
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
}


def test_a_template_stands_where_it_is_said() -> None:
    """Neither a variable nor an f-string, which nobody could look up."""
    for file, tree in _trees():
        for call in _calls(tree, "Saying"):
            assert call.args, f"{file}:{call.lineno}"
            assert isinstance(call.args[0], ast.Constant), f"{file}:{call.lineno}"


@pytest.mark.parametrize("template", [one for one in SAID if has_words(one)])
def test_every_sentence_has_its_norwegian(template: str) -> None:
    assert template in norwegian.SENTENCES, SAID[template]
    assert _filled(norwegian.SENTENCES[template]) == _filled(template), SAID[template]


def test_no_norwegian_is_left_over() -> None:
    for room in pkgutil.iter_modules(norwegian.__path__, "linjevakt.norwegian."):
        sentences = getattr(importlib.import_module(room.name), "SENTENCES", {})
        assert not set(sentences) - set(SAID), room.name
        assert not set(sentences) & set(WORDS), room.name


def test_a_sentence_has_one_norwegian() -> None:
    """Of two rooms that say the same, one would be idle, and may say it otherwise."""
    rooms = [
        importlib.import_module(room.name) for room in pkgutil.iter_modules(norwegian.__path__, "linjevakt.norwegian.")
    ]
    said = [sentence for room in rooms for sentence in getattr(room, "SENTENCES", {})]
    assert [sentence for sentence, times in Counter(said).items() if times > 1] == []


@pytest.mark.parametrize(("term", "other"), OTHERWISE.items())
def test_one_thing_has_one_term(term: str, other: str) -> None:
    pages = language.WORDS["nb"]
    said = [*norwegian.SENTENCES.values(), *WISHES.values(), *pages.values()]
    found = [one for one in said if re.search(rf"\b{other}", _prose(one), re.IGNORECASE)]
    assert found == [], f"say {term}"


def _prose(sentence: str) -> str:
    """Without what is typed, filled in, or called so."""
    return re.sub(r"`[^`]*`|\{[^}]*\}|--\w+|linjevakt \w+|\S+\.yaml|\([a-z]+\)", "", sentence)


def _english(node: ast.expr, function: ast.AST) -> bool:
    """Whether it is, or may be, a text with words that is no saying."""
    match node:
        case ast.Constant(value=str(text)):
            return has_words(text)
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.Constant) and has_words(str(part.value)) for part in parts)
    return any(_english(one, function) for one in _alternatives(node, function))


def _alternatives(node: ast.expr, function: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
            yield from (one, other)
        case ast.BoolOp(values=values):
            yield from values
        case ast.Name(id=name):
            yield from _assigned(name, function)


def _assigned(name: str, function: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            yield node.value


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _texts(function: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc).endswith("Error"):
            yield from () if _name(node.exc) in BUGS | BY_KIND else node.exc.args
        elif isinstance(node, ast.Call) and _name(node) in READ:
            yield from (*node.args, *(word.value for word in node.keywords))


def english_alone(file: Path) -> list[str]:
    """Where in a file a person would read English whatever language is spoken."""
    functions = _functions(ast.parse(file.read_text()))
    found = {(text.lineno, ast.unparse(text)) for one in functions for text in _texts(one) if _english(text, one)}
    return [f"{file.relative_to(ROOT)}:{line}: {text}" for line, text in sorted(found)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_that_a_person_reads_is_english_alone(file: Path) -> None:
    assert english_alone(file) == []
