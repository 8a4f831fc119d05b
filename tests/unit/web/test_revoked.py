"""A stolen box over the API: shut out, and told where that is not in force yet."""

from fastapi.testclient import TestClient
from tests.boxes import claim
from tests.unit.web.conftest import client_at

from linjevakt.fleet import Fleet
from linjevakt.model.record import HubList

SAID = {"who": "Kari", "reason": "Innbrudd i natt"}


def test_a_stolen_box_is_shut_out_and_listed(writer: TestClient, populated: Fleet) -> None:
    serial = populated.store.device("rtr-fjellheim").certificate_serial
    told = writer.post("/api/v1/routers/rtr-fjellheim/stolen", json=SAID)
    assert told.json() == {
        "box": "LV-0011",
        "router": "rtr-fjellheim",
        "revoked": [serial],
        "in_force": True,
        "waiting": [],
    }, "the hub was never staged: nobody comes home to it"
    (listed,) = writer.get("/api/v1/revoked").json()
    assert (listed["serial"], listed["reason"], listed["hubs"]) == (serial, "stolen", [])
    assert writer.get("/api/v1/routers/rtr-fjellheim").json()["stage"] == "shut_out"


def test_a_hub_that_was_not_seen_to_refuse_it_is_told_apart(populated: Fleet) -> None:
    populated.stage("hub-oslo", claim("LV-0001"))
    shut = populated.shut_out("LV-0011")
    web = client_at(populated)
    (listed,) = web.get("/api/v1/revoked").json()
    assert (listed["in_force"], listed["hubs"]) == (False, [{"hub": "hub-oslo", "in_force": False, "seen": None}])
    populated.store.save_hub_list(HubList("hub-oslo", populated.now, frozenset(one.serial for one in shut)))
    (listed,) = web.get("/api/v1/revoked").json()
    assert listed["in_force"]
    assert listed["hubs"][0]["in_force"]


def test_a_router_that_is_not_there_or_was_never_staged_is_a_404(writer: TestClient) -> None:
    assert writer.post("/api/v1/routers/rtr-nowhere/stolen", json=SAID).status_code == 404
    assert writer.post("/api/v1/routers/hub-oslo/stolen", json=SAID).status_code == 404


def test_a_lost_box_of_the_stock_says_what_was_revoked(writer: TestClient, populated: Fleet) -> None:
    moved = writer.post("/api/v1/stock/LV-100/move", json={**SAID, "state": "lost"}).json()
    assert (moved["state"], moved["revoked"], moved["waiting"]) == ("lost", [], [])
    assert populated.store.revoked() == ()
