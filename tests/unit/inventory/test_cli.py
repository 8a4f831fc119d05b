"""`linjevakt inventory` against a real database file: what it prints, how it ends, and that no input breaks it."""

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import prepared
from typer.testing import CliRunner, Result

from linjevakt import inventory, resources
from linjevakt.cli.inventory import app
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store

EXAMPLE = resources.inventory() / "example"
FILES = sorted(file.relative_to(EXAMPLE) for file in EXAMPLE.rglob("*.yaml"))


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
    store = prepared.checked(prepared.migrated(tmp_path))
    return Wired(store, inventory.load_catalogue())


@dataclasses.dataclass(frozen=True)
class Bare:
    """All that a command has which needs no database."""

    settings: Settings = dataclasses.field(default_factory=Settings)


def run(*arguments: object, wired: Wired | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=wired or Bare())


def change(folder: Path, old: str, new: str) -> None:
    site = folder / "sites/fjellheim.yaml"
    site.write_text(site.read_text().replace(old, new, 1))


def test_check_needs_no_database_and_says_what_it_saw() -> None:
    result = run("check", EXAMPLE)
    assert (result.exit_code, result.stdout) == (0, f"{EXAMPLE}: 3 sites, 5 organisations; nothing to mend\n")


def test_check_prints_one_finding_a_line_on_stderr_and_ends_with_2(folder: Path) -> None:
    change(folder, "10.64.1.0/24", "10.64.1.1/24")
    change(folder, "business: true", "busines: true")
    result = run("check", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "sites/fjellheim.yaml:20: lines[0].busines: is not a field here. Did you mean 'business'?",
        "sites/fjellheim.yaml:37: segments[0].prefix: '10.64.1.1/24' has host bits set. Did you mean '10.64.1.0/24'?",
        "2 findings",
    ]


