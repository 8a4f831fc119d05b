"""A folder of CSV sheets is an inventory like any other: same rules, same findings, told by file, line and column."""

import re
import shutil
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pydantic import BaseModel

from linjevakt import inventory, resources
from linjevakt.inventory import Form, layout
from linjevakt.inventory.sheet import escaped, parse
from linjevakt.model import shape
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InventoryError
from linjevakt.model.inventory import Block, Connection, Organisation

EXAMPLE = resources.inventory() / "example"
Findings = Callable[[Path], list[str]]
_MENDED_BY = {  # the example's sheet, a text in it, the text put in its place, and every finding
    "a choice": (
        "lines.csv", "own_isp", "own_ips",
        ["lines.csv:2: kind: 'own_ips' is not one of the choices. Did you mean 'own_isp'?"],
    ),
    "a service": (
        "segments.csv", "internet dns ntp video", "internet dns ntp vido",
        ["segments.csv:4: services: service 'vido' is unknown. Did you mean 'video'?"],
    ),
    "a prefix with host bits": (
        "segments.csv", "10.64.1.0/24", "10.64.1.1/24",
        ["segments.csv:5: prefix: '10.64.1.1/24' has host bits set. Did you mean '10.64.1.0/24'?"],
    ),
    "an empty cell that every row needs": (
        "sites.csv", ",Datarom 3,", ",,",
        ["sites.csv:2: room: is missing. Fill in the column `room`"],
    ),
    "half an agreement": (
        "organisations.csv", ",2024-11-18,Amir", ",,Amir",
        ["organisations.csv:2: terms_accepted: is missing. Fill in the column `terms_accepted`"],
    ),
    "a static line without address": (
        "lines.csv", "static,198.51.100.2/30", "static,",
        ["lines.csv:4: address: is missing. Fill in the column `address`"],
    ),
    "an address of a line that has none": (
        "lines.csv", "static,198.51.100.2/30,198", "dhcp,,198",
        ["lines.csv:4: gateway: does not go with 'dhcp'. Leave it out, or choose something else than 'dhcp'"],
    ),
    "an address without its method": (
        "lines.csv", "static,", ",",
        ["lines.csv:4: method: lacks `method:`. See inventory/example for a file that is right"],
    ),
    "an alternative without the first": (
        "lines.csv", "20,,true,990 00 910,dhcp,,,,,", "20,,true,990 00 910,dhcp,,,,192.0.2.2/30,",
        ["lines.csv:2: alternative_1_method: lacks `method:`. See inventory/example for a file that is right"],
    ),
    "a rule about one row": (
        "lines.csv", "198.51.100.1", "198.51.99.1",
        ["lines.csv:4: gateway: 198.51.99.1 is not in 198.51.100.0/30. Correct it, or the address's prefix length"],
    ),
    "a line by PPPoE": (
        "lines.csv", "20,,true,990 00 910,dhcp", "20,,true,990 00 910,pppoe",
        [
            (
                "lines.csv:2: method: a router of platform linux cannot get its address by PPPoE. Have the provider's "
                "modem dial in (in router mode, not bridged), or ask the provider for DHCP or a fixed address; then "
                "write `method: dhcp`, or `static` with address and gateway"
            )
        ],
    ),
    "a line on a port that is a segment's": (
        "lines.csv", ",wan0,", ",lan0.102,",
        ["segments.csv:2: port: lan0 is a line of this router (lan0.102). Name a LAN port"],
    ),
    "a rule about several rows": (
        "lines.csv", "elvebredden,wan1,mobile", "elvebredden,wan1,nhn_delivered",
        ["sites.csv:2: lines: no line is mobile. Add the router's mobile line: `kind: mobile`"],
    ),
    "an organisation that is nowhere": (
        "segments.csv", "314502779", "900000000",
        [
            (
                "segments.csv:3: organisation: organisation 900000000 is unknown. "
                "Add it to organisations.csv, or with `linjevakt org add`"
            )
        ],
    ),
    "a zero that a spreadsheet has cut": (
        "sites.csv", "'0150", "150",
        ["sites.csv:4: postcode: '150' is no postcode. Write its 4 digits"],
    ),
    "a row of no site": (
        "lines.csv", "elvebredden,wan0", "elvebreden,wan0",
        ["lines.csv:2: site: 'elvebreden' is not in sites.csv. Did you mean 'elvebredden'?"],
    ),
    "a row of no segment": (
        "blocks.csv", "tannlege", "tanlege",
        ["blocks.csv:2: segment: 'tanlege' is not in segments.csv. Did you mean 'tannlege'?"],
    ),
    "a row of nobody": (
        "contacts.csv", "\n213374508,", "\n,",
        ["contacts.csv:2: organisation: is empty. Add the organisation, or correct it"],
    ),
    "a row that is there twice": (
        "sharing.csv", "314502779", "215891046",
        ["sharing.csv:3: organisation: 'elvebredden 215891046' is there twice; first in line 2. Remove one of them"],
    ),
    "a column that is unknown": (
        "lines.csv", "kind", "knd",
        ["lines.csv:1: knd: is not a column here. Did you mean 'kind'?"],
    ),
    "a column that is there twice": (
        "sites.csv", "site,name", "site,site",
        [
            "sites.csv:1: site: is a column that is there twice. Remove one of them",
            ("sites.csv:1: name: is a column that is missing. The columns are: site, name, street, postcode, city, "
            "municipality, floor, room, owner, router, platform, management, serial, hub, ended"),
        ],
    ),
    "a column without a name": (
        "sharing.csv", "confirmed", "",
        [
            "sharing.csv:1: file: has a column without a name. Name it one of: site, organisation, confirmed, document",
            (
                "sharing.csv:1: confirmed: is a column that is missing. "
                "The columns are: site, organisation, confirmed, document"
            ),
        ],
    ),
    "more cells than columns": (
        "sharing.csv", "2024-014", "2024,014",
        ["sharing.csv:2: file: has 5 cells, the header 4. Put quotes around a cell that holds the separator"],
    ),
    "a day that the calendar lacks, as a Norwegian writes it": (
        "organisations.csv", ",2024-11-18,Amir", ",29.02.2027,Amir",
        ["organisations.csv:2: terms_accepted: '29.02.2027' is no day of the calendar. Correct it"],
    ),
    "a day that the calendar lacks": (
        "sharing.csv", "2024-01-15", "2024-11-31",
        ["sharing.csv:2: confirmed: '2024-11-31' is no day of the calendar. Correct it"],
    ),
    "a day of another time": (
        "sharing.csv", "2024-01-15", "15.01.3024",
        ["sharing.csv:2: confirmed: '15.01.3024' is not in the years 1900 to 2199. Correct the year"],
    ),
    "a day with the month in front": (
        "sharing.csv", "2024-01-15", "01/15/2024",
        ["sharing.csv:2: confirmed: '01/15/2024' is no date. Write it as 2026-01-31"],
    ),
    "error values in any column": (
        "lines.csv", "Nordlys Bredbånd,1,100", "#NAVN?,#DIV/0!,#I/T",
        [
            f"lines.csv:4: {column}: '{cell}' is an error value of a spreadsheet. "
            f"Write what belongs there, or '{cell} when it is meant"
            for column, cell in (("provider", "#NAVN?"), ("priority", "#DIV/0!"), ("down_mbit", "#I/T"))
        ],
    ),
    "a name of a parent that is an error value": (
        "contacts.csv", "\n213374508,", "\n#REF!,",
        [("contacts.csv:2: organisation: '#REF!' is an error value of a spreadsheet. "
         "Write what belongs there, or '#REF! when it is meant")],
    ),
    "a number that was shortened": (
        "sites.csv", ",linux,10.250.0.13,", ',linux,10.250.0.13,"8,94700E+19"',
        [("sites.csv:2: serial: '8,94700E+19' is a number that a spreadsheet has shortened. "
         "Write it as it was, with an apostrophe in front, and make the column text")],
    ),
    "a quote that is never closed": (
        "sites.csv", "Datarom 3", '"Datarom 3',
        [
            ("sites.csv:2: file: is not CSV from here on: unexpected end of data. "
            "Look for a quote that is not closed, or double it")
        ],
    ),
    "a line break in a cell": (
        "sites.csv", "Datarom 3,", '"Datarom\n3",',
        [
            ("sites.csv:2: room: 'Datarom\\n3' has an invisible character (a line break, a tab, a no-break space...). "
            "See inventory/example for a file that is right")
        ],
    ),
}  # fmt: skip


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """The example as sheets, to spoil."""
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "sheets", form=Form.CSV)
    return tmp_path / "sheets"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is no longer in {file.name}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(("file", "old", "new", "expected"), _MENDED_BY.values(), ids=_MENDED_BY)
