"""A box that is shut out, and a router that is silent: told alike by commands, their JSON, API, page and metrics."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from fastapi.testclient import TestClient
from tests.boxes import claim
from tests.unit.fleet.routers import BOXES, FJELLHEIM, HUB, SOLBAKKEN, Field, at_work
from tests.unit.web.conftest import client_at
from typer.testing import CliRunner, Result

from linjevakt.cli import revoked, router, site
from linjevakt.model.health import DuplicateHealth, Health
from linjevakt.model.inventory import Inventory
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet

HOUR_S = 3600


@dataclass(frozen=True)
class Wired:
    office: Office
    fleet: Fleet
    stop: Stop = dataclasses.field(default_factory=Stop)


@cache
def _commands() -> typer.Typer:
    app = typer.Typer()
    router.register(app)
    app.add_typer(revoked.app, name="revoked")
    app.add_typer(site.app, name="site")
    return app


@dataclass
class Place:
    field: Field

    @property
    def web(self) -> TestClient:
        return client_at(self.field.fleet, self.field.clock.now())

    def run(self, *arguments: str, code: int = 0) -> Result:
        wired = Wired(Office(self.field.store), self.field.fleet)
        result = CliRunner(env={"COLUMNS": None, "LINJEVAKT_LANG": None}).invoke(
            _commands(), list(arguments), obj=wired
        )
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def metrics(self) -> list[str]:
        return [line for line in self.web.get("/metrics").text.splitlines() if not line.startswith("#")]


@pytest.fixture
def place(tmp_path: Path, inventory: Inventory) -> Iterator[Place]:
    field = at_work(tmp_path, inventory)
    yield Place(field)
    field.store.close()


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/Oslo')):%Y-%m-%d %H:%M}"


def _stolen(place: Place) -> datetime:
    """Five hours after staging, while the hub does not answer."""
    place.field.cut(HUB)
    place.field.clock.sleep(5 * HOUR_S)
    at = place.field.clock.now()
    place.run("router", "stolen", FJELLHEIM, "--reason", "burgled", code=1)
    return at


def test_commands_tell_that_a_box_is_shut_out_since_when_and_where_not_yet(place: Place) -> None:
    at = _stolen(place)
    for arguments, code in ((("health", FJELLHEIM), 1), (("router", "show", FJELLHEIM), 0)):
        told = place.run(*arguments, code=code).stdout
        assert f"shut out     its box was reported stolen since {_local(at)}" in told
        assert f"revocation NOT in force on {HUB}" in told
    shown = place.run("router", "show", FJELLHEIM).stdout
    assert f"stage        shut out since {_local(at)}" in shown
    assert f"certificate  REVOKED {_local(at)}" in shown
    assert "until" not in shown, "nothing of it is good until anything"
    listed = place.run("router", "list").stdout
    assert f"revoked {_local(at)}" in next(line for line in listed.splitlines() if FJELLHEIM in line)
    assert [row["site"] for row in place.json("site", "list", "--state", "shut_out")] == ["fjellheim"]
    assert "refuses      NOT YET 1 of the revoked certificates" in place.run("router", "show", HUB).stdout
    assert place.run("health", FJELLHEIM, code=1).stdout.startswith(f"{FJELLHEIM}: shut out, no answer")


def test_norwegian_commands_tell_the_same(place: Place) -> None:
    at = _local(_stolen(place))
    shown = place.run("router", "show", FJELLHEIM, "--lang", "nb").stdout
    assert f"utestengt    boksen er meldt stjålet siden {at}" in shown
    assert f"tilbakekallingen gjelder IKKE på {HUB}" in shown
    assert f"sertifikat   TILBAKEKALT {at}" in shown
    assert f"{FJELLHEIM}: utestengt" in place.run("health", FJELLHEIM, "--lang", "nb", code=1).stdout
    assert "gjelder IKKE ENNÅ på hub-oslo" in place.run("revoked", "enforce", "--lang", "nb", code=1).stderr
    listed = place.run("revoked", "list", "--lang", "nb", code=1).stdout
    assert "Ikke ennå på" in listed
    assert "stjålet" in listed


def test_json_and_api_tell_the_same(place: Place) -> None:
    at = _stolen(place)
    asked = place.json("health", FJELLHEIM, code=1)
    shown = place.json("router", "show", FJELLHEIM)
    answered = place.web.get(f"/api/v1/routers/{FJELLHEIM}").json()
    for told in (asked, shown, answered):
        assert told["state"] == "shut_out"
        shut = told["witness"]["shut_out"]
        assert (datetime.fromisoformat(shut["since"]), shut["waiting"]) == (at, [HUB])
    for told in (shown, answered):
        assert datetime.fromisoformat(told["certificate_revoked"]) == at
    assert shown["certificate_days_left"] == 0
    assert place.web.get(f"/api/v1/routers/{HUB}").json()["witness"]["unrefused"] == 1


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "revocation NOT in force on hub-oslo"), ("nb", "gjelder IKKE ennå på hub-oslo")]
)
def test_the_page_tells_the_same_and_puts_it_first(place: Place, lang: str, said: str) -> None:
    _stolen(place)
    page = place.web.get(f"/?lang={lang}").text
    assert said in page
    assert {"en": "1 shut out", "nb": "1 utestengt"}[lang] in page
    rows = page.split("<tr>")[2:]
    assert FJELLHEIM in rows[0]
    assert 'class="shut_out"' in rows[0]
    assert {"en": "revoked ", "nb": "tilbakekalt "}[lang] in rows[0]


def test_metrics_tell_the_same_until_the_hub_refuses_it(place: Place) -> None:
    assert f'linjevakt_revoked_not_in_force{{router="{HUB}"}} 0.0' in place.metrics()
    _stolen(place)
    shut = f'linjevakt_router_shut_out{{router="{FJELLHEIM}"}} 1.0'
    waits = f'linjevakt_router_shut_out_not_in_force{{by="{HUB}",router="{FJELLHEIM}"}} 1.0'
    assert {shut, waits, f'linjevakt_revoked_not_in_force{{router="{HUB}"}} 1.0'} <= set(place.metrics())
    place.field.mend(HUB)
    assert revocation.enforce(place.field.fleet) == ()
    assert shut in place.metrics()
    assert waits not in place.metrics()
    assert f'linjevakt_revoked_not_in_force{{router="{HUB}"}} 0.0' in place.metrics()
    shown = place.run("router", "show", FJELLHEIM).stdout
    assert "shut out     its box was reported stolen" in shown
    assert "NOT" not in shown
    assert "`linjevakt-agent status`" not in shown, "the reason is known, and the box is not at hand"


def test_a_box_staged_in_its_place_is_not_shut_out(place: Place) -> None:
    _stolen(place)
    place.field.mend(HUB)
    place.field.fleet.boxes.stage(FJELLHEIM, claim(BOXES[FJELLHEIM]))
    assert place.json("router", "show", FJELLHEIM)["witness"]["shut_out"] is None
    shown = place.run("router", "show", FJELLHEIM).stdout
    assert "shut out" not in shown
    assert "certificate  REVOKED" in shown, "what was last seen at work is the stolen box's"
    ends = place.field.store.devices.get(FJELLHEIM).certificate_expires
    place.field.store.healths.save(
        Health(FJELLHEIM, place.field.clock.now(), reachable=True, tunnel_up=True, certificate_expires=ends)
    )
    assert "REVOKED" not in place.run("router", "show", FJELLHEIM).stdout, "the new box answers, and runs its own"


def test_a_shut_out_box_that_still_answers_is_no_router_in_order(place: Place) -> None:
    """The worst case: no hub refuses it yet, and its tunnel is up."""
    ends = place.field.clock.now() + timedelta(days=80)
    well = Health(
        FJELLHEIM,
        place.field.clock.now(),
        reachable=True,
        tunnel_up=True,
        config_state="confirmed",
        certificate_expires=ends,
    )
    place.field.answers[FJELLHEIM] = well
    place.run("health", FJELLHEIM)
    _stolen(place)
    told = place.run("health", FJELLHEIM, code=1).stdout
    assert told.startswith(f"{FJELLHEIM}: shut out\n")
    assert "certificate  REVOKED" in told
    assert "tunnel       up" in told


def test_a_silent_router_is_down_since_then_and_the_way_to_the_reason_is_told(place: Place) -> None:
    place.field.answers[HUB] = Health(HUB, place.field.clock.now(), reachable=True, has_tunnel=False)
    place.field.fleet.polling.poll(HUB)
    since = place.field.clock.now()
    place.field.fleet.polling.poll(SOLBAKKEN)
    place.field.clock.sleep(3 * HOUR_S)
    for arguments, code in ((("health", SOLBAKKEN), 1), (("router", "show", SOLBAKKEN), 0)):
        told = place.run(*arguments, code=code).stdout
        assert f"down         since {_local(since)}" in told
        assert f"hub          {HUB}: degraded" in told
        assert "why          the router itself tells: `linjevakt-agent status` on the box" in told
    page = place.web.get("/?lang=nb").text
    assert "nede siden" in page
    assert "linjevakt-agent status" in page
    down_since = place.json("router", "show", SOLBAKKEN)["witness"]["down_since"]
    assert datetime.fromisoformat(down_since) == since


def test_what_the_hub_says_of_a_copy_is_told_with_the_router_that_is_down(place: Place) -> None:
    now = place.field.clock.now()
    copy = DuplicateHealth(SOLBAKKEN, "192.0.2.7", 12, now, now)
    other = replace(copy, router=FJELLHEIM, address="192.0.2.8")
    place.field.answers[HUB] = Health(HUB, now, reachable=True, has_tunnel=False, duplicates=(copy, other))
    place.field.fleet.polling.poll(HUB)
    told = place.run("health", SOLBAKKEN, code=1).stdout
    assert f"duplicate    somebody has the key of {SOLBAKKEN} at 192.0.2.7: 12 times" in told
    assert "192.0.2.8" not in told
