"""Every command that can be run without routers, under LINJEVAKT_LANG=nb, with good and with bad input: no English.

What is no language is taken out first: commands in backquotes, and what is quoted. Left out are `--help` and what the
parser of the command line says of an option or command that there is none (`Usage: ...`): English by its library.
"""

import json
import re
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim
from tests.commandline import application
from tests.unit.cli.test_order import MOVE, SUBSCRIPTION, wishes
from tests.unit.cli.test_paths import commands_of
from typer.testing import CliRunner, Result

from linjevakt import resources

EXAMPLE = str(resources.inventory() / "example")
CHANGE = ("site=solbakken", "lines[0].name=wan0", "lines[0].kind=own_isp", "lines[0].provider=Nyfiber")
ACCEPTED = ("terms", "--by", "Ola Hansen", "--capacity", "general_manager")

ENGLISH = (
    "already|an|and|are|be|been|before|box|but|can|cannot|changed|check|choose|could|did|do|does|done|"
    "each|either|empty|error|every|field|from|give|given|gone|has|have|here|how|if|into|is|it|its|least|"
    "may|mean|minutes|missing|more|most|must|needs|neither|never|nobody|none|nor|nothing|not|nowhere|"
    "of|on|only|or|other|own|possible|refused|refuses|said|same|say|set|should|shows|some|such|take|"
    "taken|than|that|the|their|them|then|there|these|they|this|those|until|use|used|was|were|what|when|"
    "where|which|while|who|whose|why|will|with|without|would|write|wrong|yet|you|your"
)
"""Words of English that are none of bokmål, as `by` (a town), `for`, `in`, `to` (two) and `as` (a company) are."""
_CODE = re.compile(r"`[^`]*`|'[^']*'|linjevakt [a-z].*")
_WORD = re.compile(rf"(?<![\w./=:{{-])(?:{ENGLISH})(?![\w/={{-]|\.\w)", re.IGNORECASE)


def english(text: str) -> list[str]:
    """The lines with a word of English in them."""
    return [line for line in text.splitlines() if _WORD.search(_CODE.sub(" ", line))]