def test_what_is_wrong_is_told_with_the_line_and_the_column(  # noqa: PLR0917
    sheets: Path, findings: Findings, file: str, old: str, new: str, expected: list[str]
) -> None:
    change(sheets / file, old, new)
    assert findings(sheets) == expected


def test_a_finding_below_a_cell_with_a_line_break_has_its_own_line(sheets: Path, findings: Findings) -> None:
    change(sheets / "sites.csv", "Elvegata 22,", '"Elvegata 22\n",')
    change(sheets / "sites.csv", "'0150", "150")
    assert findings(sheets) == ["sites.csv:5: postcode: '150' is no postcode. Write its 4 digits"]


def test_a_row_without_its_site_and_its_children_is_told_once_a_row(sheets: Path, findings: Findings) -> None:
    change(sheets / "sites.csv", "\nsolbakken,", "\nfjellheim,")
    assert findings(sheets) == [
        "blocks.csv:2: site: 'solbakken' is not in segments.csv. Add the site, or correct it",
        "lines.csv:6: site: 'solbakken' is not in sites.csv. Add the site, or correct it",
        "lines.csv:7: site: 'solbakken' is not in sites.csv. Add the site, or correct it",
        "segments.csv:6: site: 'solbakken' is not in sites.csv. Add the site, or correct it",
        "sites.csv:4: site: 'fjellheim' is there twice; first in line 3. Remove one of them",
    ]


