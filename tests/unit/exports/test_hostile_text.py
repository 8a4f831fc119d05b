"""Whatever the register's text fields hold, no export of it is obeyed, and what can be read back is what was written.

The fields are those of the models, not a list of ours: a new one is attacked from its first day.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from nornir import InitNornir
from nornir_jinja2.plugins.tasks import template_string
from prometheus_client.parser import text_string_to_metric_families
from pypdf import PdfReader
from tests import hostile, prepared
from tests.registers import save_inventory
from tests.unit.render.fleet import identity

from linjevakt import census, intent, inventory, render, web
from linjevakt.health.metrics import Metrics
from linjevakt.inventory import Form, load_catalogue
from linjevakt.letters.letter import letter
from linjevakt.letters.openings import SiteLine
from linjevakt.letters.pdf import pdf
from linjevakt.letters.plain import text as plain_letter
from linjevakt.model.census import Census, RouterFacts
from linjevakt.model.dossier import dossier
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.health import Health, LineHealth, ProbeHealth
from linjevakt.model.inventory import Inventory, LineKind
from linjevakt.model.record import ShutOut, Standing
from linjevakt.plugins import ansible, hosts
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.settings import Settings
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders.desk import Desk
from napalm_linjevakt.parse import sections

DAY = date(2026, 11, 22)
FORMULA = re.compile(r"[=+@\t\r]|-.")
each = pytest.mark.parametrize("text", hostile.VISIBLE.values(), ids=hostile.VISIBLE)


@pytest.fixture
def attacked(inventory: Inventory, text: str) -> hostile.Fleet:
    return hostile.fleet(inventory, text)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return prepared.migrated(tmp_path)


@pytest.fixture
def store(attacked: hostile.Fleet, url: str) -> Iterator[Store]:
    with closing(prepared.checked(url)) as opened:
        save_inventory(opened, attacked.inventory, "kari")
        yield opened


@each
def test_every_field_that_takes_the_text_holds_it(attacked: hostile.Fleet, text: str) -> None:
    """Else the fleet of these tests lacks a field, and what follows proves less than it says."""
    known = [*hostile.text_fields(Inventory), *hostile.text_fields(Equipment)]
    assert attacked.put == {name for name, info in known if hostile.takes(info, f"{text} 1")}
    assert len(attacked.put) >= 19


@pytest.mark.parametrize("text", hostile.HIDDEN.values(), ids=hostile.HIDDEN)
def test_no_field_of_the_fleet_takes_a_hidden_character(inventory: Inventory, text: str) -> None:
    assert hostile.fleet(inventory, text).put == set()
    email = [info for name, info in hostile.text_fields(Inventory) if name == "Contact.email"]
    assert not any(hostile.takes(info, f"{text}@example.no") for info in email)


# --- files ---


@each
@pytest.mark.parametrize("form", list(Form))
def test_a_folder_gives_back_what_was_written(
    inventory_of: Any, attacked: hostile.Fleet, tmp_path: Path, form: Form
) -> None:
    inventory.dump(attacked.inventory, tmp_path / "out", equipment=attacked.equipment, form=form)
    assert inventory_of(tmp_path / "out") == (attacked.inventory, attacked.equipment)


@pytest.fixture
def inventory_of() -> Any:
    def read(folder: Path) -> tuple[Inventory, tuple[Equipment, ...] | None]:
        contents = inventory.read(folder)
        return contents.inventory, contents.equipment

    return read


@each
@pytest.mark.parametrize("form", [Form.CSV, Form.EXCEL])
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_no_cell_is_a_formula_however_a_spreadsheet_splits_the_sheet(
    attacked: hostile.Fleet, tmp_path: Path, form: Form, separator: str
) -> None:
    inventory.dump(attacked.inventory, tmp_path / "out", equipment=attacked.equipment, form=form)
    sheets = [file.read_text(encoding="utf-8-sig") for file in (tmp_path / "out").glob("*.csv")]
    rows = [row for sheet in sheets for row in csv.reader(io.StringIO(sheet, newline=""), delimiter=separator)]
    assert [cell for row in rows for cell in row if FORMULA.match(cell.strip().strip('"').strip())] == []


# --- other tools ---


def unmarked(value: Any) -> Any:
    """What Ansible makes of the marks."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if set(value) == {"__ansible_unsafe"}
            else {k: unmarked(v) for k, v in value.items()}
        )
    return [unmarked(inner) for inner in value] if isinstance(value, list) else value


def bare(value: Any) -> Iterator[str]:
    """Every text that Ansible may read as a template."""
    match value:
        case {"__ansible_unsafe": _}:
            return
        case dict():
            for name, inner in value.items():
                yield from (name, *bare(inner))
        case list():
            for inner in value:
                yield from bare(inner)
        case str():
            yield value