Case = tuple[str, ...]
GOOD: list[Case] = [
    ("--version",),
    ("init",),
    ("inventory", "check", EXAMPLE),
    ("inventory", "import", EXAMPLE, "--dry-run", "--theirs"),
    ("inventory", "show"),
    ("inventory", "export", "{new}"),
    ("inventory", "generate", "{new}", "--sites", "2"),
    ("inventory", "schema", "{new}"),
    ("service", "list"),
    ("service", "lint"),
    ("service", "try", "https://example.no/", "--services", "{service}"),
    ("order", "kinds"),
    ("order", "kinds", "new_site"),
    ("order", "kinds", "relocation"),
    ("order", "kinds", "terminate"),
    ("order", "list", "--all"),
    ("order", "show", "1"),
    ("order", "show", "2"),
    ("order", "new", "exclude", *wishes(["organisation=312980134", "reason=ubetalt"]), "--check"),
    ("order", "advance", "2", *SUBSCRIPTION, "--no-run"),
    ("order", "correct", "1", "document=bekreftelse 18", "--step", "subscription", "--reason", "feil nummer"),
    ("order", "amend", "1", "place.room=12", "--reason", "annet rom"),
    ("order", "run", "1"),
    ("order", "cancel", "1", "--reason", "angret"),
    ("org", "list"),
    ("org", "gate"),
    ("org", "add", "--file", "{organisation}"),
    ("org", "set", "310648213", "name=Fjellheim legesenter"),
    ("org", "agree", "310648213", *ACCEPTED),
    ("site", "list"),
    ("address", "pools"),
    ("address", "list"),
    ("address", "who", "203.0.113.1"),
    ("address", "who", "10.64.1.0/24"),
    ("stock", "list"),
    ("stock", "add", "LV-9", "--model", "Eksempelboks 4"),
    ("stock", "move", "LV-8", "lost"),
    ("revoked", "list"),
    ("lock", "list"),
    ("revoked", "list", "--ask"),
    ("revoked", "enforce"),
    ("router", "list"),
    ("router", "show", "rtr-fjellheim"),
    ("router", "show", "rtr-solbakken"),
    ("router", "show", "hub-oslo"),
    ("router", "stolen", "rtr-elvebredden", "--check"),
    ("line", "list"),
    ("line", "show", "rtr-fjellheim.wan0"),
    ("line", "show", "rtr-fjellheim.wan1"),
    ("line", "letter", "rtr-fjellheim.wan0", "--pdf", "{new}"),
    ("history", "--order", "1"),
    ("history", "site", "fjellheim"),
    ("impact", "router", "rtr-fjellheim"),
    ("impact", "hub", "hub-oslo"),
]
BAD: list[Case] = [
    ("lock", "break", "rtr-fjellheim", "--reason", "den maskinen er borte"),
    ("init", "--home", "{file}"),
    ("init", "--home", "{file}/below"),
    ("init", "--home", "{open}"),
    ("inventory", "check", "{missing}"),
    ("inventory", "check", "{wrong}"),
    ("inventory", "import", "{missing}"),
    ("inventory", "import", EXAMPLE, "--remove", "3"),
    ("inventory", "show", "rtr-fjelheim"),
    ("inventory", "show", "x"),
    ("inventory", "export", "{full}"),
    ("service", "show", "x"),
    ("service", "lint", "{missing}"),
    ("service", "try", "https://example.no/"),
    ("service", "try", "https://example.no/", "--segment", "x/y"),
    ("service", "try", "https://example.no/", "--segment", "solbakken/legekontor"),
    ("order", "kinds", "x"),
    ("order", "new", "relocation"),
    ("order", "new", "relocation", "--file", "{file}"),
    ("order", "new", "relocation", "--set", "site"),
    ("order", "new", "relocation", "--set", "site=x"),
    ("order", "new", "relocation", "--set", "lines[7].name=x"),
    ("order", "new", "line_change", *wishes(list(CHANGE))),
    ("order", "show", "99"),
    ("order", "advance", "2", "x=y"),
    ("order", "advance", "2", "x"),
    ("order", "advance", "2", "--step", "x"),
    ("order", "advance", "99", "business=yes"),
    ("order", "run", "99"),
    ("order", "stage", "2", "--identity", "{file}"),
    ("order", "stage", "99", "--identity", "{claim}"),
    ("order", "stage", "2", "--identity", "{claim}"),
    ("order", "correct", "2", "x=y", "--step", "x", "--reason", "feil"),
    ("order", "amend", "2", "x=y", "--reason", "feil"),
    ("order", "cancel", "99", "--reason", "feil"),
    ("order", "list", "--kind", "x"),
    ("org", "show", "1"),
    ("org", "gate", "1"),
    ("org", "add", "--file", "{file}"),
    ("org", "set", "310648213", "number=1"),
    ("org", "set", "310648213", "x=y"),
    ("org", "set", "310648213", "her_id=x"),
    ("org", "agree", "310648213", *ACCEPTED, "--on", "2026-02-30"),
    ("org", "agree", "310648213", *ACCEPTED, "--on", "2099-01-01"),
    ("org", "agree", "310648213", *ACCEPTED, "--on", "i morgen"),
    ("site", "list", "--state", "x"),
    ("site", "show", "x"),
    ("site", "show", "fjelheim"),
    ("site", "show", "fjellheim", "--as-of", "2020-01-01"),
    ("site", "show", "fjellheim", "--as-of", "x"),
    ("address", "list", "--site", "fjelheim"),
    ("address", "who", "x"),
    ("stock", "add", "LV-0011", "--model", "Eksempelboks 4"),
    ("stock", "add", "LV-7", "--model", "Eksempelboks 4", "--platform", "x"),
    ("stock", "move", "x", "installed"),
    ("stock", "move", "LV-0011", "installed"),
    ("router", "show", "x"),
    ("router", "stage", "x", "--identity", "{claim}"),
    ("router", "stage", "rtr-fjellheim", "--identity", "{file}"),
    ("router", "stage", "rtr-fjellheim", "--identity", "{empty}"),
    ("router", "stage", "rtr-fjellheim", "--identity", "{claim}", "--out", "{link}"),
    ("router", "stolen", "x", "--reason", "borte"),
    ("router", "stolen", "rtr-fjellheim"),
    ("health", "x"),
    ("health", "rtr-elvebredden"),
    ("line", "show", "x"),
    ("line", "letter", "rtr-fjellheim.wan1"),
    ("line", "openings", "rtr-fjellheim.wan0"),
    ("plan",),
    ("plan", "x"),
    ("plan", "rtr-elvebredden"),
    ("plan", "--all"),
    ("push", "--all"),
    ("push", "rtr-elvebredden"),
    ("settle", "rtr-elvebredden"),
    ("history",),
    ("history", "site", "x"),
    ("impact", "router", "x"),
    ("impact", "provider", "x"),
    ("serve", "--listen", "x"),
    ("serve", "--listen", "127.0.0.1:99999"),
    ("serve", "--listen", "192.0.2.1:8080"),
    ("serve", "--fd", "400"),
    ("--lang", "no"),
    ("impact",),
    ("impact", "ruter", "x"),
    ("history", "router", "x"),
    ("push", "x", "--revert-in", "1"),
    ("push", "x", "--revert-in", "snart"),
    ("order", "new"),
    ("order", "show", "x"),
    ("order", "cancel", "1"),
    ("order", "cancel", "1", "--reason", ""),
    ("order", "list", "--mine", "teknikker"),
    ("org", "agree", "310648213", "databehandler", "--by", "Ola Hansen", "--capacity", "general_manager"),
    ("org", "agree", "310648213", "terms", "--by", "Ola Hansen", "--capacity", "sjef"),
    ("stock", "move", "LV-0011", "borte"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the example, an order under way, one that is shut out, and boxes."""
    made = tmp_path_factory.mktemp("home")
    made.chmod(0o700)
    prepared.migrated(made)
    done(made, "init")
    done(made, "inventory", "import", EXAMPLE)
    done(made, "order", "new", "relocation", *wishes(MOVE))
    done(made, "order", "advance", "1", *SUBSCRIPTION)
    done(made, "stock", "add", "LV-8", "--model", "Eksempelboks 4")
    done(made, "order", "new", "line_change", *wishes(list(CHANGE)))
    (made / "claim.json").write_text(json.dumps(claim("LV-0011")))
    done(made, "router", "stage", "rtr-elvebredden", "--identity", str(made / "claim.json"), "--out", str(made / "out"))
    done(made, "router", "stolen", "rtr-elvebredden", "--reason", "innbrudd")
    return made


def said(home: Path, *arguments: str, language: str = "nb") -> Result:
    environment = {"LINJEVAKT_HOME": str(home), "LINJEVAKT_LANG": language, "COLUMNS": None, "TERMINAL_WIDTH": "300"}
    return CliRunner(env=environment).invoke(application(), list(arguments), catch_exceptions=False)


def done(home: Path, *arguments: str) -> None:
    result = said(home, *arguments, language="en")
    assert result.exit_code == 0, (arguments, result.output)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """What the cases name: files and folders that are right, or wrong in one way."""
    folders = {name: tmp_path / name for name in ("open", "full", "wrong")}
    for folder in folders.values():
        folder.mkdir(mode=0o755)
    (folders["full"] / "x").touch()
    (folders["wrong"] / "installation.yaml").write_text("x: 1\n", encoding="utf-8")
    files = {"file": "x", "empty": "", "claim": json.dumps(claim("LV-0012")), "organisation": ORGANISATION}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    names = (*folders, *files, "link", "missing", "new")
    return {name: str(tmp_path / name) for name in names} | {"service": "internet"}


ORGANISATION = "number: '310000035'\nname: Nye legesenter\ncontacts:\n  - {name: Ola Hansen, phone: '990 00 101'}\n"


def _id(case: Case) -> str:
    return " ".join(word.removeprefix(EXAMPLE) for word in case)[:80]


@pytest.mark.parametrize("case", GOOD, ids=_id)
def test_what_is_done_is_told_in_norwegian(case: Case, home: Path, places: dict[str, str]) -> None:
    result = said(home, *(word.format(**places) for word in case))
    assert result.exit_code in {0, 1, 3}, result.output
    assert result.output or case[:1] == ("service",)
    assert english(result.output) == []


@pytest.mark.parametrize("case", BAD, ids=_id)
def test_what_is_wrong_is_told_in_norwegian(case: Case, home: Path, places: dict[str, str]) -> None:
    result = said(home, *(word.format(**places) for word in case))
    assert result.exit_code in {1, 2, 3}, result.output
    assert result.output
    assert english(result.output) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("impact ruter x", "kind: 'ruter' is not one of the choices. Did you mean 'router'?"),
        ("impact", "kind is missing. Use one of: router, line, hub, provider"),
        ("push x --revert-in 1", "--revert-in: '1' must be at least 10."),
        ("order show x", "N: 'x' is no number. Write digits only"),
        ("order cancel 1", "--reason is missing"),
        ("org agree 310648213 term --by A --capacity general_manager", "agreements: 'term' is not one of the choices."),
    ],
)
def test_the_words_of_a_command_are_refused_in_one_line(words: str, told: str, home: Path) -> None:
    result = said(home, *words.split(), language="en")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {told}")
    assert result.stderr.endswith(" --help` shows more)\n")
    assert result.stderr.count("\n") == 1


def test_a_wrong_setting_of_the_environment_is_named_as_it_is_set(home: Path) -> None:
    told = said(home, "plan", language="nb_NO").stderr
    assert told.startswith("Error: LINJEVAKT_LANG: 'nb_NO' is not one of the choices. Use one of: nb, en")
    assert said(home, "--lang", "no", "plan", language="nb").stderr.startswith("Feil: --lang: 'no' er ikke")


def test_the_language_of_a_command_that_is_refused_ends_with_it(home: Path) -> None:
    assert said(home, "order", "list", "--lang", "nb", "--mine", "x", language="en").stderr.startswith("Feil: ")
    assert said(home, "plan", language="en").stderr.startswith("Error: ")


@pytest.mark.parametrize("case", BAD, ids=_id)
def test_the_search_finds_what_is_english(case: Case, home: Path, places: dict[str, str]) -> None:
    """Else nothing would be found in Norwegian either."""
    assert english(said(home, *(word.format(**places) for word in case), language="en").output)


@pytest.mark.parametrize("words", ["site show fjellheim", "site show elvebredden", "org show 310648213"])
def test_what_stands_beside_a_thing_as_yaml_is_norwegian(words: str, home: Path) -> None:
    shown = said(home, *words.split()).output
    aside = [line for line in shown.splitlines() if line.startswith("#")] or shown.partition("\n\n")[2].splitlines()
    assert aside
    assert english("\n".join(aside)) == []


def test_each_command_is_run_here() -> None:
    """But those that need routers, or run until they are stopped."""
    run_here = {*GOOD, *BAD, *((*words.split(),) for words in ("site show", "org show", "router stage"))}
    known = {tuple(name.split()) for name, _callback in commands_of(application())}
    assert [name for name in known if not any(case[: len(name)] == name for case in run_here)] == []


def test_a_box_is_staged_in_norwegian(home: Path, places: dict[str, str]) -> None:
    """Last: what was staged would be asked."""
    result = said(home, "router", "stage", "rtr-solbakken", "--identity", places["claim"], "--out", places["new"])
    assert "last den på rtr-solbakken med" in result.output
    assert english(result.output) == []
