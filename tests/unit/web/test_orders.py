"""An order over HTTP, from wish to done, and every way in which it may be refused."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from tests.boxes import claim
from tests.unit.web.conftest import Nudged, client_at

from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.provisioning.fleet import Fleet
from linjevakt.web.api.examples import NEW_ORDERS, WISHES
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS

BY = {"who": "Kari", "reason": "ringte"}
SUBSCRIPTION = {"business": "yes", "document": "bekreftelse 17"}
SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-87"}


def _ordered(client: TestClient, kind: str, wish: Any = None) -> Response:
    answer: Response = client.post("/api/v1/orders", json={"kind": kind, "wish": wish or WISHES[kind], **BY})
    return answer


def _advanced(client: TestClient, number: int, **body: Any) -> Response:
    answer: Response = client.post(f"/api/v1/orders/{number}/advance", json={"who": "Ola", **body})
    return answer


def test_a_new_site_goes_from_wish_to_done(writer: TestClient, desk: Desk) -> None:
    taken = _ordered(writer, "new_site")
    assert (taken.status_code, taken.headers["location"]) == (201, "/api/v1/orders/1")
    assert taken.json()["order"]["claims"][1]["network"] == "10.96.0.0/24"
    for answers in (SUBSCRIPTION, SURVEY):
        assert _advanced(writer, 1, values=answers).status_code == 200
    desk.run(1)
    staged = writer.post("/api/v1/orders/1/stage", json={**BY, "box": claim("LV-100")})
    assert "@{secret:" not in staged.json()["configuration"]
    assert writer.post("/api/v1/orders/1/stage", json={**BY, "box": claim("LV-100")}).status_code == 409
    desk.run(1)
    _advanced(writer, 1, values={"tracking": "370438101234567890"}, note="Sendt\ni dag")
    _advanced(writer, 1, step="plug_in")
    desk.run(1)
    shown = writer.get("/api/v1/orders/1").json()
    assert (shown["order"]["state"], {step["state"] for step in shown["steps"]}) == ("done", {"done"})
    assert shown["steps"][0]["title"]["nb"] == "Bestill linjen hos egen leverandør"


def test_what_staging_tells_is_written_nowhere(writer: TestClient, desk: Desk) -> None:
    _ordered(writer, "new_site")
    for answers in (SUBSCRIPTION, SURVEY):
        _advanced(writer, 1, values=answers)
    desk.run(1)
    told = writer.post("/api/v1/orders/1/stage", json={**BY, "box": claim("LV-100")}).json()["configuration"]
    (key,) = {
        line.split('"')[1] for line in told.splitlines() if "auth" in line and '"' in line and len(line) > 40
    } or {""}
    assert key
    assert key not in writer.get("/api/v1/history", params={"limit": 500}).text


def test_a_wrong_answer_is_told(writer: TestClient) -> None:
    _ordered(writer, "new_site")
    wrong = _advanced(writer, 1, values={"business": "no"})
    assert (wrong.status_code, "business must be `yes`" in wrong.json()["detail"]) == (422, True)


def test_what_an_order_lacks_is_told_in_both_languages(writer: TestClient, desk: Desk) -> None:
    with desk.fleet.store.register.edit(Author("kari", "a box on its way")) as draft:
        draft.put(Equipment(serial="LV-0012", model="X", state=Whereabouts.INSTALLED, router="rtr-solbakken"))
    wish = {**WISHES["terminate"], "notice": "2026-01-10", "membership": False}
    _ordered(writer, "terminate", wish)
    desk.run(1)
    _advanced(writer, 1, step="give_back")
    answer = _advanced(writer, 1, values={"serial": "LV-100", "condition": "good"})
    assert answer.status_code == 409
    assert answer.json()["lacking"] == [
        {"nb": "Det er LV-0012 som skal tilbake, ikke LV-100.", "en": "LV-0012 is to be returned, not LV-100."}
    ]


def test_trouble_comes_with_whom_to_call(writer: TestClient, desk: Desk) -> None:
    wish = {"site": "fjellheim", "segment": "legekontor", "service": "ntp"}
    _ordered(writer, "add_service", wish)
    desk._hands(print).away.add("rtr-fjellheim")  # type: ignore[attr-defined] # noqa: SLF001 - the field in memory
    desk.run(1)
    trouble = writer.get("/api/v1/orders/1").json()["order"]["trouble"]
    assert trouble["message"] == {"nb": "rtr-fjellheim svarer ikke", "en": "rtr-fjellheim does not answer"}
    assert writer.get("/api/v1/orders").json()["items"][0]["trouble"]["message"] == trouble["message"]


def test_a_step_out_of_turn_is_a_conflict(writer: TestClient) -> None:
    _ordered(writer, "new_site")
    refused = _advanced(writer, 1, step="survey", values=SURVEY)
    assert (refused.status_code, "next step is subscription" in refused.json()["detail"]) == (409, True)
    early = writer.post("/api/v1/orders/1/stage", json={**BY, "box": claim("LV-100")})
    assert (early.status_code, "not stage" in early.json()["detail"]) == (409, True)


def test_a_second_order_about_the_same_site_is_a_conflict(writer: TestClient) -> None:
    _ordered(writer, "replace_router")
    assert _ordered(writer, "relocation").status_code == 409


def test_orders_are_listed_newest_first_and_by_page(writer: TestClient) -> None:
    _ordered(writer, "relocation")
    _ordered(writer, "terminate", {**WISHES["terminate"], "membership": False})
    writer.post("/api/v1/orders/1/cancel", json={**BY, "leave": True})
    assert [row["number"] for row in writer.get("/api/v1/orders").json()["items"]] == [2]
    first = writer.get("/api/v1/orders", params={"every": True, "limit": 1}).json()
    assert ([row["number"] for row in first["items"]], first["next"]) == ([2], "2")
    rest = writer.get("/api/v1/orders", params={"every": True, "limit": 1, "after": first["next"]}).json()
    assert ([row["state"] for row in rest["items"]], rest["next"]) == (["cancelled"], None)


def test_notes_tell_what_it_costs(writer: TestClient) -> None:
    wish = {**WISHES["relocation"], "site": "solbakken"}
    assert "3000" in _ordered(writer, "relocation", wish).json()["notes"][0]["nb"]


def test_the_system_can_be_asked_to_try_at_once(writer: TestClient, nudged: Nudged, populated: Fleet) -> None:
    _ordered(writer, "replace_router")
    assert writer.post("/api/v1/orders/1/run", json=BY).status_code == 202
    assert nudged.orders == [(1, "Kari")]
    alone = client_at(populated)
    assert alone.post("/api/v1/orders/1/run", json=BY).status_code == 409
    assert alone.post("/api/v1/orders/2/run", json=BY).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example_that_fits_its_schema(writer: TestClient, kind: str) -> None:
    answer = writer.post("/api/v1/orders", json=NEW_ORDERS[kind]["value"])
    assert "errors" not in answer.json() or answer.json()["errors"][0]["field"] == "", answer.text
    described = writer.get(f"/api/v1/kinds/{kind}").json()
    assert set(described["wish"]["required"]) <= set(WISHES[kind])
    assert all(step["title"]["nb"] and step["title"]["en"] for step in described["steps"])


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"kind": "relocate"}, "", "Did you mean 'relocation'?"),
        ({"wish": {**WISHES["relocation"], "sit": 1}}, "wish.sit", "is not a field here"),
        ({"wish": {**WISHES["relocation"], "lines": [{"name": "wan0"}]}}, "wish.lines.0.kind", "is missing"),
        ({"who": "Kari\x00"}, "who", "invisible character"),
        ({"who": "Kari\ud800"}, "who", "UTF-8 cannot say"),
        ({"wish": {"\ud800": 1}}, "wish", "UTF-8 cannot say"),
        ({"wish": {**WISHES["relocation"], "window": "now"}}, "wish.window", "is no moment"),
    ],
)
def test_a_wrong_field_is_named_as_it_was_sent(
    client: TestClient, change: dict[str, Any], field: str, says: str
) -> None:
    body = {"kind": "relocation", "wish": WISHES["relocation"], **BY, **change}
    answer = client.post("/api/v1/orders", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    told = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert says in told.get(field, ""), told


def test_a_line_by_pppoe_is_answered_with_what_to_ask_the_provider_for(writer: TestClient) -> None:
    wish = WISHES["relocation"]
    lines = [{**line, "addressing": {"method": "pppoe"}} for line in wish["lines"]]
    answer = _ordered(writer, "relocation", {**wish, "lines": lines})
    assert answer.status_code == 422
    assert "cannot get its address by PPPoE. Have the provider's modem dial in" in answer.json()["detail"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", 0, True, "20260131"])
def test_days_with_which_one_cannot_reckon_are_refused(client: TestClient, day: Any) -> None:
    for wish in ({**WISHES["freeze"], "since": day}, {**WISHES["terminate"], "notice": day}):
        kind = "freeze" if "since" in wish else "terminate"
        assert _ordered(client, kind, wish).status_code == 422
