"""`linjevakt line` over a made-up store and fleet."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from linjevakt.cli import line as commands
from linjevakt.devices import LineOpenings, OpeningAnswer, Openings
from linjevakt.inventory import load_catalogue
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import UnreachableError
from linjevakt.model.inventory import Inventory


@dataclass
class Store:
    saved: Inventory

    def inventory(self) -> Inventory:
        return self.saved


@dataclass
class Fleet:
    """A router whose firewalls let these through: UDP 500, UDP 4500, ESP; None: it cannot be reached."""

    lets: tuple[bool | None, bool | None, bool | None] | None = (True, True, True)

    @property
    def doors(self) -> "Fleet":
        return self

    def try_openings(self, router: str, line: str) -> Openings:
        if self.lets is None:
            raise UnreachableError(f"{router}: no answer")
        ike, natt, esp = (
            OpeningAnswer(
                protocol=protocol,
                port=port,
                open=let,
                ms=1.25 if let else None,
                detail="no answer",
                required=protocol == "udp",
            )
            for (protocol, port), let in zip((("udp", 500), ("udp", 4500), ("esp", None)), self.lets, strict=True)
        )
        rows = (LineOpenings(name=line, address="198.51.100.2", openings=(ike, natt, esp)),)
        return Openings(target="203.0.113.2", lines=rows)


@dataclass(frozen=True)
class FakeContext:
    office: Store
    catalogue: Catalogue
    fleet: Fleet


def run(inventory: Inventory, *arguments: str, fleet: Fleet | None = None) -> Result:
    app = typer.Typer()
    commands.register(app)
    context = FakeContext(Store(inventory), load_catalogue(), fleet or Fleet())
    return CliRunner().invoke(app, ["line", *arguments], obj=context)


def test_every_line_of_every_site_is_listed(inventory: Inventory) -> None:
    names = [row["name"] for row in json.loads(run(inventory, "list", "--json").stdout)]
    assert names == ["rtr-fjellheim.wan0", "rtr-fjellheim.wan1", "rtr-solbakken.wan0", "rtr-solbakken.wan1"]
    assert all(name in run(inventory, "list").stdout for name in names)


def test_a_line_is_shown_with_what_must_be_open(inventory: Inventory) -> None:
    shown = run(inventory, "show", "rtr-fjellheim.wan0").stdout
    assert "must open    udp 4500 from the router: 198.51.100.2 to 203.0.113.2" in shown
    assert "may open     esp from" in shown
    assert json.loads(run(inventory, "show", "rtr-solbakken.wan0", "--json").stdout)["openings"] == []


def test_the_letter_is_norwegian_unless_english_is_asked_for(inventory: Inventory) -> None:
    assert "Brannmuråpninger for Helsenettet" in run(inventory, "letter", "rtr-fjellheim.wan0").stdout
    assert "Firewall openings" in run(inventory, "letter", "rtr-fjellheim.wan0", "--lang", "en").stdout


def test_the_letter_is_written_as_a_pdf(inventory: Inventory, tmp_path: Path) -> None:
    file = tmp_path / "brev.pdf"
    done = run(inventory, "letter", "rtr-fjellheim.wan0", "--pdf", str(file))
    assert done.exit_code == 0
    assert done.stdout == f"{file}: the letter about rtr-fjellheim.wan0\n"
    assert "Brannmuråpninger" in PdfReader(file).pages[0].extract_text()


def test_the_letter_as_json_holds_the_openings_for_programs(inventory: Inventory) -> None:
    told = json.loads(run(inventory, "letter", "rtr-fjellheim.wan0", "--json").stdout)
    assert told["text"].startswith("Norsk helsenett\n")
    assert [(one["protocol"], one["ports"]) for one in told["openings"]][:3] == [
        ("udp", [4500]),
        ("udp", [500]),
        ("esp", []),
    ]


@pytest.mark.parametrize("line", ["rtr-solbakken.wan0", "rtr-fjellheim.wan1"])
def test_a_line_of_nhn_s_own_is_refused_and_no_file_written(inventory: Inventory, tmp_path: Path, line: str) -> None:
    refused = run(inventory, "letter", line, "--pdf", str(tmp_path / "brev.pdf"))
    assert refused.exit_code == 2
    assert "nobody needs a letter" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_one_line_of_error(inventory: Inventory, tmp_path: Path) -> None:
    refused = run(inventory, "letter", "rtr-fjellheim.wan0", "--pdf", str(tmp_path / "no" / "brev.pdf"))
    assert refused.exit_code == 2
    assert "does not exist" in refused.stderr


def test_a_line_that_is_not_there_is_answered_with_the_one_meant(inventory: Inventory) -> None:
    refused = run(inventory, "show", "rtr-fjelheim.wan0")
    assert refused.exit_code == 2
    assert "Did you mean 'rtr-fjellheim.wan0'?" in refused.stderr


def test_all_that_the_tunnel_needs_being_open_is_success_whatever_becomes_of_bare_esp(inventory: Inventory) -> None:
    done = run(inventory, "openings", "rtr-fjellheim.wan0", fleet=Fleet((True, True, False)))
    assert done.exit_code == 0
    assert "  udp 4500  open       1.2 ms" in done.stdout
    assert "  esp       closed     no answer (not needed)" in done.stdout


@pytest.mark.parametrize("natt", [False, None])
def test_one_that_is_closed_or_could_not_be_tried_is_no_success(inventory: Inventory, natt: bool | None) -> None:  # noqa: FBT001
    fleet = Fleet((True, natt, True))
    done = run(inventory, "openings", "rtr-fjellheim.wan0", "--json", fleet=fleet)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["passable"] is False
    assert [one["open"] for one in told["openings"]] == [True, natt, True]


def test_a_router_that_cannot_be_reached_is_said_to_be(inventory: Inventory) -> None:
    done = run(inventory, "openings", "rtr-fjellheim.wan0", fleet=Fleet(None))
    assert done.exit_code == 1
    assert "rtr-fjellheim: no answer" in done.stderr
