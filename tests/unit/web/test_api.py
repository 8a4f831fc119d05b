"""The API tells what the store knows, and says in a standard way what it cannot tell."""

import re

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text

from linjevakt.fleet import Fleet
from linjevakt.store import schema
from linjevakt.store.engine import open_engine


def _problem(response: Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == response.status_code
    return response.status_code, problem["detail"]


def test_every_router_is_listed_hubs_first(client: TestClient) -> None:
    rows = client.get("/api/v1/routers").json()
    assert [(row["name"], row["role"], row["stage"], row["state"]) for row in rows] == [
        ("hub-oslo", "hub", None, "unknown"),
        ("rtr-fjellheim", "site", "staged", "ok"),
        ("rtr-solbakken", "site", "staged", "down"),
    ]


def test_one_router_comes_with_its_health_and_last_push(client: TestClient) -> None:
    row = client.get("/api/v1/routers/rtr-fjellheim").json()
    assert (row["site"], row["owner"], row["serial"]) == ("fjellheim", "Fjellheim legekontor", "LV-0011")
    assert row["health"]["lines"][0]["name"] == "wan0"
    assert (row["last_push"]["state"], row["last_push"]["plan_hash"]) == ("confirmed", "beef")


def test_a_routers_changes_of_condition_are_listed(client: TestClient) -> None:
    (change,) = client.get("/api/v1/routers/rtr-solbakken/transitions").json()
    assert (change["before"], change["after"], change["changes"]) == ("", "down", {"state": ["", "down"]})


def test_sites_and_organisations_are_those_of_the_inventory(client: TestClient) -> None:
    assert [site["site"]["key"] for site in client.get("/api/v1/sites").json()] == ["fjellheim", "solbakken"]
    assert [row["number"] for row in client.get("/api/v1/organisations").json()] == ["310000019", "310000027"]


def test_pushes_are_listed_newest_first_and_by_router(client: TestClient) -> None:
    assert [push["router"] for push in client.get("/api/v1/pushes").json()] == ["rtr-solbakken", "rtr-fjellheim"]
    (push,) = client.get("/api/v1/pushes", params={"router": "rtr-fjellheim"}).json()
    assert push["proof"] == [{"name": "login", "ok": True, "detail": "logged in", "milliseconds": 0.0}]


def test_health_is_the_last_poll_of_everyone(client: TestClient) -> None:
    assert [row["router"] for row in client.get("/api/v1/health").json()] == ["rtr-fjellheim", "rtr-solbakken"]


def test_an_unknown_router_is_a_problem(client: TestClient) -> None:
    status, detail = _problem(client.get("/api/v1/routers/rtr-nowhere"))
    assert (status, "rtr-nowhere" in detail) == (404, True)


def test_an_unknown_path_and_a_wrong_method_are_problems(client: TestClient) -> None:
    assert _problem(client.get("/api/v1/nothing"))[0] == 404
    assert _problem(client.post("/api/v1/routers"))[0] == 405


def test_a_wrong_parameter_is_a_problem_that_names_it(client: TestClient) -> None:
    status, detail = _problem(client.get("/api/v1/pushes", params={"limit": 0}))
    assert status == 422
    assert "limit" in detail


def test_without_an_inventory_the_api_says_so(empty: TestClient) -> None:
    status, detail = _problem(empty.get("/api/v1/routers"))
    assert status == 404
    assert "linjevakt inventory import" in detail


def test_a_database_that_is_away_is_told_by_the_liveness_check(empty: TestClient, fleet: Fleet) -> None:
    assert empty.get("/healthz").json() == {"status": "ok"}
    engine = open_engine(str(fleet.store._engine.url))  # noqa: SLF001 - the same file, from outside
    with engine.begin() as connection:
        schema.downgrade(connection, "base")
    engine.dispose()
    assert _problem(empty.get("/healthz"))[0] == 503


def test_a_fault_of_ours_is_a_problem_without_a_traceback(client: TestClient, fleet: Fleet) -> None:
    engine = open_engine(str(fleet.store._engine.url))  # noqa: SLF001
    with engine.begin() as connection:
        connection.execute(text("UPDATE health SET snapshot = '{}'"))
    engine.dispose()
    status, detail = _problem(client.get("/api/v1/health"))
    assert (status, "Traceback" in detail) == (500, False)


@pytest.mark.parametrize("path", ["routers", "routers/rtr-fjellheim", "sites", "organisations", "pushes", "health"])
def test_no_answer_holds_a_key_or_a_certificate_request(client: TestClient, path: str) -> None:
    body = client.get(f"/api/v1/{path}").text
    assert not re.search(r"BEGIN|PRIVATE|ssh-ed25519|snmp\.", body)


def test_the_api_describes_itself_with_types(client: TestClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert {"RouterAnswer", "Health", "PushRecord", "Organisation", "Connection"} <= set(schemas)


def test_the_metrics_are_served_in_the_format_of_prometheus(client: TestClient) -> None:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'linjevakt_router_up{router="rtr-fjellheim"} 1.0' in response.text
    assert 'linjevakt_pushes_total{state="reverted"} 1.0' in response.text
