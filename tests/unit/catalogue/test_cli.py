"""`linjevakt service`: what it prints and how it ends."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests import prepared
from tests.registers import save_inventory
from typer.testing import CliRunner, Result

from linjevakt import inventory, resources
from linjevakt.cli.service import app
from linjevakt.model.catalogue import Catalogue
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store


@dataclass(frozen=True)
class Wired:
    store: Store
    catalogue: Catalogue
    settings: Settings

    @property
    def office(self) -> Office:
        return Office(self.store)


@pytest.fixture
def wired(tmp_path: Path) -> Wired:
    store = prepared.checked(prepared.migrated(tmp_path))
    save_inventory(store, inventory.load(resources.inventory() / "example"), "kari")
    return Wired(store, inventory.load_catalogue(), Settings(home=tmp_path))


def run(wired: Wired, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=wired)


def test_list_shows_every_service_with_its_traffic(wired: Wired) -> None:
    shown = run(wired, "list")
    assert shown.exit_code == 0
    assert all(key in shown.stdout for key in wired.catalogue)
    rows = {row["key"]: row for row in json.loads(run(wired, "list", "--json").stdout)}
    assert rows.keys() == wired.catalogue.keys()
    assert rows["remote-support"]["flows"] == ["remote-support tcp 443+8041"]


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Internet through the proxy"), ("nb", "Internett gjennom proxy")]
)
def test_list_tells_titles_in_the_language_spoken(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, language: str, title: str
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("LINJEVAKT_LANG", language)
    shown = run(wired, "list").stdout
    assert f" {title} " in shown
    assert "nb=" not in shown


def test_show_prints_the_row_without_what_is_not_set(wired: Wired) -> None:
    row = json.loads(run(wired, "show", "video", "--json").stdout)
    assert (row["minimum_mbit"], "requires" in row) == (2, False)
    assert "minimum_mbit: 2" in run(wired, "show", "video").stdout


def test_a_mistyped_service_is_answered_with_the_one_that_was_meant(wired: Wired) -> None:
    result = run(wired, "show", "vido")
    assert (result.exit_code, result.stderr) == (2, "Error: There is no service 'vido'. Did you mean 'video'?\n")


def test_lint_finds_nothing_in_the_shipped_rows(wired: Wired) -> None:
    result = run(wired, "lint")
    assert result.exit_code == 0
    assert "nothing to mend" in result.stdout
    assert json.loads(run(wired, "lint", "--json").stdout) == {"findings": []}


def test_lint_tells_file_line_and_url_of_a_wrong_row(wired: Wired, rows: Path) -> None:
    text = (rows / "video.yaml").read_text()
    (rows / "video.yaml").write_text(text.replace("match: suffix", "match: host"))
    result = run(wired, "lint", rows)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        (
            "video.yaml:10: pac_tests[1]: flex.pac of linux answers "
            "'PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128' for "
            "https://room1.join.nhn.no/, not 'DIRECT'. Correct the row, or the platform's template flex.pac.j2"
        ),
        "1 finding",
    ]
    (finding,) = json.loads(run(wired, "lint", rows, "--json").stdout)["findings"]
    assert (finding["file"], finding["line"], finding["field"]) == ("video.yaml", 10, "pac_tests[1]")


@pytest.mark.parametrize(
    ("url", "where", "answer"),
    [
        ("https://resh.nhn.no/", ("--segment", "solbakken/tannlege"), "DIRECT"),
        (
            "http://www.example.com/",
            ("--segment", "solbakken/tannlege"),
            "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128",
        ),
        ("https://a.sikker.example/", ("--services", "internet, secure-proxy"), "PROXY 10.255.0.32:8080"),
        ("http://www.example.com/", ("--services", "registers"), "PROXY 127.0.0.1:9"),
    ],
)
def test_try_prints_what_a_browser_is_told(wired: Wired, url: str, where: tuple[str, str], answer: str) -> None:
    assert run(wired, "try", url, *where).stdout == f"{answer}\n"
    assert json.loads(run(wired, "try", url, *where, "--json").stdout)["answer"] == answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("http://a.example/",), "name either --segment SITE/SEGMENT or --services a,b"),
        (("http://a.example/", "--segment", "solbaken/tannlege"), "Did you mean 'solbakken/tannlege'?"),
        (("http://a.example/", "--services", "internt"), "Did you mean 'internet'?"),
        (("nonsense", "--services", "internet"), "'nonsense' is not a URL with a host"),
    ],
)
def test_what_cannot_be_tried_is_told(wired: Wired, arguments: tuple[str, ...], message: str) -> None:
    result = run(wired, "try", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_closed_segment_has_no_browser(wired: Wired) -> None:
    fleet = wired.store.inventory()
    members = tuple(
        member.model_copy(update={"membership": member.membership.model_copy(update={"terms": None})})
        for member in fleet.organisations
    )
    save_inventory(wired.store, fleet.model_copy(update={"organisations": members}), "kari")
    result = run(wired, "try", "http://a.example/", "--segment", "solbakken/tannlege")
    assert result.exit_code == 3
    assert "has not accepted the membership terms" in result.stderr
