"""The language of a run: what speaks it besides the commands' own text, and until when."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.progress import TextColumn
from tests import prepared

from linjevakt.cli import language, routertext, terminal
from linjevakt.cli.language import Tongue
from linjevakt.model.errors import NotFoundError
from linjevakt.model.health import Health
from linjevakt.model.saying import Saying, together
from linjevakt.overview import Witness
from linjevakt.plugins import ansible

SAID = NotFoundError(Saying("{} and {} more", together(", ", ["rtr-a", Saying("nobody")]), 2))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def norwegian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(language.VARIABLE, Tongue.NB)


@pytest.mark.usefixtures("norwegian")
def test_what_is_filled_in_is_norwegian_too(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.echo(SAID)
    table = terminal.Rows(Saying("Router"), title=Saying("nobody"))
    table.add_row(SAID)
    table.show()
    told = capsys.readouterr().out
    assert told.count("rtr-a, ingen og 2 til") == 2
    assert "Ruter" in told
    assert "nobody" not in told


@pytest.mark.usefixtures("norwegian")
def test_a_router_that_has_nothing_more_to_tell_is_said_to_be_well_in_norwegian(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody = Witness(shut_out=None, unrefused=0, down_since=None, hub="", hub_state="", copies=())
    routertext.show_health(Health("rtr-a", datetime(2026, 11, 26, 12, tzinfo=UTC), reachable=True), nobody)
    assert re.match(r"rtr-a: (i orden|svekket|nede)\n", capsys.readouterr().out)


@pytest.mark.usefixtures("norwegian")
def test_a_bar_says_in_norwegian_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with terminal.progress(TextColumn("{task.description}")) as tasks:
        tasks.add_task(terminal.here(Saying("Reading sites")), total=None)
    assert "Leser lokasjoner" in stream.getvalue()


@pytest.mark.parametrize(
    ("variable", "said"), [("nb", "Feil: Det finnes ingen ruter 'rtr-x'"), ("", "Error: There is")]
)
def test_the_inventory_of_ansible_speaks_it(
    variable: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared.migrated(tmp_path)
    monkeypatch.setenv("LINJEVAKT_LANG", variable)
    monkeypatch.setenv("LINJEVAKT_HOME", str(tmp_path))
    monkeypatch.setattr(ansible, "hosts", lambda _settings: ())
    assert ansible.main(["--host", "rtr-x"]) == ansible.WRONG_INPUT
    assert said in capsys.readouterr().err