def test_check_gives_the_findings_as_json(folder: Path) -> None:
    change(folder, "10.64.1.0/24", "10.64.1.1/24")
    result = run("check", folder, "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["error"] == "1 finding"
    assert told["findings"] == [
        {
            "file": "sites/fjellheim.yaml",
            "line": 37,
            "field": "segments[0].prefix",
            "message": "'10.64.1.1/24' has host bits set",
            "remedy": "Did you mean '10.64.1.0/24'?",
        }
    ]
    assert json.loads(run("check", EXAMPLE, "--json").stdout) == {"findings": [], "closed": []}


def test_what_is_imported_comes_out_again(wired: Wired, tmp_path: Path) -> None:
    assert run("import", EXAMPLE, wired=wired).exit_code == 0
    result = run("export", tmp_path / "out", wired=wired)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/out: 3 sites, 5 organisations written\n")
    assert inventory.load(tmp_path / "out") == inventory.load(EXAMPLE)


def test_a_dry_run_shows_the_changes_and_saves_nothing(wired: Wired, tmp_path: Path) -> None:
    run("import", EXAMPLE, wired=wired)
    folder = tmp_path / "out"
    run("export", folder, wired=wired)
    change(folder, "down_mbit: 100", "down_mbit: 200")
    (folder / "sites/solbakken.yaml").unlink()
    expected = ["removed site solbakken", "changed site fjellheim: lines[0].down_mbit: 100 -> 200"]
    dry = run("import", folder, "--dry-run", "--remove", 1, wired=wired)
    assert dry.stdout.splitlines() == [*expected, "2 would change"]
    assert wired.store.inventory() == inventory.load(EXAMPLE)
    assert run("import", folder, "--remove", 1, wired=wired).stdout.splitlines() == [*expected, "2 saved"]
    assert run("import", folder, wired=wired).stdout == "nothing changes\n"


def test_a_long_list_of_changes_is_cut_for_people_and_whole_in_json(wired: Wired, tmp_path: Path) -> None:
    inventory.dump(inventory.generate(120), tmp_path / "fleet")
    lines = run("import", tmp_path / "fleet", "--dry-run", wired=wired).stdout.splitlines()
    changes = json.loads(run("import", tmp_path / "fleet", "--dry-run", "--json", wired=wired).stdout)["changes"]
    assert len(changes) == 1 + 144 + 120
    assert lines[-2:] == [f"... and {len(changes) - 100} more; --json shows all", f"{len(changes)} would change"]


def test_an_import_with_findings_saves_nothing(wired: Wired, folder: Path) -> None:
    change(folder, "10.64.1.0/24", "10.64.1.1/24")
    assert run("import", folder, wired=wired).exit_code == 2
    assert wired.store.revision() is None


def test_show_lists_routers_and_finds_one_by_router_or_site(wired: Wired) -> None:
    run("import", EXAMPLE, wired=wired)
    rows = json.loads(run("show", "--json", wired=wired).stdout)
    assert [row["router"] for row in rows] == ["hub-oslo", "rtr-elvebredden", "rtr-fjellheim", "rtr-solbakken"]
    by_router, by_site = (run("show", name, "--json", wired=wired).stdout for name in ("rtr-fjellheim", "fjellheim"))
    assert by_router == by_site
    assert json.loads(by_site)["router"]["management"] == "10.250.0.11"
    assert "rtr-elvebredden" in run("show", wired=wired).stdout
    assert "Fjellheim legekontor" in run("show", "fjellheim", wired=wired).stdout


def test_a_mistyped_name_is_answered_with_the_near_one(wired: Wired) -> None:
    run("import", EXAMPLE, wired=wired)
    result = run("show", "rtr-fjelheim", wired=wired)
    assert result.exit_code == 2
    assert result.stderr == "Error: There is no router and no site 'rtr-fjelheim'. Did you mean 'rtr-fjellheim'?\n"


def test_show_and_export_before_any_import_say_so(wired: Wired, tmp_path: Path) -> None:
    for arguments in (("show",), ("export", tmp_path / "out")):
        result = run(*arguments, wired=wired)
        assert result.exit_code == 2
        assert "No inventory is saved yet" in result.stderr


def test_export_into_a_folder_with_content_is_refused(wired: Wired, folder: Path) -> None:
    run("import", EXAMPLE, wired=wired)
    result = run("export", folder, wired=wired)
    assert (result.exit_code, "is not an empty folder" in result.stderr) == (2, True)


def test_generate_writes_a_fleet_that_checks(tmp_path: Path) -> None:
    assert run("generate", tmp_path / "fleet", "--sites", 25).exit_code == 0
    assert run("check", tmp_path / "fleet").exit_code == 0


@st.composite
def mangled(draw: st.DrawFn) -> tuple[Path, bytes]:
    """One file of the example with a slice replaced by anything."""
    file = draw(st.sampled_from(FILES))
    raw = (EXAMPLE / file).read_bytes()
    start = draw(st.integers(0, len(raw)))
    end = draw(st.integers(start, min(len(raw), start + 40)))
    pieces = st.binary(max_size=12) | st.text(max_size=12).map(str.encode) | st.sampled_from(YAML_WORDS)
    return file, raw[:start] + draw(pieces) + raw[end:]


YAML_WORDS = [
    b"\n",
    b": ",
    b"- ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"&a ",
    b"*a",
    b"!!set ",
    b"<<: ",
    b"---\n",
    b"null",
    b"? ",
    b"| ",
    b"%",
]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(mangled())
def test_no_mangled_file_ends_in_a_traceback(case: tuple[Path, bytes]) -> None:
    file, raw = case
    with TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(EXAMPLE, Path(scratch) / "inventory"))
        (folder / file).write_bytes(raw)
        result: Any = run("check", folder)
    assert result.exit_code in {0, 2}, result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
    said = [line for line in result.stderr.splitlines() if not line.startswith("Note: segment ")]  # a closed one
    assert (result.exit_code == 0) == (said == [])
