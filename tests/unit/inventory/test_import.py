"""`linjevakt inventory import` and `export` against a real database: boxes, orders, closed segments, all or nothing."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests import prepared
from typer.testing import CliRunner, Result

from linjevakt import inventory, resources
from linjevakt.cli.inventory import app
from linjevakt.inventory import Form
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.order import Order, OrderState
from linjevakt.model.stop import Stop
from linjevakt.settings import Settings
from linjevakt.store import Store

EXAMPLE = resources.inventory() / "example"
MOMENT = datetime(2026, 11, 21, 20, 35, tzinfo=UTC)
BOXES = (
    Equipment(serial="LV-0011", model="APU 2", state=Whereabouts.INSTALLED, router="rtr-fjellheim"),
    Equipment(serial="LV-0099", model="APU 2", note="ny"),
)


class Wired:
    settings = Settings()

    def __init__(self, store: Store) -> None:
        self.store, self.catalogue, self.stop, self.stop = store, inventory.load_catalogue(), Stop(), Stop()


@pytest.fixture
def wired(tmp_path: Path) -> Wired:
    store = prepared.checked(prepared.migrated(tmp_path))
    return Wired(store)


@pytest.fixture(params=["yaml", "csv", "excel"])
def form(request: pytest.FixtureRequest) -> str:
    """Every form that a folder may have."""
    return str(request.param)


class Bare:
    """All that a command has which needs no database."""

    settings = Settings()


def run(*arguments: object, wired: Wired | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=wired or Bare())


def order(number: int, state: OrderState = OrderState.OPEN) -> Order:
    return Order(
        number=number, kind="relocation", site="solbakken", state=state, created=MOMENT, by="kari", entered=MOMENT
    )


def without_solbakken(folder: Path) -> Path:
    (folder / "sites/solbakken.yaml").unlink()
    return folder


def test_everything_comes_out_as_it_went_in(wired: Wired, tmp_path: Path, form: str) -> None:
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "in", equipment=BOXES, form=Form(form))
    assert run("import", tmp_path / "in", wired=wired).exit_code == 0
    exported = run("export", tmp_path / "out", "--format", form, wired=wired)
    assert exported.stdout == f"{tmp_path}/out: 3 sites, 5 organisations, 2 boxes written\n"
    files = {file.relative_to(tmp_path / "in"): file.read_bytes() for file in (tmp_path / "in").rglob("*.*")}
    out = {file.relative_to(tmp_path / "out"): file.read_bytes() for file in (tmp_path / "out").rglob("*.*")}
    head = out[Path("installation.yaml")].removesuffix(files[Path("installation.yaml")])
    assert re.fullmatch(rb"# .*\nexported:\n  revision: 1\n  saved: '.*Z'\n", head)
    assert files == out | {Path("installation.yaml"): files[Path("installation.yaml")]}
    assert wired.store.register.now().equipment == BOXES


def test_boxes_are_replaced_only_by_a_folder_that_speaks_of_them(wired: Wired, tmp_path: Path, form: str) -> None:
    example = inventory.load(EXAMPLE)
    for name, boxes in (("both", BOXES), ("silent", None), ("one", BOXES[1:])):
        inventory.dump(example, tmp_path / name, equipment=boxes, form=Form(form))
    run("import", tmp_path / "both", wired=wired)
    assert run("import", tmp_path / "silent", wired=wired).stdout == "nothing changes\n"
    expected = ["removed equipment LV-0011", "1 would change"]
    assert run("import", tmp_path / "one", "--dry-run", wired=wired).stdout.splitlines() == expected
    assert wired.store.register.now().equipment == BOXES
    run("import", tmp_path / "one", "--remove", 1, wired=wired)
    assert wired.store.register.now().equipment == BOXES[1:]


def test_fleet_and_boxes_are_one_revision_with_its_reason(wired: Wired, tmp_path: Path) -> None:
    inventory.dump(inventory.load(EXAMPLE), tmp_path / "in", equipment=BOXES, form=Form.CSV)
    run("import", tmp_path / "in", "--reason", "flytting fra regneark", wired=wired)
    (version,) = wired.store.register.history(EntityKind.EQUIPMENT, "LV-0099")
    assert (version.revision.number, version.revision.why) == (1, "flytting fra regneark")
    assert wired.store.register.history(EntityKind.SITE, "solbakken")[0].revision == version.revision


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_a_site_with_an_open_work_order_stays(wired: Wired, folder: Path, dry_run: tuple[str, ...]) -> None:
    run("import", folder, wired=wired)
    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(order(17))
    before = wired.store.register.now()
    result = run("import", without_solbakken(folder), "--remove", 1, *dry_run, wired=wired)
    assert (result.exit_code, result.stdout) == (1, "removed site solbakken\n1 would change\n")
    assert result.stderr == (
        "Error: An open work order is about site solbakken (order 17). Nothing is saved. "
        "End or cancel the order first.\n"
    )
    assert wired.store.register.now() == before


def test_a_site_whose_work_order_is_done_may_go(wired: Wired, folder: Path) -> None:
    run("import", folder, wired=wired)
    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(order(17, OrderState.DONE))
    result = run("import", without_solbakken(folder), "--remove", 1, wired=wired)
    assert (result.exit_code, result.stdout) == (0, "removed site solbakken\n1 saved\n")


def test_a_dry_run_tells_of_an_address_in_quarantine_and_nothing_is_saved(wired: Wired, folder: Path) -> None:
    site = folder / "sites/solbakken.yaml"
    run("import", folder, wired=wired)
    kept = site.read_text(encoding="utf-8")
    run("import", without_solbakken(folder), "--remove", 1, wired=wired)
    before = wired.store.register.now()
    (folder / "sites/granli.yaml").write_text(kept.replace("key: solbakken", "key: granli"), encoding="utf-8")
    for arguments in (("--dry-run",), ()):
        result = run("import", folder, *arguments, wired=wired)
        assert (result.exit_code, "solbakken" in result.stderr) == (1, True), result.output
        assert wired.store.register.now() == before


def test_what_is_wrong_with_one_row_of_a_sheet_keeps_all_out(wired: Wired, tmp_path: Path) -> None:
    inventory.dump(inventory.generate(50), tmp_path / "in", form=Form.CSV)
    lines = tmp_path / "in/lines.csv"
    lines.write_text(lines.read_text().replace("nhn_delivered", "nhn_deliverd", 1))
    result = run("import", tmp_path / "in", wired=wired)
    assert result.stderr == (
        "lines.csv:4: kind: 'nhn_deliverd' is not one of the choices. Did you mean 'nhn_delivered'?\n1 finding\n"
    )
    assert wired.store.revision() is None


def test_check_and_import_tell_what_keeps_a_segment_closed(wired: Wired, folder: Path) -> None:
    site = folder / "sites/elvebredden.yaml"
    site.write_text(site.read_text().replace("business: true", "business: false"))
    for result in (run("check", folder), run("import", folder, wired=wired)):
        assert result.exit_code == 0
        assert result.stderr.splitlines() == [
            f"Note: segment {segment} of elvebredden carries no traffic: "
            "The line wan0 of Elvefiber is not a business subscription. The owner must order one."
            for segment in ("legesenter", "fysioterapi", "psykolog")
        ]
    closed = json.loads(run("check", folder, "--json").stdout)["closed"]
    assert closed[1]["segment"] == "fysioterapi"
    assert "bedriftsabonnement" in closed[1]["missing"][0]["nb"]
    assert json.loads(run("import", folder, "--json", wired=wired).stdout)["closed"] == closed


def test_many_closed_segments_are_cut_for_people(tmp_path: Path) -> None:
    inventory.dump(inventory.generate(70), tmp_path / "in", form=Form.CSV)
    lines = tmp_path / "in/lines.csv"
    lines.write_text(lines.read_text().replace(",true,", ",false,"))
    noted = run("check", tmp_path / "in").stderr.splitlines()
    closed = json.loads(run("check", tmp_path / "in", "--json").stdout)["closed"]
    assert (len(noted), noted[-1]) == (21, f"... and {len(closed) - 20} more; --json shows all")


@pytest.mark.process
def test_a_terminal_sees_a_bar_and_a_pipe_does_not(tmp_path: Path) -> None:
    inventory.dump(inventory.generate(100), tmp_path / "in", form=Form.CSV)
    command = [sys.executable, "-m", "linjevakt.main", "inventory", "check", str(tmp_path / "in")]
    piped = subprocess.run(command, capture_output=True, check=True, text=True)
    assert piped.stderr == ""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"}
    ) as process:
        os.close(theirs)
        seen = _all(ours)
    assert process.returncode == 0
    assert "Reading sites" in seen
    assert "100%" in seen


def _all(terminal: int) -> str:
    seen = b""
    try:
        while piece := os.read(terminal, 4096):
            seen += piece
    except OSError:  # EIO: the other end is closed
        pass
    finally:
        os.close(terminal)
    return seen.decode()