@each
@pytest.mark.usefixtures("store")
def test_ansible_is_told_that_no_text_is_a_template(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINJEVAKT_HOME", str(tmp_path))
    written = {host.name: dict(host.data) for host in hosts.hosts(Settings(home=tmp_path))}
    assert json.dumps(text)[1:-1] in json.dumps(written)
    for arguments in (["--list"], *(["--host", name] for name in written)):
        assert ansible.main(arguments) == 0
        answer = json.loads(capsys.readouterr().out)
        assert [word for word in bare(answer) if not re.fullmatch(r"[\w.:/@+-]*", word, re.ASCII)] == []
        variables = answer["_meta"]["hostvars"] if arguments == ["--list"] else {arguments[1]: answer}
        for name, given in variables.items():
            ours = {key: unmarked(value) for key, value in given.items()}
            assert {f"linjevakt_{key}": value for key, value in written[name].items()}.items() <= ours.items()


@each
@pytest.mark.usefixtures("store")
def test_nornir_and_its_templates_show_the_text_as_it_is(url: str, attacked: hostile.Fleet) -> None:
    chosen = {"plugin": "LinjevaktInventory", "options": {"database_url": url}}
    fleet = InitNornir(inventory=chosen, logging={"enabled": False}, runner={"plugin": "serial"})
    shown = fleet.run(task=template_string, template="{{ host.owner_name }}|{{ host['lines'][0].provider }}")
    for site in attacked.inventory.sites:
        owner = next(one for one in attacked.inventory.organisations if one.number == site.owner)
        assert shown[site.router.name][0].result == f"{owner.name}|{site.lines[0].provider}"


@each
def test_prometheus_reads_back_what_a_router_called_its_lines(text: str) -> None:
    line = LineHealth(text, text, "up", in_use=True, rtt_ms=1.0, changes=0, address="")
    probe = ProbeHealth(text, text, "ok", None, 1.0, "")
    seen = Health(
        text, datetime(2026, 1, 1, tzinfo=UTC), reachable=True, agent_version=text, lines=(line,), probes=(probe,)
    )

    def standing() -> Standing:
        return Standing({text: ShutOut(text, None, (text,))}, {text: 1})

    def counted() -> Census:
        return Census(seen.at, (RouterFacts(text, "site", text, text, ((text, "mobile", text),)),))

    page = Metrics(lambda: (seen,), dict, standing, counted).scraped().decode()
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    labels = {
        value for sample in samples for name, value in sample.labels.items() if name in {"router", "line", "segment"}
    }
    assert labels == {text}


# --- paper ---


def flat(shown: str) -> str:
    return "".join(shown.split())


def places(fleet: hostile.Fleet) -> list[SiteLine]:
    return [
        SiteLine(fleet.inventory, site, line)
        for site in fleet.inventory.sites
        for line in site.lines
        if line.kind is LineKind.OWN_ISP
    ]


@each
@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_letter_shows_the_text_and_nothing_else(attacked: hostile.Fleet, language: Any) -> None:
    for place in places(attacked):
        document = letter(place, load_catalogue(), language, DAY)
        name = flat(place.site.place.name)
        assert name in flat(plain_letter(document))
        assert plain_letter(document).replace("\n", "").isprintable()
        pages = PdfReader(BytesIO(pdf(document))).pages
        assert name in flat("".join(page.extract_text() for page in pages))
        assert [page for page in pages if "/Annots" in page or len(page.images)] == []


# --- the page ---


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def test_the_page_shows_every_text_and_grows_no_tag(inventory: Inventory, url: str) -> None:
    with closing(prepared.checked(url)) as store:
        desk = Desk(Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None)), load_catalogue(None))
        client = TestClient(
            web.create(
                desk,
                Metrics(
                    store.healths.each,
                    store.pushes.totals,
                    lambda: revocation.standing(desk.fleet),
                    census.Taker(desk.fleet).take,
                ).scraped,
            ),
            base_url="http://localhost",
        )

        def shown(fleet: Inventory) -> _Tags:
            save_inventory(store, fleet, "kari")
            found = _Tags()
            found.feed(client.get("/?lang=en").text)
            return found

        tame = shown(hostile.whole(inventory))
        for text in hostile.VISIBLE.values():
            attacked = hostile.fleet(inventory, text).inventory
            page = shown(attacked)
            assert page.tags == tame.tags, text
            assert all(site.place.name in page.said for site in attacked.sites), text


# --- routers ---


@each
def test_a_routers_configuration_is_the_same_but_for_its_texts(
    attacked: hostile.Fleet, inventory: Inventory, text: str
) -> None:
    for router in ("rtr-fjellheim", "rtr-solbakken", "hub-oslo"):
        tame = _rendered(hostile.whole(inventory), router)
        if "@{secret" in text and router != "hub-oslo":
            with pytest.raises(InvalidInputError, match="marks the place of a secret"):
                _rendered(attacked.inventory, router)
            continue
        wild = _rendered(attacked.inventory, router)
        assert {name for name, body in wild.items() if body != tame[name]} <= {"agent.toml"}
        assert wild.keys() == tame.keys()
        system = tomllib.loads(wild["agent.toml"]).pop("system")
        assert tomllib.loads(wild["agent.toml"]) | {"system": None} == tomllib.loads(tame["agent.toml"]) | {
            "system": None
        }
        if router != "hub-oslo":
            site = next(one for one in attacked.inventory.sites if one.router.name == router)
            assert site.place.street in system["location"] or site.place.name in system["location"]


def _rendered(fleet: Inventory, router: str) -> dict[str, str]:
    return dict(sections(render.render(intent.build(dossier(fleet, router), load_catalogue(None), identity())).text))
