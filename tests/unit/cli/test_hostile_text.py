"""Whatever the register holds, every command shows it as text: no markup, no escape code, no line that it forged."""

import json
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from tests import hostile
from tests.registers import save_inventory
from tests.unit.cli.conftest import OWNER, Wired, commands
from tests.unit.cli.test_order import MOVE, wishes
from typer.main import get_command
from typer.testing import CliRunner, Result

from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.inventory import load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import Evidence, FailedLeg, Order, Trouble
from linjevakt.model.phrase import Phrase
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SHOWN = (  # those that are no list, and what they are asked about
    ("inventory", "show"),
    ("inventory", "show", "fjellheim"),
    ("site", "show", "fjellheim"),
    ("org", "show", OWNER),
    ("org", "gate", OWNER),
    ("line", "show", "rtr-fjellheim.wan0"),
    ("line", "letter", "rtr-fjellheim.wan0"),
    ("router", "show", "rtr-fjellheim"),
    ("address", "who", "10.64.1.0/24"),
    ("impact", "hub", "hub-oslo"),
    ("history", "site", "fjellheim"),
    ("history", "organisation", OWNER),
)


def lists(group: typer.core.TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that is called `list`, wherever it stands."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from lists(command, (*path, name))
        elif name == "list":
            yield (*path, name)


def every_command() -> list[tuple[str, ...]]:
    root = get_command(commands())
    assert isinstance(root, typer.core.TyperGroup)
    return [*lists(root), *SHOWN]


@pytest.fixture
def wired(store: Store, desk: Desk, tmp_path: Path) -> Wired:
    return Wired(Office(store), desk, desk.fleet, load_catalogue(None), Settings(home=tmp_path))


def called(wired: Wired, *arguments: str) -> Result:
    """With colours on, as on a terminal: else click takes escape codes away before we see them."""
    result = CliRunner(env={"COLUMNS": None}).invoke(commands(), list(arguments), obj=wired, color=True)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result


def obeyed(shown: str) -> set[str]:
    """What of it a terminal obeys, or a reader cannot see, beside the ends of lines."""
    return {char for char in shown if unicodedata.category(char) in OBEYED} - {"\n"}


def words(shown: str) -> str:
    return "".join(shown.split())


def test_the_lists_of_the_product_are_all_there() -> None:
    assert {command[0] for command in every_command() if command[-1] == "list"} == {
        "address", "line", "order", "org", "router", "service", "site", "stock",
    }  # fmt: skip


@pytest.mark.parametrize("text", hostile.VISIBLE.values(), ids=hostile.VISIBLE)
def test_every_list_shows_the_text_as_it_is(wired: Wired, inventory: Inventory, text: str) -> None:
    attacked = hostile.fleet(inventory, text)
    save_inventory(wired.office.store, attacked.inventory, "kari", text)
    with wired.office.store.register.edit(Author("kari")) as draft:
        draft.put(attacked.equipment[0])
    said = {command: called(wired, *command).stdout for command in every_command()}
    assert {command for command, shown in said.items() if obeyed(shown)} == set()
    owner, site = attacked.inventory.organisations[0].name, attacked.inventory.sites[0].place.name
    for command in (("org", "list"), ("site", "list"), ("inventory", "show"), ("impact", "hub", "hub-oslo")):
        assert words(owner) in words(said[command]), command
    assert words(site) in words(said["site", "list"])
    assert words(attacked.equipment[0].serial) in words(said["stock", "list"])
    told = json.loads(called(wired, "org", "list", "--json").stdout)
    assert owner in [row["name"] for row in told]


WRITABLE = {name: text for name, text in hostile.HIDDEN.items() if "\udc80" not in text} | {"markup": "[/foo]"}
"""No database takes half a character."""


@pytest.mark.parametrize("text", WRITABLE.values(), ids=WRITABLE)
def test_an_order_shows_what_was_written_down_about_it(wired: Wired, text: str) -> None:
    called(wired, "order", "new", "relocation", *wishes(MOVE))
    trouble = Trouble(at=NOON, message=Phrase(nb=text, en=text), legs=(FailedLeg(name=text, detail=text, call=text),))
    evidence = Evidence(step="subscription", at=NOON, who="kari", values={text: text}, note=text)
    with wired.office.store.register.edit(Author("kari")) as draft:
        order = draft.snapshot.orders[0]
        assert isinstance(order, Order)
        draft.put(order.model_copy(update={"reason": text, "trouble": trouble, "evidence": (evidence,)}))
    for command in (("order", "list"), ("order", "show", "1"), ("history", "order", "1"), ("history", "--order", "1")):
        for more in ((), ("--json",)):
            shown = called(wired, *command, *more).stdout
            assert obeyed(shown) - {"\t"} == set(), command
    assert json.loads(called(wired, "order", "show", "1", "--json").stdout)["reason"] == text


# --- the way out itself ---


@pytest.mark.parametrize("text", hostile.HIDDEN.values(), ids=hostile.HIDDEN)
def test_nothing_hidden_leaves_by_any_way(text: str) -> None:
    app = typer.Typer()

    @app.command()
    def told() -> None:
        echo(text)
        echo(text, err=True)
        show_json({text: [text]})
        rows = Rows(text, text, title=text, caption=text)
        rows.add_row(text, text)
        rows.show()
        rows.show(err=True)

    shown = CliRunner().invoke(app, color=True)
    assert shown.exit_code == 0, shown.exception
    assert obeyed(shown.stdout + shown.stderr) <= {"\t"}


def test_what_a_table_shows_of_a_cell_is_one_line() -> None:
    app = typer.Typer()

    @app.command()
    def told() -> None:
        rows = Rows("Router", "State")
        rows.add_row("rtr-a", "down\nrtr-b  confirmed")
        rows.show()

    lines = CliRunner(env={"COLUMNS": None}).invoke(app).stdout.splitlines()
    assert len(lines) == 2
    assert "down\\u000artr-b  confirmed" in lines[1]


def test_json_says_the_same_with_every_character(wired: Wired) -> None:
    del wired
    everything = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) != "Cs")
    app = typer.Typer()
    app.command()(lambda: show_json(everything))
    shown = CliRunner().invoke(app, color=True).stdout
    same = json.loads(shown) == everything
    assert same, "comparing them in the message takes minutes"
    assert obeyed(shown) == set()
