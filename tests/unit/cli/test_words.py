"""Norwegian commands: no state or kind that they show lacks its Norwegian, and no word of theirs is idle."""

from enum import StrEnum
from typing import get_args

import pytest
from tests.unit.cli.conftest import Shell
from tests.unit.norwegian.test_sentences import SAID

from linjevakt import reach
from linjevakt.cli import orderkinds
from linjevakt.cli.words import word
from linjevakt.health import linjevakt_mib as oids
from linjevakt.model.change import PushState
from linjevakt.model.entity import EntityKind
from linjevakt.model.equipment import Whereabouts
from linjevakt.model.inventory import Category, LineKind
from linjevakt.model.order import Claim, OrderState
from linjevakt.model.record import Reason, Stage
from linjevakt.norwegian.wishes import WISHES
from linjevakt.norwegian.words import WORDS
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.step import Kind

STATES: tuple[type[StrEnum], ...] = (PushState, Whereabouts, OrderState, Reason, Stage, EntityKind, Category, LineKind)
OIDS = (
    oids.CONFIG_STATES,
    oids.LINE_KINDS,
    oids.LINE_STATES,
    oids.PROBE_RESULTS,
    oids.STORAGE_STATES,
    oids.TUNNEL_STATES,
)


def _named(kind: type) -> set[str]:
    """The patterns that have a name in what an order asks for."""
    return {row.type for row in orderkinds.fields_of(kind.model_json_schema())}  # type: ignore[attr-defined]  # it is a model


def _told() -> set[str]:
    """Every state and kind of the model that a command shows."""
    told = {str(state) for states in STATES for state in states}
    told |= {state for states in OIDS for state in states.values()}
    told |= {*get_args(reach.Outcome), *get_args(reach.What), *get_args(Kind.__annotations__["about"])}
    told |= {*get_args(Claim.model_fields["purpose"].annotation), "hub", "site"}
    return told | {"ok", "degraded", "down", "unknown", "none", "next", "later", "done"}


def test_every_state_that_is_shown_has_its_norwegian() -> None:
    assert [state for state in _told() if not word(state).said("nb")] == []


def test_no_word_is_idle() -> None:
    plain = {state if state in WORDS else state.replace("_", " ") for state in _told()}
    types = {str(one) for kind in KINDS.values() for row in _named(kind.wish) for one in row.split(" or ")}
    assert set(WORDS) - set(SAID) - plain - types == set()


def test_every_kind_of_order_tells_what_it_is_about_in_norwegian(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    english = {kind.key: run.json("order", "kinds", kind.key)["about"] for kind in KINDS.values()}
    assert set(WISHES) == set(english.values())
    monkeypatch.setenv("LINJEVAKT_LANG", "nb")
    for key, about in english.items():
        told = run("order", "kinds", key).stdout
        assert WISHES[about] in told.replace("\n", " ")
        assert about not in told


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
