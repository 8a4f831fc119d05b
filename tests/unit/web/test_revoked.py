"""A stolen box over the API: shut out, and told where that is not in force yet."""

from fastapi.testclient import TestClient
from tests.boxes import claim
from tests.unit.web.conftest import client_at

from linjevakt.model.entity import EntityKind
from linjevakt.model.record import SeenList
from linjevakt.provisioning.fleet import Fleet

SAID = {"who": "Kari", "reason": "Innbrudd i natt"}


def test_a_stolen_box_is_shut_out_and_listed(writer: TestClient, populated: Fleet) -> None:
    serial = populated.store.devices.get("rtr-fjellheim").certificate_serial
    told = writer.post("/api/v1/routers/rtr-fjellheim/stolen", json=SAID)
    assert told.json() == {
        "box": "LV-0011",
        "router": "rtr-fjellheim",
        "revoked": [serial],
        "in_force": True,
        "waiting": [],
        "since": None,
    }, "the hub was never staged: nobody comes home to it"
    (listed,) = writer.get("/api/v1/revoked").json()
    assert (listed["serial"], listed["reason"], listed["routers"]) == (serial, "stolen", [])
    assert writer.get("/api/v1/routers/rtr-fjellheim").json()["stage"] == "shut_out"


def test_a_hub_that_was_not_seen_to_refuse_it_is_told_apart(populated: Fleet) -> None:
    populated.boxes.stage("hub-oslo", claim("LV-0001"))
    shut = populated.boxes.shut_out("LV-0011")
    web = client_at(populated)
    (listed,) = web.get("/api/v1/revoked").json()
    assert (listed["in_force"], listed["routers"]) == (False, [{"router": "hub-oslo", "in_force": False, "seen": None}])
    populated.store.certificates.save_seen_list(
        SeenList("hub-oslo", populated.now, frozenset(one.serial for one in shut))
    )
    (listed,) = web.get("/api/v1/revoked").json()
    assert listed["in_force"]
    assert listed["routers"][0]["in_force"]


def test_a_router_that_is_not_there_or_was_never_staged_is_a_404(writer: TestClient) -> None:
    assert writer.post("/api/v1/routers/rtr-nowhere/stolen", json=SAID).status_code == 404
    assert writer.post("/api/v1/routers/hub-oslo/stolen", json=SAID).status_code == 404


def test_a_lost_box_of_the_stock_says_what_was_revoked(writer: TestClient, populated: Fleet) -> None:
    moved = writer.post("/api/v1/stock/LV-100/move", json={**SAID, "state": "lost"}).json()
    assert (moved["state"], moved["revoked"], moved["waiting"]) == ("lost", [], [])
    assert populated.store.certificates.revoked() == ()


def test_what_it_would_do_is_told_and_a_second_time_does_nothing(writer: TestClient, populated: Fleet) -> None:
    looked = writer.get("/api/v1/routers/rtr-fjellheim/stolen").json()
    assert (looked["box"], looked["since"], len(looked["revokes"])) == ("LV-0011", None, 1)
    assert populated.store.certificates.revoked() == ()
    writer.post("/api/v1/routers/rtr-fjellheim/stolen", json=SAID)
    known, revision = populated.store.certificates.all(), populated.store.revision()
    again = writer.post("/api/v1/routers/rtr-fjellheim/stolen", json=SAID)
    assert (again.status_code, again.json()["in_force"]) == (200, True)
    assert again.json()["since"] == writer.get("/api/v1/routers/rtr-fjellheim/stolen").json()["since"] is not None
    assert (populated.store.certificates.all(), populated.store.revision()) == (known, revision)
    assert writer.get("/api/v1/routers/rtr-nowhere/stolen").status_code == 404


def test_who_reported_it_and_why_is_in_the_history_though_the_stock_never_knew_the_box(
    writer: TestClient, populated: Fleet
) -> None:
    writer.post("/api/v1/routers/rtr-fjellheim/stolen", json=SAID)
    latest = populated.store.register.history(EntityKind.EQUIPMENT, "LV-0011")[0]
    assert (latest.revision.who, latest.revision.why) == ("Kari", "Innbrudd i natt")


def test_a_lost_box_that_the_stock_does_not_know_points_to_its_router(writer: TestClient) -> None:
    told = writer.post("/api/v1/stock/LV-404/move", json={**SAID, "state": "lost"})
    assert told.status_code == 404
    assert "router stolen ROUTER" in told.text
