"""A folder of CSV sheets is an inventory like any other: same rules, same findings, told by file, line and column."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from linjevakt import inventory, resources
from linjevakt.inventory import Form
from linjevakt.model.errors import InventoryError

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
    "a site without a row of its segments": (
        "segments.csv", "fjellheim,", "fjelheim,",
        [
            "segments.csv:5: site: 'fjelheim' is not in sites.csv. Did you mean 'fjellheim'?",
            "sites.csv:3: segments: is missing. Give it a row in segments.csv",
        ],
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
    assert len(inventory.load(sheets).sites) == 3


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


def test_a_folder_with_both_forms_is_refused(folder: Path, sheets: Path, findings: Findings) -> None:
    shutil.copy(sheets / "lines.csv", folder)
    refused = "organisations.yaml: file: is not read: its name is not one of an inventory of sheets. "
    assert f"{refused}Did you mean 'organisations.csv'?" in findings(folder)
