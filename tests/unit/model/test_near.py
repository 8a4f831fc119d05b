"""Who mistypes a name is asked, in one way everywhere, whether something known was meant."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import linjevakt
from linjevakt import inventory, platforms, resources, settings
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.inventory import Inventory
from linjevakt.model.near import did_you_mean
from linjevakt.model.rules import check
from linjevakt.workorders import answers
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.machine import kind_named, wish_of

ROOT = Path(linjevakt.__file__).parent
EXAMPLE = resources.inventory() / "example"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("internett", "internet"), ("INTERNET", "internet"), ("Hub-Olso", "hub-oslo"), ("fjernhjelp", None), ("", None)],
)
def test_what_is_near_is_asked_for_and_nothing_else(word: str, meant: str | None) -> None:
    asked = did_you_mean(word, ["internet", "hub-oslo"], "There are two")
    assert asked == (f"Did you mean {meant!r}?" if meant else "There are two")


def test_no_file_asks_in_a_way_of_its_own() -> None:
    own = {str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py") if "get_close_matches" in file.read_text()}
    assert own == {"model/near.py"}


def _broken(site: str, right: str, wrong: str) -> str:
    """What the rules say first of the example with one site's text replaced."""
    fleet = inventory.load(EXAMPLE)
    plain = fleet.model_dump_json().replace(f'"{right}"', f'"{wrong}"', 1)
    spoilt = Inventory.model_validate_json(plain)
    found = check(spoilt, inventory.load_catalogue(), platforms.every())
    return next(one.remedy for one in found if one.where[0] in {site, "installation"})


def _raised(call: Callable[[], object]) -> str:
    with pytest.raises(LinjevaktError) as caught:
        call()
    return str(caught.value)


SAID: dict[str, Callable[[], str]] = {
    "'registers'": lambda: _broken("sites", "registers", "register"),
    "'linux'": lambda: _broken("installation", "linux", "linx"),
    "'line_change'": lambda: _raised(lambda: kind_named("line_chnge")),
    "'provider'": lambda: _raised(lambda: wish_of(KINDS["line_change"], {"lines": [{"provdier": "x"}]})),
    "'site'": lambda: _raised(lambda: wish_of(KINDS["line_change"], {"sit": "x"})),
    "'LINJEVAKT_HOME'": lambda: _raised(lambda: settings.load({"LINJEVAKT_HOEM": "x"})),
}


@pytest.mark.parametrize("meant", SAID)
def test_a_name_that_is_mistyped_is_answered_with_the_right_one(meant: str) -> None:
    assert f"id you mean {meant}?" in SAID[meant]()


def test_an_answer_that_is_not_asked_for_is_answered_with_the_one_that_is() -> None:
    step = next(step for step in KINDS["line_change"].steps if step.answers)
    name = step.answers[0].name
    asked = _raised(lambda: answers.read(step, {f"{name}x": "yes"}, date(2026, 11, 26)))
    assert f"{name}x is not asked for; did you mean {name!r}?" in asked
