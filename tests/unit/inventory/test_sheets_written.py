"""An inventory written as sheets: no spreadsheet computes or rewrites a cell, and every field has its column."""

import re
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pydantic import BaseModel

from linjevakt import inventory, resources
from linjevakt.inventory import Form, layout
from linjevakt.inventory.sheet import escaped, parse
from linjevakt.model import shape
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Block, Organisation, Site

EXAMPLE = resources.inventory() / "example"


@pytest.mark.parametrize("form", [Form.CSV, Form.EXCEL])
def test_no_cell_is_computed_by_a_spreadsheet(tmp_path: Path, form: Form) -> None:
    example = inventory.load(EXAMPLE)
    first, *others = example.organisations
    evil = first.model_copy(update={"name": '=HYPERLINK("http://192.0.2.1","x")', "record_system": "@SUM(1)"})
    inventory.dump(example.model_copy(update={"organisations": (evil, *others)}), tmp_path / "out", form=form)
    cells = [cell for file in (tmp_path / "out").glob("*.csv") for cell in re.split(r"[,;\r\n]+", file.read_text())]
    assert [cell for cell in cells if re.match(r"\"?[=+@\t]|\"?-.", cell)] == []
    assert any(cell.startswith("'+47 ") for cell in cells)
    assert inventory.load(tmp_path / "out").organisations[0] == evil


_REWRITTEN = (
    "89470000160501234567", "12345678901234567", "5E10", "1E+10", "1e5", "00123", "1.10", "1,5", ".5", "1/2", "2-3",
    "1-2-2026", "31.12.2026", "2026-01-31", "MAR1", "okt-2026", "2.mai", "TRUE", "false", "SANN", "usann", "10:30",
    "1a", "50%", "kr100", "$5", "815.123.456", "10.250.123.111", "#N/A", "#VERDI!", "#1", "Err:502",
)  # fmt: skip
_KEPT = (
    "3015", "0", "312980134", "U1", "0x1F", "LV-0011", "apu4", "10.250.0.13", "198.51.100.2/30", "10.64.1.0/24", "a/b",
)  # fmt: skip


@pytest.mark.parametrize("cell", [*_REWRITTEN, "80 443", "1 000", "1 1/2", "2. mai 2026", "31.12.2026 10:00", "100 kr"])
def test_what_a_spreadsheet_would_write_otherwise_gets_an_apostrophe(cell: str) -> None:
    assert escaped(cell) == f"'{cell}"
    (row,) = parse(f'a;b\n"{escaped(cell)}";x\n'.encode()).rows
    assert row.cells["a"] == cell


@pytest.mark.parametrize("cell", [*_KEPT, "2. etg.", "Datarom 3", "990 00 910", "Storgata 1", "internet dns ntp"])
def test_what_it_leaves_as_it_is_gets_none(cell: str) -> None:
    assert escaped(cell) == cell


@pytest.mark.parametrize("cell", ["x;=1+1", "x,+1", "x\t@a", 'x; "-1', "x;'=1", "x,=1;=2", "x; ''=1"])
def test_no_formula_begins_within_a_cell_for_a_spreadsheet_of_another_country(cell: str) -> None:
    assert not re.search(r"[,;\t][\s\"]*[=+@-]", escaped(cell))
    (row,) = parse(f"a\n{_quoted(escaped(cell))}\n".encode()).rows
    assert row.cells["a"] == cell


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def test_ports_are_not_joined_to_one_number_by_a_space_between_thousands(tmp_path: Path) -> None:
    example = inventory.load(EXAMPLE)
    first, *others = example.sites
    segment = first.segments[0]
    block = Block(to=IPv4Network("192.0.2.0/24"), protocol="tcp", ports=(80, 443), reason="asked for")
    blocked = segment.model_copy(update={"blocks": (block,)})
    site = first.model_copy(update={"segments": (blocked, *first.segments[1:])})
    inventory.dump(example.model_copy(update={"sites": (site, *others)}), tmp_path / "out", form=Form.EXCEL)
    assert ";tcp;'80 443;" in (tmp_path / "out/blocks.csv").read_text(encoding="utf-8-sig")
    assert inventory.load(tmp_path / "out").sites[0].segments[0].blocks == (block,)


def test_serials_survive_a_spreadsheet_that_rewrites_what_has_no_apostrophe(tmp_path: Path) -> None:
    serials = (*_REWRITTEN, *_KEPT)
    boxes = tuple(Equipment(serial=serial, model="apu4") for serial in serials)
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "out", equipment=boxes, form=Form.EXCEL)
    file = tmp_path / "out/equipment.csv"
    rewritten = "".join(re.sub(r"^[0-9.,/:-]{16,}", "8,94700E+19", line) for line in file.open(encoding="utf-8-sig"))
    file.write_text(rewritten, encoding="utf-8-sig")
    read = inventory.read(tmp_path / "out").equipment
    assert {box.serial for box in read or ()} == set(serials)


def test_excel_gets_what_a_norwegian_one_opens_by_a_double_click(tmp_path: Path) -> None:
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "out", form=Form.EXCEL)
    raw = (tmp_path / "out/sharing.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfsite;organisation;confirmed;document\r\nelvebredden;314502779;2024-01-15;")


def test_the_example_of_sheets_is_the_example(tmp_path: Path) -> None:
    shipped = resources.inventory() / "example-csv"
    assert inventory.load(shipped) == inventory.load(EXAMPLE)
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "out", form=Form.CSV)
    written = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("*.csv")}
    assert written == {file.name: file.read_text(encoding="utf-8") for file in shipped.glob("*.csv")}


def _leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> set[str]:
    """Every field that holds a value of its own, as `layout` writes paths."""
    found: set[str] = set()
    for name, field in shape.named(model).items():
        inner = shape.owners(model, (name,))
        many = any(getattr(kind, "__origin__", None) is tuple for kind in shape.types(field.annotation))
        here = (*path, name, "{n}") if many and inner else (*path, name)
        found |= {leaf for noun in inner for leaf in _leaves(noun, here)} or {".".join(here)}
    return found


def _columns(root: layout.Sheet, path: tuple[str, ...] = ()) -> set[str]:
    own = {".".join(map(str, (*path, *column.path))) for column in root.columns}
    children = [sheet for sheet in layout.SHEETS if sheet.parent is root]
    return own | {leaf for sheet in children for leaf in _columns(sheet, (*path, sheet.inside, "{n}"))}


@pytest.mark.parametrize(
    ("root", "noun"),
    [(layout.ORGANISATIONS, Organisation), (layout.SITES, Site), (layout.EQUIPMENT, layout.EQUIPMENT.noun)],
)
def test_every_field_of_the_model_has_its_column(root: layout.Sheet, noun: type[BaseModel]) -> None:
    assert _columns(root) == _leaves(noun)