@pytest.mark.parametrize("file", ["organisations.csv", "sites.csv", "lines.csv", "segments.csv", "installation.yaml"])
def test_a_sheet_that_an_inventory_needs_is_missed(sheets: Path, findings: Findings, file: str) -> None:
    (sheets / file).unlink()
    assert f"{file}: file: is missing. See inventory/example for the files of an inventory" in findings(sheets)


@pytest.mark.parametrize("file", ["contacts.csv", "sharing.csv", "blocks.csv", "exclusions.csv"])
def test_a_sheet_that_may_be_empty_may_be_absent(sheets: Path, file: str) -> None:
    (sheets / file).unlink()
    assert len(inventory.load(sheets).connections) == 3


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("line.csv", "Did you mean 'lines.csv'?"),
        ("Lines.csv", "Did you mean 'lines.csv'?"),
        ("organisations.yaml", "Did you mean 'organisations.csv'?"),
        ("fleet.xlsx", "Save each of its sheets as `CSV UTF-8`"),
    ],
)
def test_a_file_that_would_not_be_read_is_told(sheets: Path, findings: Findings, name: str, remedy: str) -> None:
    (sheets / name).write_text("site\n")
    assert findings(sheets) == [f"{name}: file: is not read: its name is not one of an inventory of sheets. {remedy}"]


def test_a_spreadsheet_alone_is_answered_with_how_to_save_it(tmp_path: Path, findings: Findings) -> None:
    (tmp_path / "fleet.xlsx").write_bytes(b"PK\x03\x04")
    assert "Save each of its sheets as `CSV UTF-8`" in findings(tmp_path)[0]


# --- as spreadsheets write ---


