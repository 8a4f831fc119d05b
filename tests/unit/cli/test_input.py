"""Input on the command line that looks right and is not: addresses, names, numbers to call, letters, days."""

import unicodedata
from pathlib import Path

import pytest
from tests.unit.cli.conftest import OWNER, Shell

from linjevakt.inventory import Form, dump, load
from linjevakt.model.inventory import Inventory

NFD = unicodedata.normalize("NFD", "Nordlys Bredbånd")
NFC = unicodedata.normalize("NFC", NFD)
LINE = ("site=fjellheim", "lines[0].name=wan0", "lines[0].kind=own_isp")


def line_change(*fields: str) -> list[str]:
    return [word for field in (*LINE, *fields) for word in ("--set", field)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            (
                "lines[0].provider=X",
                "lines[0].addressing.method=static",
                "lines[0].addressing.address=127.0.0.2/30",
                "lines[0].addressing.gateway=127.0.0.1",
            ),
            "127.0.0.2 is a loopback address",
        ),
        (("lines[0].provider=X", "lines[0].fault_phone=1   "), "no phone number"),
    ],
)
def test_an_order_for_it_is_refused(run: Shell, fields: tuple[str, ...], said: str) -> None:
    assert said in run("order", "new", "line_change", *line_change(*fields), code=2).stderr
    assert run.json("order", "list") == []


def test_letters_are_the_same_however_they_were_typed(run: Shell) -> None:
    run("order", "new", "line_change", *line_change(f"lines[0].provider={NFD}"), "--reason", NFD, "--who", NFD)
    (order,) = run.json("order", "list")
    assert NFD not in str(run.json("order", "show", order["number"]))
    assert NFC in str(run.json("order", "show", order["number"]))
    run("org", "set", OWNER, f"name={NFD}", "--reason", NFD)
    told = str(run.json("history", "organisation", OWNER))
    assert (NFD in told, NFC in told) == (False, True)


@pytest.mark.parametrize("form", list(Form))
def test_a_folder_has_one_provider_however_it_was_typed(tmp_path: Path, inventory: Inventory, form: Form) -> None:
    dump(_with_provider(inventory, NFC), tmp_path / "in", form=form)
    files = [file for file in (tmp_path / "in").rglob("*.*") if NFC in file.read_text(encoding="utf-8")]
    assert files
    for file in files:
        file.write_text(file.read_text(encoding="utf-8").replace(NFC, NFD), encoding="utf-8")
    assert {line.provider for site in load(tmp_path / "in").sites for line in site.lines[:1]} == {NFC}


@pytest.mark.parametrize("day", ["2027-02-29", "2026-04-31T12:00"])
def test_a_day_that_is_none_is_told_as_written(run: Shell, day: str) -> None:
    assert f"'{day}' is no day of the calendar" in run("site", "show", "fjellheim", "--as-of", day, code=2).stderr


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "0001-01-01T00:00", "9999-12-31T23:59-14:00"])
def test_a_day_that_no_zone_has_left_is_refused(run: Shell, day: str) -> None:
    assert f"'{day}' is at the end of the calendar" in run("site", "show", "fjellheim", "--as-of", day, code=2).stderr


def _with_provider(inventory: Inventory, name: str) -> Inventory:
    sites = tuple(
        site.model_copy(update={"lines": (site.lines[0].model_copy(update={"provider": name}), *site.lines[1:])})
        for site in inventory.sites
    )
    return inventory.model_copy(update={"sites": sites})
