"""`linjevakt router stolen`, `revoked` and a lost box: what is told, and the exit code while a hub was not reached."""

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import typer
from tests.boxes import claim
from tests.unit.fleet.routers import BOXES, FJELLHEIM, HUB, SOLBAKKEN, Field, at_work
from typer.testing import CliRunner, Result

from linjevakt.cli import revoked, router, stock
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.health import Health
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Reason
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.provisioning.fleet import Fleet


@dataclass(frozen=True)
class Wired:
    office: Office
    fleet: Fleet
    stop: Stop = dataclasses.field(default_factory=Stop)


@pytest.fixture
def field(tmp_path: Path, inventory: Inventory) -> Iterator[Field]:
    made = at_work(tmp_path, inventory)
    yield made
    made.store.close()


@cache
def _commands() -> typer.Typer:
    app = typer.Typer()
    router.register(app)
    app.add_typer(revoked.app, name="revoked")
    app.add_typer(stock.app, name="stock")
    return app


def _run(field: Field, *arguments: str, code: int = 0, said: str | None = None) -> Result:
    wired = Wired(Office(field.store), field.fleet)
    result = CliRunner(env={"COLUMNS": None}).invoke(_commands(), list(arguments), obj=wired, input=said)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_a_stolen_router_is_told_to_be_shut_out_and_listed(field: Field) -> None:
    serial = field.store.devices.get(FJELLHEIM).certificate_serial
    told = json.loads(_run(field, "router", "stolen", FJELLHEIM, "--reason", "burgled", "--json").stdout)
    assert told == {
        "box": "LV-0011",
        "router": FJELLHEIM,
        "since": None,
        "revoked": [serial],
        "in_force": True,
        "waiting": [],
    }
    (listed,) = json.loads(_run(field, "revoked", "list", "--json").stdout)
    assert (listed["certificate"]["serial"], listed["certificate"]["reason"]) == (serial, "stolen")
    assert (list(listed["in_force"]), listed["waiting"]) == ([HUB], {})
    assert serial in _run(field, "revoked", "list", "--ask").stdout


def test_while_the_hub_cannot_be_told_the_command_fails_and_says_so(field: Field) -> None:
    field.cut(HUB)
    told = _run(field, "router", "stolen", FJELLHEIM, "--reason", "burgled", code=1)
    assert "NOT YET in force on hub-oslo" in told.stderr
    assert HUB in _run(field, "revoked", "list", code=1).stdout
    assert "NOT YET" in _run(field, "revoked", "enforce", code=1).stderr
    assert "no answer" in _run(field, "revoked", "list", "--ask", code=1).stderr
    field.mend(HUB)
    _run(field, "revoked", "enforce")
    _run(field, "revoked", "list")


