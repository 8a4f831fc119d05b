"""What people in the field have typed, or a spreadsheet has made of it: each of `tests/cases` is refused by name."""

import dataclasses
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests import prepared
from typer.testing import CliRunner, Result

from linjevakt import inventory, resources
from linjevakt.cli.inventory import app
from linjevakt.inventory import Form
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.equipment import Equipment
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store

CASES = Path(__file__).parents[2] / "cases"
EXAMPLE = resources.inventory() / "example"
REFUSED = {
    "alternatives-unchecked/gateway-is-address.yaml": ["lines[0].alternatives[0].gateway", "the line's own address"],
    "alternatives-unchecked/gateway-outside.yaml": ["lines[0].alternatives[0].gateway", "is not in"],
    "alternatives-unchecked/inside-the-closed-network.yaml": ["alternatives[0].address", "inside the closed network"],
    "alternatives-unchecked/network-address.yaml": ["alternatives[0].address", "network or broadcast address"],
    "day-that-is-none/organisations.csv": ["organisations.csv:4", "'29.02.2027' is no day of the calendar"],
    "excel-error-values/sites.csv": ["'#N/A' is an error value", "'#VERDI!' is an error value"],
    "excel-long-serials/equipment.csv": ["'8,94700E+19'", "'5,00E+10'", "'1,00E+10'", "'1,23457E+16'", "shortened"],
    "wan-address-impossible/gateway-is-hub.yaml": ["addressing", "203.0.113.2"],
    "wan-address-impossible/loopback.yaml": ["addressing.address", "127.0.0.2 is a loopback address"],
    "wan-address-impossible/multicast.yaml": ["addressing.address", "224.0.0.6 is a multicast address"],
    "wan-address-impossible/zero.yaml": ["addressing.address", "0.0.0.2 is no host's address"],
}
SURVIVED = {"excel-long-serials/serials.txt"}


@dataclass(frozen=True)
class Wired:
    store: Store
    catalogue: Catalogue
    stop: Stop = dataclasses.field(default_factory=Stop)
    settings: Settings = dataclasses.field(default_factory=Settings)

    @property
    def office(self) -> Office:
        return Office(self.store)


@pytest.fixture
def wired(tmp_path: Path) -> Wired:
    return Wired(prepared.checked(prepared.migrated(tmp_path)), inventory.load_catalogue())


def run(wired: Wired, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=wired)


def _folder(case: str, scratch: Path) -> Path:
    """The example with the case's file in the place of its own."""
    file = CASES / case
    if file.suffix == ".yaml":
        folder = Path(shutil.copytree(EXAMPLE, scratch / "fleet"))
        shutil.copy(file, folder / "sites/fjellheim.yaml")
    else:
        folder = scratch / "fleet"
        inventory.dump(inventory.load(EXAMPLE), folder, form=Form.CSV)
        shutil.copy(file, folder / file.name)
    return folder


def test_every_case_has_its_test() -> None:
    files = {file.relative_to(CASES).as_posix() for file in CASES.rglob("*.*")}
    assert files == REFUSED.keys() | SURVIVED


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_is_saved(case: str, wired: Wired, tmp_path: Path) -> None:
    folder = _folder(case, tmp_path)
    for command in ("check", "import"):
        result = run(wired, command, folder)
        assert result.exit_code == 2
        assert not [words for words in REFUSED[case] if words not in result.stderr], result.stderr
    assert wired.store.revision() is None


def test_serials_that_a_spreadsheet_would_rewrite_survive_it(wired: Wired, tmp_path: Path) -> None:
    serials = (CASES / "excel-long-serials/serials.txt").read_text().split()
    boxes = tuple(sorted((Equipment(serial=one, model="apu4") for one in serials), key=lambda box: box.serial))
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "in", equipment=boxes)
    run(wired, "import", tmp_path / "in")
    assert run(wired, "export", tmp_path / "out", "--format", "excel").exit_code == 0
    sheet = (tmp_path / "out/equipment.csv").read_text("utf-8-sig")
    assert all(f"'{serial};" in sheet for serial in serials)
    assert run(wired, "import", tmp_path / "out").stdout == "nothing changes\n"
    assert wired.store.register.now().equipment == boxes
