"""What is sent about an order is taken as it is meant, and what stands there is put right, over HTTP."""

import pytest
from fastapi.testclient import TestClient
from tests.boxes import claim
from tests.unit.web.test_orders import BY, SUBSCRIPTION, SURVEY, _advanced, _ordered

from linjevakt.store.snapshot import Snapshot
from linjevakt.web.api.common import patched
from linjevakt.web.api.examples import WISHES
from linjevakt.workorders.desk import Desk


def test_who_is_second_is_told_who_was_first(writer: TestClient) -> None:
    _ordered(writer, "new_site")
    assert _advanced(writer, 1, step="subscription", values=SUBSCRIPTION).status_code == 200
    second = _advanced(writer, 1, step="subscription", values=SUBSCRIPTION)
    assert second.status_code == 409
    assert second.json()["detail"] == "Order 1: subscription was done by Ola at 14:00; the next step is survey."


def test_answers_are_taken_in_norwegian_and_within_their_ranges(writer: TestClient) -> None:
    _ordered(writer, "new_site")
    assert _advanced(writer, 1, values={"business": "JA", "document": "bekreftelse 17"}).status_code == 200
    wrong = _advanced(writer, 1, values={**SURVEY, "coverage_dbm": "87"})
    assert (wrong.status_code, "did you mean -87?" in wrong.json()["detail"]) == (422, True)
    taken = _advanced(writer, 1, values={**SURVEY, "locked": "Ja", "coverage_dbm": "\u221287 dBm"}).json()
    (said,) = (one["values"] for one in taken["order"]["evidence"] if one["step"] == "survey")
    assert (said["locked"], said["coverage_dbm"]) == ("yes", "-87")


def test_who_must_act_is_named_in_both_languages(writer: TestClient) -> None:
    steps = _ordered(writer, "new_site").json()["steps"]
    assert (steps[0]["by"], steps[0]["party"]) == ("member", {"nb": "medlem", "en": "member"})
    told = writer.get("/api/v1/kinds/new_site").json()["steps"]
    assert {step["by"]: step["party"]["nb"] for step in told}["technician"] == "tekniker"


def test_an_answer_is_corrected(writer: TestClient) -> None:
    _ordered(writer, "new_site")
    _advanced(writer, 1, values=SUBSCRIPTION)
    body = {**BY, "step": "subscription", "values": {"document": "bekreftelse 18"}}
    corrected = writer.post("/api/v1/orders/1/correct", json=body).json()
    assert corrected["order"]["evidence"][-1]["values"] == {"business": "yes", "document": "bekreftelse 18"}
    assert corrected["order"]["evidence"][-1]["note"] == "ringte"
    assert writer.post("/api/v1/orders/1/correct", json={**body, "step": "survey"}).status_code == 409
    assert writer.post("/api/v1/orders/1/correct", json={**body, "step": "surve"}).status_code == 404
    assert writer.post("/api/v1/orders/1/correct", json={**body, "values": {}}).status_code == 422


def test_an_open_order_is_amended_by_a_merge_patch(writer: TestClient, desk: Desk) -> None:
    _ordered(writer, "relocation")
    body = {**BY, "wish": {"place": {"room": "12"}, "window": None}}
    amended = writer.post("/api/v1/orders/1/amend", json=body).json()
    assert amended["order"]["wish"] == {
        **{name: value for name, value in desk.order(1).wish.items() if name != "place"},
        "place": {**WISHES["relocation"]["place"], "room": "12"},
    }
    assert "window" not in amended["order"]["wish"]
    assert writer.post("/api/v1/orders/1/amend", json=body).status_code == 422, "that is what was ordered"
    refused = writer.post("/api/v1/orders/1/amend", json={**BY, "wish": {"site": "solbakken"}})
    assert (refused.status_code, "site is what the order" in refused.json()["detail"]) == (409, True)
    wrong = writer.post("/api/v1/orders/1/amend", json={**BY, "wish": {"place": {"rom": "12"}}})
    assert (wrong.status_code, "rom" in wrong.json()["detail"]) == (422, True)


def test_a_cancelled_order_says_what_is_to_be_brought_back(writer: TestClient) -> None:
    _ordered(writer, "relocation")
    _advanced(writer, 1, values=SUBSCRIPTION)
    notes = writer.post("/api/v1/orders/1/cancel", json=BY).json()["notes"]
    assert [note["en"] for note in notes] == [
        "The line that the member ordered from Nyfiber has to be cancelled there (bekreftelse 17)."
    ]


def test_a_line_is_not_shared_with_its_owner(writer: TestClient) -> None:
    wish = {**WISHES["share"], "segment": {**WISHES["share"]["segment"], "organisation": "310000027"}}
    refused = _ordered(writer, "share", wish)
    assert (refused.status_code, "share it with itself" in refused.json()["detail"]) == (422, True)


def test_a_merge_patch_is_that_of_rfc_7396() -> None:
    before = {"a": "b", "c": {"d": "e", "f": "g"}, "l": [1, {"x": 2}]}
    assert patched(before, {"a": "z", "c": {"f": None}}) == {"a": "z", "c": {"d": "e"}, "l": [1, {"x": 2}]}
    assert patched(before, {"c": None, "l": [3], "n": {"m": None, "o": 1}}) == {"a": "b", "l": [3], "n": {"o": 1}}


def test_a_wrong_serial_number_is_told_before_anything_is_staged(writer: TestClient, desk: Desk) -> None:
    _ordered(writer, "replace_router")
    before = desk.fleet.store.certificates.all()
    for serial, status in (("LV-1000", 404), ("LV-0011", 404), ("LV-100", 422)):
        body = {**BY, "box": claim(serial) | {"ports": ["wan0"]}}
        assert writer.post("/api/v1/orders/1/stage", json=body).status_code == status, serial
    assert desk.fleet.store.certificates.all() == before
    assert writer.post("/api/v1/orders/1/stage", json={**BY, "box": claim("LV-100")}).status_code == 200


def test_a_port_that_the_router_does_not_have_is_refused_at_once(writer: TestClient, desk: Desk) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim("LV-0012") | {"ports": ["lan0", "wan0", "wan1"]})
    refused = _ordered(writer, "share")
    assert (refused.status_code, "has no port lan1" in refused.json()["detail"]) == (422, True)


def test_an_order_is_answered_from_one_look_whoever_advances_it_meanwhile(
    writer: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ordered(writer, "new_site")
    register, looks = desk.fleet.store.register, 0
    now = register.now

    def then_someone_advances() -> Snapshot:
        nonlocal looks
        seen, looks = now(), looks + 1
        if looks == 1:
            desk.record(1, "Ola", SUBSCRIPTION)
        return seen

    monkeypatch.setattr(register, "now", then_someone_advances)
    answer = writer.get("/api/v1/orders/1").json()
    assert len(desk.order(1).evidence) == 1, "someone has advanced it while it was answered"
    done = [step["key"] for step in answer["steps"] if step["state"] == "done"]
    assert done == [one["step"] for one in answer["order"]["evidence"]]
    assert answer["order"]["step"] == next(step["key"] for step in answer["steps"] if step["state"] == "next")
