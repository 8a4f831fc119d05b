"""Norwegian commands: no heading, label or state that they show lacks its Norwegian."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from inspect import getsource
from types import ModuleType
from typing import get_args

import pytest
from tests.unit.cli.conftest import Shell

from linjevakt import reach
from linjevakt.cli import history, impact, order, orderkinds, ordertext, revoked, router, routertext, stock
from linjevakt.cli.language import Tongue
from linjevakt.cli.words import word
from linjevakt.health import oids
from linjevakt.model.change import PushState
from linjevakt.model.equipment import Whereabouts
from linjevakt.model.order import OrderState
from linjevakt.model.record import Reason, Stage
from linjevakt.workorders.step import Kind

SHOWING = (history, impact, order, orderkinds, ordertext, revoked, router, routertext, stock)
STATES: tuple[type[StrEnum], ...] = (PushState, Whereabouts, OrderState, Reason)


def _words(module: ModuleType) -> Iterator[str]:
    """Every text that the module puts into the reader's language: by `word`, as a label, or among a table's heads."""
    for node in ast.walk(ast.parse(getsource(module))):
        match node:
            case ast.Call(func=ast.Name("word" | "_labelled" | "_detail"), args=[ast.Constant(str(text)), *_]):
                yield text
            case ast.Yield(ast.Tuple([ast.Constant(str(text)), *_])) if text:
                yield text
            case ast.Tuple(elements) if elements and all(_is_head(element) for element in elements):
                yield from (str(ast.literal_eval(element)) for element in elements)


def _is_head(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1].isupper()


@pytest.mark.parametrize("module", SHOWING, ids=lambda module: module.__name__)
def test_every_text_of_a_command_has_its_norwegian(module: ModuleType) -> None:
    found = set(_words(module))
    assert found or module is router
    assert [text for text in found if not word(text, Tongue.NB)] == []


@pytest.mark.parametrize("module", SHOWING, ids=lambda module: module.__name__)
def test_no_table_has_a_heading_of_one_language(module: ModuleType) -> None:
    calls = [node for node in ast.walk(ast.parse(getsource(module))) if isinstance(node, ast.Call)]
    tables = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Rows"]
    assert [ast.unparse(call) for call in tables if any(isinstance(head, ast.Constant) for head in call.args)] == []


def test_every_state_that_is_shown_has_its_norwegian() -> None:
    told = {str(state) for states in STATES for state in states}
    told |= {str(state).replace("_", " ") for state in (*Stage, "ok", "degraded", "down", "unknown")}
    for states in (oids.CONFIG_STATES, oids.LINE_KINDS, oids.LINE_STATES, oids.PROBE_RESULTS, oids.TUNNEL_STATES):
        told |= set(states.values())
    told |= set(oids.STORAGE_STATES.values())
    told |= {*get_args(reach.Outcome), *get_args(reach.What), *get_args(Kind.__annotations__["about"])}
    assert [state for state in told if not word(state, Tongue.NB)] == []


def test_a_word_keeps_the_places_of_its_values() -> None:
    """A sentence that is filled in loses nothing by being said in Norwegian."""
    holders = {text for module in SHOWING for text in _words(module) if "{" in text}
    assert holders
    for text in holders:
        assert _places(word(text, Tongue.NB)) == _places(text)


def _places(text: str) -> list[str]:
    return sorted(part.split("}")[0] for part in text.split("{")[1:])


def test_commands_speak_norwegian(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    run("stock", "add", "LV-9", "--model", "Eksempelboks 4")
    monkeypatch.setenv("LINJEVAKT_LANG", "nb")
    assert "Serienr." in run("stock", "list").stdout
    assert "på lager" in run("stock", "list").stdout
    assert "Ny lokasjon" in run("order", "kinds").stdout
    assert "Spør om" in run("order", "kinds", "new_site").stdout
    told = run("impact", "router", "rtr-fjellheim").stdout
    assert "ruter rtr-fjellheim: 1 lokasjon ute, 0 på annen linje; 2 organisasjoner rammet" in told
    assert "Ruter" in run("router", "list").stdout
    assert "tilstand     ukjent" in run("router", "show", "rtr-fjellheim").stdout
    assert "ingenting ble endret" in run("history", "--order", 99).stdout
