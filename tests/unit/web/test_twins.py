"""The command line and the API are two edges over one room: the same input has the same effect, or the same refusal."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from tests import prepared
from tests.unit.cli.conftest import Wired, commands
from tests.unit.web.conftest import client_at, desk_of, fleet_of, opened
from typer.testing import CliRunner

from linjevakt.inventory import load_catalogue
from linjevakt.model.actor import Via
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store
from linjevakt.web.api.examples import WISHES

OWNER, NEW, UNKNOWN = "310000019", "310000035", "310000043"
SIGNED = {"by": "Nora", "capacity": "general_manager"}
FUTURE, PAST = "2150-01-01", "2026-01-05"
WHY = "de ringte"
_OF_FILES = ". See inventory/example for a file that is right"  # nothing that helps one who sends a request


@dataclass(frozen=True)
class Step:
    """One thing that is done at both edges: as arguments, and as a request; `told` is what stdin says."""

    arguments: tuple[str, ...]
    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""


def agreed(day: str, *, agreement: str = "terms", by: str = "Nora", corrects: bool = True) -> Step:
    said = ("--by", by, "--capacity", "general_manager", "--on", day, *(("--reason", WHY) if corrects else ()))
    body = {"agreement": agreement, "accepted": day, **SIGNED, "by": by, "corrects": corrects}
    return Step(("org", "agree", OWNER, agreement, *said), "POST", f"/organisations/{OWNER}/agreements", body)


def member(**fields: Any) -> Step:
    """A new organisation of that number, and the fields besides its name."""
    number = fields.pop("number", NEW)
    told = yaml.safe_dump({"number": number, "name": "Psykolog Lunde", **fields})
    body = {"name": "Psykolog Lunde", **fields}
    return Step(("org", "add", "--file", "-", "--reason", WHY), "PUT", f"/organisations/{number}", body, told)


def patched(number: str, **fields: Any) -> Step:
    said = tuple(f"{name}={'' if value is None else value}" for name, value in fields.items())
    return Step(("org", "set", number, *said, "--reason", WHY), "PATCH", f"/organisations/{number}", fields)


def box(serial: str, model: str = "Test 1", platform: str = "linux") -> Step:
    body = {"serial": serial, "model": model, "platform": platform}
    return Step(("stock", "add", serial, "--model", model, "--platform", platform), "POST", "/stock", body)


def moved(serial: str, state: str, **more: str) -> Step:
    said = tuple(word for name, value in more.items() for word in (f"--{name}", value))
    return Step(("stock", "move", serial, state, *said), "POST", f"/stock/{serial}/move", {"state": state, **more})


def ordered(kind: str, **wish: Any) -> Step:
    told = yaml.safe_dump(wish)
    arguments = ("order", "new", kind, "--file", "-", "--reason", WHY)
    return Step(arguments, "POST", "/orders", {"kind": kind, "wish": wish}, told)


def advanced(number: int, **values: str) -> Step:
    said = tuple(f"{name}={value}" for name, value in values.items())
    path = f"/orders/{number}/advance"
    return Step(("order", "advance", str(number), "--no-run", *said), "POST", path, {"values": values})


def cancelled(number: int) -> Step:
    return Step(("order", "cancel", str(number), "--no-run", "--reason", WHY), "POST", f"/orders/{number}/cancel")


def asked(path: str, *arguments: str) -> Step:
    return Step(arguments, "GET", path)


TAKEN = {
    "an agreement is written down": (agreed(PAST),),
    "a member is added, and corrected": (
        member(category="municipality"),
        patched(NEW, her_id=80123),
        patched(NEW, her_id=None),
    ),
    "a box comes in, is lost and found": (box("LV-7"), moved("LV-7", "lost", note="borte"), moved("LV-7", "returned")),
    "an order is taken, advanced and cancelled": (
        ordered("line_change", **WISHES["line_change"]),
        advanced(1, business="ja", document="bekreftelse 17"),
        cancelled(1),
    ),
    "what is there is shown": (
        asked("/sites/fjellheim", "site", "show", "fjellheim"),
        asked("/sites/fjellheim?as_of=2026-07-02", "site", "show", "fjellheim", "--as-of", "2026-07-02"),
        asked("/addresses?site=fjellheim", "address", "list", "--site", "fjellheim"),
        asked("/history?kind=site&key=fjellheim", "history", "site", "fjellheim"),
        asked("/impact/line/rtr-fjellheim.wan0", "impact", "line", "rtr-fjellheim.wan0"),
    ),
}
REFUSED = {
    "an agreement of a day to come": agreed(FUTURE),
    "another agreement than the one recorded": agreed(PAST, agreement="customer", by="Ola", corrects=False),
    "an agreement by nobody": agreed(PAST, by=" "),
    "a number with a wrong check digit": member(number="310000036"),
    "a number that is not for tests": member(number="974760673"),
    "a category that there is not": member(category="farmacy"),
    "a HER-id that is too large": patched(OWNER, her_id=2**31),
    "a member that there is not": patched(UNKNOWN, her_id=1),
    "a box that is there": box("LV-100"),
    "a serial number with a space": box("LV 9"),
    "a serial number with a slash": box("LV/9"),
    "a serial number of nothing": box(""),
    "a box without model": box("LV-9", model=" "),
    "a platform that there is not": box("LV-9", platform="linx"),
    "a platform that is no word": box("LV-9", platform="no such"),
    "a box that there is not": moved("LV-404", "lost"),
    "a box that is to be another router": moved("LV-100", "staged", router="rtr-nowhere"),
    "a step that no box takes": moved("LV-100", "installed"),
    "a note with a bell": moved("LV-100", "lost", note="a\x07b"),
    "an order about no site": ordered("line_change", **{**WISHES["line_change"], "site": "fjelheim"}),
    "an order about no member": ordered("exclude", organisation=UNKNOWN, reason="utløpt"),
    "an order that lacks what it needs": ordered("line_change", site="fjellheim"),
    "a router that is no word": moved("LV-100", "staged", router="no such"),
    "an order that there is not": advanced(99),
    "an order that there is not to cancel": cancelled(99),
    "a site that there is not": asked("/sites/fjelheim", "site", "show", "fjelheim"),
    "a site of another name": asked("/sites/nowhere", "site", "show", "nowhere"),
    "a site before there was one": asked(
        "/sites/fjellheim?as_of=1999-01-01", "site", "show", "fjellheim", "--as-of", "1999-01-01"
    ),
    "addresses of no site": asked("/addresses?site=nowhere", "address", "list", "--site", "nowhere"),
    "the history of nothing": asked("/history?kind=site&key=nowhere", "history", "site", "nowhere"),
    "the gate of no member": asked(f"/organisations/{UNKNOWN}/gate", "org", "gate", UNKNOWN),
    "a member that there is not to show": asked(f"/organisations/{UNKNOWN}", "org", "show", UNKNOWN),
    "a router that there is not": asked("/routers/rtr-nowhere", "router", "show", "rtr-nowhere"),
    "a failure of no router": asked("/impact/router/rtr-nowhere", "impact", "router", "rtr-nowhere"),
    "a failure of no line": asked("/impact/line/rtr-fjellheim.wan9", "impact", "line", "rtr-fjellheim.wan9"),
    "a failure of no provider": asked("/impact/provider/Nowhere", "impact", "provider", "Nowhere"),
    "an order of no kind to explain": asked("/kinds/nowhere", "order", "kinds", "nowhere"),
}


@dataclass
class Twins:
    """Two installations that were the same before the first step: one for each edge."""

    wired: Wired
    client: TestClient
    stores: tuple[Store, Store]

    def cli(self, step: Step) -> Any:
        """None where it was done, else what is wrong."""
        arguments = [*step.arguments, *(("--who", "Kari") if step.body or step.method != "GET" else ()), "--json"]
        result = CliRunner().invoke(commands(), arguments, obj=self.wired, input=step.told)
        if result.exit_code == 0:
            return None
        told = json.loads(result.stdout)
        found = [f"{one['message']}. {one['remedy']}" for one in told.get("findings", ())]
        return [text.removesuffix(_OF_FILES) for text in found] or [told["error"]]

    def api(self, step: Step) -> Any:
        """The same."""
        said = {"who": "Nora", "on_behalf_of": "Kari"} | ({} if "advance" in step.path else {"reason": WHY})
        body = {"json": {**said, **step.body}} if step.method != "GET" else {}
        answer = self.client.request(step.method, f"/api/v1{step.path}", **body)
        if answer.is_success:
            return None
        told = answer.json()
        return [one["message"] for one in told.get("errors", ()) if one["field"]] or [told["detail"]]

    def states(self) -> list[Any]:
        return [
            sorted(_nameless(entity.model_dump(mode="json")) for entity in store.register.now().entities.values())
            for store in self.stores
        ]

    def last(self) -> list[Any]:
        return [store.register.revision() for store in self.stores]


def _nameless(entity: dict[str, Any]) -> str:
    """Without the names of those who wrote it down, who are others at each edge."""
    entity.pop("by", None)
    for evidence in entity.get("evidence", ()):
        evidence.pop("who")
    return json.dumps(entity, sort_keys=True)


@pytest.fixture(scope="module")
def twins(database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with ExitStack() as stack:
        homes = [tmp_path_factory.mktemp("twin") for _ in range(2)]
        left, right = (stack.enter_context(closing(opened(prepared.copied(database, home)))) for home in homes)
        desk = desk_of(fleet_of(left))
        wired = Wired(Office(left), desk, desk.fleet, load_catalogue(None), Settings(home=Path(homes[0])))
        yield Twins(wired, client_at(fleet_of(right)), (left, right))


@pytest.mark.parametrize("steps", TAKEN.values(), ids=TAKEN)
def test_the_same_input_has_the_same_effect(twins: Twins, steps: tuple[Step, ...]) -> None:
    for step in steps:
        before = twins.last()
        assert (twins.cli(step), twins.api(step)) == (None, None), step
        left, right = twins.states()
        assert left == right, step
        after = twins.last()
        assert [a != b for a, b in zip(after, before, strict=True)] == [step.method != "GET"] * 2, step
        for made, via in zip(after if step.method != "GET" else (), (Via.CLI, Via.API), strict=False):
            assert (made.actor.via, made.actor.on_behalf_of) == (via, "Kari"), "both tell who it was, and for whom"
            assert made.who.startswith("Kari (recorded by ")


@pytest.mark.parametrize("step", REFUSED.values(), ids=REFUSED)
def test_the_same_input_is_refused_in_the_same_words(twins: Twins, step: Step) -> None:
    before = twins.last()
    told = twins.cli(step)
    assert told is not None, "the command line takes it"
    assert told == twins.api(step)
    assert twins.last() == before


@pytest.mark.parametrize("name", ["x" * 101, "a\x07b", "a\u202eb"], ids=["long", "bell", "turned"])
def test_a_name_that_no_history_keeps_is_refused_by_both(twins: Twins, name: str) -> None:
    arguments = ["org", "set", OWNER, "her_id=7", "--who", name, "--json"]
    assert CliRunner().invoke(commands(), arguments, obj=twins.wired).exit_code == 2
    for said in ({"who": name}, {"who": "Nora", "on_behalf_of": name}):
        body = {"reason": WHY, "her_id": 7, **said}
        assert twins.client.patch(f"/api/v1/organisations/{OWNER}", json=body).status_code == 422, said
    left, right = twins.states()
    assert left == right