def test_what_a_theft_would_cost_is_told_first_and_a_terminal_is_asked(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = json.loads(_run(field, "router", "stolen", HUB, "--check", "--json").stdout)
    assert (looked["box"], looked["since"], looked["tells"]) == ("LV-0001", None, [FJELLHEIM, SOLBAKKEN])
    assert "the hub of 2 sites" in _run(field, "router", "stolen", HUB, "--check").stdout
    monkeypatch.setattr(router, "someone_is_there", lambda: True)
    stolen = ("router", "stolen", FJELLHEIM, "--reason", "burgled")
    for answer in ("", "\n", "n\n", "yeah\n"):
        asked = _run(field, *stolen, code=1, said=answer)
        assert asked.stderr == "Shut out the box LV-0011, for good? [y/N]: Nothing was done.\n"
        assert "replace_router" in asked.stdout
    assert field.store.certificates.revoked() == ()
    asked = _run(field, *stolen, "--lang", "nb", said="Ja\n")
    assert "Stenge ute boksen LV-0011 for godt? [j/N]: " in asked.stderr
    assert [one.box for one in field.store.certificates.revoked()] == ["LV-0011"]
    assert "for good?" not in _run(field, "router", "stolen", SOLBAKKEN, "--reason", "burgled", "--yes").stderr


def test_a_second_time_it_says_since_when(field: Field) -> None:
    stolen = ("router", "stolen", FJELLHEIM, "--reason", "burgled")
    _run(field, *stolen)
    (shut,) = [one.revoked for one in field.store.certificates.revoked()]
    again = json.loads(_run(field, *stolen, "--json").stdout)
    assert datetime.fromisoformat(again["since"]) == shut
    assert "shut out already, since" in _run(field, *stolen).stdout
    assert "shut out already, since" in _run(field, "router", "stolen", FJELLHEIM, "--check").stdout


def test_a_hub_says_what_must_be_done_before_anyone_can_be_told(field: Field) -> None:
    told = _run(field, "router", "stolen", HUB, "--reason", "burgled", code=1).stderr
    assert "NOT YET in force on hub-oslo (its box is shut out: `linjevakt router stage hub-oslo" in told
    assert "rtr-fjellheim (told as soon as hub-oslo is pushed to)" in told


def test_whom_each_one_refuses_is_told_with_none_where_there_is_nobody(field: Field) -> None:
    for command in ("list", "enforce"):
        assert _run(field, "revoked", command).stdout == "none: no certificate is revoked that has not ended\n"
    assert json.loads(_run(field, "revoked", "list", "--json").stdout) == []
    none = {"in_force": True, "waiting": [], "refused": []}
    assert json.loads(_run(field, "revoked", "enforce", "--json").stdout) == none
    serial = field.store.devices.get(FJELLHEIM).certificate_serial
    field.cut(HUB)
    _run(field, "router", "stolen", FJELLHEIM, "--reason", "burgled", code=1)
    told = f"{FJELLHEIM}, box LV-0011, certificate {serial} (stolen): "
    assert _run(field, "revoked", "enforce", code=1).stdout == f"{told}in force nowhere; NOT YET on {HUB}\n"
    field.mend(HUB)
    assert _run(field, "revoked", "enforce").stdout == f"{told}in force on {HUB}\n"
    (refused,) = json.loads(_run(field, "revoked", "enforce", "--json").stdout)["refused"]
    assert (refused["certificate"]["serial"], list(refused["in_force"])) == (serial, [HUB])


def test_a_box_that_the_stock_does_not_know_is_shown_the_other_way(field: Field) -> None:
    told = _run(field, "stock", "move", "LV-0011", "lost", code=2).stderr
    assert "`linjevakt router stolen ROUTER --reason WHY`" in told
    assert "router stolen" not in _run(field, "stock", "move", "LV-0011", "returned", code=2).stderr


def test_a_reason_must_be_given_and_the_router_must_be_there(field: Field) -> None:
    _run(field, "router", "stolen", FJELLHEIM, code=2)
    _run(field, "router", "stolen", "rtr-nowhere", "--reason", "burgled", code=2)
    assert field.store.certificates.revoked() == ()


def test_a_box_that_is_lost_by_the_stock_is_shut_out(field: Field) -> None:
    with field.store.register.edit(Author("kari")) as draft:
        state = Whereabouts.TO_BE_RETURNED
        draft.put(Equipment(serial=BOXES[SOLBAKKEN], model="Test 1", state=state, router=SOLBAKKEN))
        draft.put(Equipment(serial="LV-7", model="Test 1"))
    assert "shut out" in _run(field, "stock", "move", BOXES[SOLBAKKEN], "lost").stdout
    assert [(one.box, one.reason) for one in field.store.certificates.revoked()] == [(BOXES[SOLBAKKEN], Reason.STOLEN)]
    _run(field, "stock", "move", "LV-7", "lost")
    assert len(field.store.certificates.revoked()) == 1, "one that never had a certificate"


def test_staging_another_box_fails_while_the_hub_lets_the_former_one_in(field: Field, tmp_path: Path) -> None:
    identity = tmp_path / "identity.json"
    identity.write_text(json.dumps(claim("LV-0013")))
    field.cut(HUB)
    staging = ("router", "stage", SOLBAKKEN, "--identity", str(identity))
    told = _run(field, *staging, "--replace-identity", "--reason", "it burned", code=1)
    assert "NOT YET in force on hub-oslo" in told.stderr
    assert told.stdout.startswith("#!linjevakt-config 1"), "the configuration is handed out all the same"


def test_a_routers_certificate_is_shown_with_the_days_that_are_left(field: Field) -> None:
    (hub, *_) = json.loads(_run(field, "router", "list", "--json").stdout)
    assert hub["certificate_days_left"] in {89, 90}, "the test's clock runs ahead while routers are pushed to"
    shown = _run(field, "router", "show", FJELLHEIM).stdout
    assert re.search(r"\b(89|90) days left", shown)
    assert "RENEW IT" not in shown


def test_a_certificate_that_was_not_renewed_in_time_is_warned_of(field: Field) -> None:
    ends = datetime.now(UTC) + timedelta(days=13, hours=1)
    field.store.healths.save(Health(FJELLHEIM, datetime.now(UTC), reachable=True, certificate_expires=ends))
    assert f"13 days left; RENEW IT: `linjevakt push {FJELLHEIM}`" in _run(field, "router", "show", FJELLHEIM).stdout
    assert "(13 days left)" in _run(field, "router", "list").stdout
