"""Organisations and boxes over HTTP: every write is checked, and says who and why."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

BY = {"who": "Kari", "reason": "ringte"}
NEW = "310000035"


def _last_change(client: TestClient) -> tuple[str, str, str]:
    change = client.get("/api/v1/history", params={"limit": 1}).json()[0]
    return change["who"], change["why"], change["key"]


def test_an_organisation_is_taken_in_and_changed(writer: TestClient) -> None:
    path = f"/api/v1/organisations/{NEW}"
    assert writer.put(path, json={**BY, "name": "Lia tannlege"}).status_code == 201
    assert writer.put(path, json={**BY, "name": "Lia tannlege", "her_id": 80777}).status_code == 200
    changed = writer.patch(path, json={**BY, "her_id": None, "record_system": "Journal 2"}).json()
    assert (changed["name"], changed["her_id"], changed["record_system"]) == ("Lia tannlege", None, "Journal 2")
    assert _last_change(writer) == ("Kari", "ringte", NEW)


def test_what_orders_and_agreements_decide_survives_a_put(writer: TestClient) -> None:
    before = writer.get("/api/v1/organisations/310000019").json()
    after = writer.put("/api/v1/organisations/310000019", json={**BY, "name": "Fjellheim legesenter"}).json()
    assert (after["name"], after["membership"]) == ("Fjellheim legesenter", before["membership"])


def test_agreements_open_the_gate_one_by_one(writer: TestClient) -> None:
    writer.put(f"/api/v1/organisations/{NEW}", json={**BY, "name": "Lia tannlege"})
    signed = {**BY, "accepted": "2026-06-30", "by": "Nora Nordmann", "capacity": "signature_right"}
    for n, agreement in enumerate(("terms", "data_processing", "customer")):
        gate = writer.get(f"/api/v1/organisations/{NEW}/gate").json()
        assert (gate["open"], len(gate["missing"])) == (False, 3 - n)
        path = f"/api/v1/organisations/{NEW}/agreements"
        assert writer.post(path, json={**signed, "agreement": agreement}).status_code == 200
    assert writer.get(f"/api/v1/organisations/{NEW}/gate").json()["open"] is True


def test_an_agreement_that_is_recorded_is_overwritten_only_to_correct_it(writer: TestClient) -> None:
    path = "/api/v1/organisations/310000019/agreements"
    told = {**BY, "agreement": "terms", "accepted": "2026-06-29", "by": "Nora Nordmann", "capacity": "signature_right"}
    refused = writer.post(path, json=told)
    assert (refused.status_code, "already" in refused.json()["detail"]) == (409, True), refused.text
    assert writer.post(path, json={**told, "corrects": True}).json()["membership"]["terms"]["accepted"] == "2026-06-29"
    assert writer.post(path, json={**told, "accepted": "2199-01-01", "corrects": True}).status_code == 422


@pytest.mark.parametrize(
    ("number", "body", "says"),
    [
        ("310000036", {"name": "Lia"}, "check digit"),
        (NEW, {"name": ""}, "is empty"),
        (NEW, {"name": "Lia", "membership": {}}, "is not a field here"),
        (NEW, {"name": "Lia", "enterprise_certificate": 0}, "2026-01-31"),
        (NEW, {"name": "Lia", "her_id": 10**30}, "must be at most"),
    ],
)
def test_a_wrong_organisation_is_refused(writer: TestClient, number: str, body: dict[str, Any], says: str) -> None:
    answer = writer.put(f"/api/v1/organisations/{number}", json={**BY, **body})
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.text
    assert writer.get(f"/api/v1/organisations/{number}").status_code == 404


def test_an_organisation_that_is_not_there_cannot_be_changed(writer: TestClient) -> None:
    assert writer.patch(f"/api/v1/organisations/{NEW}", json={**BY, "name": "Lia"}).status_code == 404


def test_a_box_comes_in_and_moves_only_where_boxes_go(writer: TestClient) -> None:
    new = {**BY, "serial": "LV-200", "model": "Eksempelboks 4"}
    assert writer.post("/api/v1/stock", json=new).status_code == 201
    assert writer.post("/api/v1/stock", json=new).status_code == 409
    moved = writer.post("/api/v1/stock/LV-200/move", json={**BY, "state": "lost", "note": "på bussen"})
    assert (moved.json()["state"], moved.json()["note"]) == ("lost", "på bussen")
    refused = writer.post("/api/v1/stock/LV-200/move", json={**BY, "state": "installed"})
    assert (refused.status_code, "can become: returned" in refused.json()["detail"]) == (409, True)
    assert [box["serial"] for box in writer.get("/api/v1/stock", params={"state": "lost"}).json()["items"]] == [
        "LV-200"
    ]


def test_a_box_needs_a_platform_and_a_router_that_exist(writer: TestClient) -> None:
    answer = writer.post("/api/v1/stock", json={**BY, "serial": "LV-200", "model": "X", "platform": "linx"})
    assert (answer.status_code, "Did you mean 'linux'?" in answer.json()["detail"]) == (422, True)
    move = {**BY, "state": "staged", "router": "rtr-fjelheim"}
    assert writer.post("/api/v1/stock/LV-100/move", json=move).status_code == 404


@pytest.mark.parametrize("left_out", ["who", "reason"])
def test_a_write_without_who_or_why_is_refused(client: TestClient, left_out: str) -> None:
    body = {key: value for key, value in BY.items() if key != left_out}
    answer = client.post("/api/v1/stock/LV-100/move", json={**body, "state": "lost"})
    assert answer.json()["errors"] == [{"field": left_out, "message": "is missing. Add it"}]