def _norwegian_excel(text: str) -> bytes:
    """Semicolons, CRLF, byte order mark, days and truths as Excel saves them in Norwegian."""
    days = re.sub(r"(\d{4})-(\d{2})-(\d{2})(?=[,\n])", r"\3.\2.\1", text)
    truths = days.replace(",true,", ",SANN,").replace(",false,", ",USANN,")
    return ("\ufeff" + truths.replace(",", ";").replace("\n", "\r\n")).encode()


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param(_norwegian_excel, id="a Norwegian Excel"),
        pytest.param(lambda text: ("sep=;\n" + text.replace(",", ";")).encode(), id="a line that names the separator"),
        pytest.param(lambda text: ("sep=;\r\n" + text.replace(",", ";")).encode("utf-8-sig"), id="the same with mark"),
        pytest.param(lambda text: text.replace(",", "\t").encode(), id="tabs"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="an old Mac"),
        pytest.param(lambda text: re.sub(r"([^,\n]+)", r'"\1"', text).encode(), id="quotes everywhere"),
        pytest.param(lambda text: re.sub(r"([^,\n]+)", r" \1 ", text).encode(), id="blanks around the cells"),
        pytest.param(lambda text: text.replace("\n", ",,\n").encode(), id="columns that were emptied"),
        pytest.param(lambda text: ("\n,,\n" + text.replace("\n", "\n,,,,\n\n")).encode(), id="empty rows"),
        pytest.param(lambda text: (text.split("\n", 1)[0].upper() + "\n" + text.split("\n", 1)[1]).encode(), id="caps"),
    ],
)
def test_every_way_to_save_the_same_table_is_read_alike(sheets: Path, rewritten: Callable[[str], bytes]) -> None:
    for file in sheets.glob("*.csv"):
        plain = file.read_text(encoding="utf-8").replace("'", "")  # blanks before an apostrophe make it a character
        file.write_bytes(rewritten(plain))
    assert inventory.load(sheets) == inventory.load(EXAMPLE)


def test_windows_1252_is_recognised_and_refused(sheets: Path, findings: Findings) -> None:
    file = sheets / "sites.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("cp1252"))
    assert findings(sheets) == [
        "sites.csv:3: file: is not UTF-8: byte 0xf8, which is 'ø' in Windows-1252 (Latin-1). Save it as `CSV UTF-8`"
    ]


def test_utf_16_is_recognised_and_refused(sheets: Path, findings: Findings) -> None:
    file = sheets / "sites.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))
    assert findings(sheets) == ["sites.csv:1: file: is UTF-16, not UTF-8. Save it as `CSV UTF-8`"]


def test_a_thousand_rows_of_no_site_are_told_soon(sheets: Path) -> None:
    file = sheets / "lines.csv"
    file.write_text(file.read_text() + "".join(f"nowhere-{n},wan0,mobile,Telia\n" for n in range(1000)))
    with pytest.raises(InventoryError) as caught:
        inventory.load(sheets)
    assert len(caught.value.issues) == 1000


# --- writing ---


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
    first, *others = example.connections
    segment = first.segments[0]
    block = Block(to=IPv4Network("192.0.2.0/24"), protocol="tcp", ports=(80, 443), reason="asked for")
    blocked = segment.model_copy(update={"blocks": (block,)})
    site = first.model_copy(update={"segments": (blocked, *first.segments[1:])})
    inventory.dump(example.model_copy(update={"connections": (site, *others)}), tmp_path / "out", form=Form.EXCEL)
    assert ";tcp;'80 443;" in (tmp_path / "out/blocks.csv").read_text(encoding="utf-8-sig")
    assert inventory.load(tmp_path / "out").connections[0].segments[0].blocks == (block,)


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
    for name, field in model.model_fields.items():
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
    [(layout.ORGANISATIONS, Organisation), (layout.SITES, Connection), (layout.EQUIPMENT, layout.EQUIPMENT.noun)],
)
def test_every_field_of_the_model_has_its_column(root: layout.Sheet, noun: type[BaseModel]) -> None:
    assert _columns(root) == _leaves(noun)


def test_a_folder_with_both_forms_is_refused(folder: Path, sheets: Path, findings: Findings) -> None:
    shutil.copy(sheets / "lines.csv", folder)
    refused = "organisations.yaml: file: is not read: its name is not one of an inventory of sheets. "
    assert f"{refused}Did you mean 'organisations.csv'?" in findings(folder)
