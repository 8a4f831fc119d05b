"""The API tells what the store knows, as it is or was, and says in a standard way what it cannot tell."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text

from linjevakt.model.entity import Author, EntityKind
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import schema
from linjevakt.store.engine import open_engine


def _problem(response: Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == response.status_code
    return response.status_code, problem["detail"]


def _items(client: TestClient, path: str, **query: Any) -> list[Any]:
    page = client.get(f"/api/v1/{path}", params=query).json()
    assert page["next"] is None
    found: list[Any] = page["items"]
    return found


def test_every_router_is_listed_hubs_first(client: TestClient) -> None:
    rows = _items(client, "routers")
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
    assert [site["site"]["key"] for site in _items(client, "sites")] == ["fjellheim", "solbakken"]
    assert [row["number"] for row in _items(client, "organisations")] == ["310000019", "310000027"]


def test_pushes_are_listed_newest_first_and_by_router(client: TestClient) -> None:
    assert [push["router"] for push in client.get("/api/v1/pushes").json()] == ["rtr-solbakken", "rtr-fjellheim"]
    (push,) = client.get("/api/v1/pushes", params={"router": "rtr-fjellheim"}).json()
    assert push["proof"] == [{"name": "login", "ok": True, "detail": "logged in", "milliseconds": 0.0}]


def test_health_is_the_last_poll_of_everyone(client: TestClient) -> None:
    assert [row["router"] for row in _items(client, "health")] == ["rtr-fjellheim", "rtr-solbakken"]


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


def test_every_wrong_field_is_told_apart(client: TestClient) -> None:
    answer = client.get("/api/v1/lines", params={"limit": 0, "kind": "fibre"})
    assert {error["field"] for error in answer.json()["errors"]} == {"limit", "kind"}


def test_without_an_inventory_the_api_says_so(empty: TestClient) -> None:
    status, detail = _problem(empty.get("/api/v1/routers"))
    assert status == 404
    assert "linjevakt inventory import" in detail


def test_a_database_that_is_away_is_told_by_the_liveness_check(empty: TestClient, fleet: Fleet) -> None:
    assert empty.get("/healthz").json() == {"status": "ok"}
    engine = open_engine(str(fleet.store._database.engine.url))  # noqa: SLF001 - the same file, from outside
    with engine.begin() as site:
        schema.downgrade(site, "base")
    engine.dispose()
    assert _problem(empty.get("/healthz"))[0] == 503


def test_a_damaged_row_is_a_problem_without_a_traceback(writer: TestClient, populated: Fleet) -> None:
    engine = open_engine(str(populated.store._database.engine.url))  # noqa: SLF001
    with engine.begin() as site:
        site.execute(text("UPDATE health SET snapshot = '{}'"))
    engine.dispose()
    status, detail = _problem(writer.get("/api/v1/health"))
    assert (status, "Traceback" in detail, "cannot read" in detail) == (503, False, True)


def test_long_lists_come_in_pages(client: TestClient) -> None:
    seen, after = [], ""
    while True:
        page = client.get("/api/v1/gates", params={"limit": 2, "after": after}).json()
        seen += [(gate["site"], gate["segment"]) for gate in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == [("fjellheim", "legekontor"), ("fjellheim", "tannlege"), ("solbakken", "apotek")]


def test_a_gate_says_what_is_missing_in_both_languages(writer: TestClient, populated: Fleet) -> None:
    with populated.store.register.edit(Author("kari", "it was never accepted")) as draft:
        member = draft.inventory.organisations[1]
        kept = member.membership.model_copy(update={"data_processing": None})
        draft.put(member.model_copy(update={"membership": kept}))
    closed = _items(writer, "gates", open=False)
    assert [gate["segment"] for gate in closed] == ["tannlege", "apotek"]
    assert "databehandleravtalen" in closed[0]["missing"][0]["nb"]
    gate = writer.get("/api/v1/organisations/310000027/gate").json()
    assert (gate["open"], len(gate["segments"])) == (False, 2)
    assert "data-processing agreement" in gate["missing"][0]["en"]


def test_a_site_is_told_as_it_was(writer: TestClient, populated: Fleet) -> None:
    with populated.store.register.edit(Author("kari", "gone")) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert [site["site"]["key"] for site in _items(writer, "sites")] == ["fjellheim"]
    assert writer.get("/api/v1/sites/solbakken").status_code == 404
    assert writer.get("/api/v1/sites/solbakken", params={"as_of": "2026-06-30"}).status_code == 404
    assert writer.get("/api/v1/sites", params={"as_of": "2026-06-30T00:00:00Z"}).status_code == 404


def test_sites_of_an_organisation_are_those_it_owns_or_shares(client: TestClient) -> None:
    found = _items(client, "sites", organisation="310000019")
    assert [site["site"]["key"] for site in found] == ["fjellheim"]


def test_lines_are_found_by_provider_and_kind(client: TestClient) -> None:
    assert [row["site"] for row in _items(client, "lines", provider="eksempelmobil")] == ["fjellheim", "solbakken"]
    (row,) = _items(client, "lines", kind="nhn_delivered")
    assert (row["router"], row["line"]["name"]) == ("rtr-solbakken", "wan0")


def test_who_had_an_address_is_told_for_any_day(client: TestClient) -> None:
    (lease,) = client.get("/api/v1/addresses/10.64.1.77").json()
    assert (lease["site"], lease["name"], lease["network"]) == ("fjellheim", "legekontor", "10.64.1.0/24")
    assert client.get("/api/v1/addresses/10.64.1.77", params={"on": "2026-07-01"}).json() == [lease]
    assert client.get("/api/v1/addresses/10.64.1.77", params={"on": "2026-06-30"}).json() == []
    addresses = [one["network"] for one in _items(client, "addresses", site="solbakken")]
    assert addresses == ["10.64.3.0/24", "10.250.0.12/32"]


def test_pools_are_counted(client: TestClient) -> None:
    sites, management = client.get("/api/v1/pools").json()
    assert (sites["key"], sites["addresses"], sites["in_use"]) == ("sites", 65536, 0)
    assert (management["key"], management["in_use"], management["quarantined"]) == ("management", 2, 0)


def test_history_says_who_changed_what_and_why(client: TestClient) -> None:
    change, *_ = client.get("/api/v1/history", params={"kind": "equipment"}).json()
    assert (change["who"], change["why"], change["entity"]["state"]) == ("kari", "pools and boxes", "stock")


@pytest.mark.parametrize(
    ("path", "sites"),
    [
        ("router/rtr-fjellheim", [("fjellheim", "out")]),
        ("line/rtr-fjellheim.wan0", [("fjellheim", "other line")]),
        ("hub/hub-oslo", [("fjellheim", "out"), ("solbakken", "out")]),
        ("provider/NHN", [("solbakken", "other line")]),
    ],
)
def test_whom_a_failure_hits(client: TestClient, path: str, sites: list[tuple[str, str]]) -> None:
    hits = _items(client, f"impact/{path}")
    assert [(hit["site"], hit["outcome"]) for hit in hits] == sites
    assert hits[0]["organisations"][0]["contacts"][0]["phone"] == "+47 99 00 00 01"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("routers/rtr-fjelheim", "rtr-fjellheim"),
        ("sites/solbaken", "solbakken"),
        ("organisations/310000018", "310000019"),
        ("kinds/relocate", "relocation"),
        ("stock/LV-1000", "LV-100"),
        ("impact/hub/hub-olso", "hub-oslo"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_what_was_meant(client: TestClient, path: str, meant: str) -> None:
    status, detail = _problem(client.get(f"/api/v1/{path}"))
    assert status == 404
    assert f"Did you mean '{meant}'?" in detail


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"orders/{10**30}", 422),
        (f"orders/{2**31 - 1}", 404),
        ("orders/0", 422),
        (f"orders?after={10**30}", 422),
        ("sites/%00", 422),
        ("history?key=%00", 422),
        ("pushes?router=%00", 422),
        ("history?order=99999999999999999999", 422),
        ("sites?as_of=0001-01-01", 404),
        ("sites?as_of=0001-01-01T00:00:00%2B14:00", 404),
        ("sites?as_of=9999-12-31", 200),
        ("sites?as_of=9999-12-31T23:59:59-12:00", 200),
        ("sites?as_of=1700000000", 422),
        ("sites?as_of=2026-02-30", 422),
        ("sites?as_of=2026-02-01T10:00:00", 422),
        ("addresses/1", 422),
        ("addresses/10.64.1.77?on=9999-12-31", 200),
        ("orders/", 404),
    ],
)
def test_what_nobody_would_ask_has_an_answer_too(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/api/v1/{path}").status_code == status


@pytest.mark.parametrize("path", ["routers", "routers/rtr-fjellheim", "sites", "organisations", "pushes", "health"])
def test_no_answer_holds_a_key_or_a_certificate_request(client: TestClient, path: str) -> None:
    body = client.get(f"/api/v1/{path}").text
    assert not re.search(r"BEGIN|PRIVATE|ssh-ed25519|snmp\.", body)


def test_the_api_describes_itself_with_types(client: TestClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert {"RouterAnswer", "Health", "PushRecord", "Organisation", "Site", "Problem", "OrderNewSite"} <= set(schemas)


def test_every_write_is_described_with_an_example_and_its_problems(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    writes = [(path, way, op) for path, of in paths.items() for way, op in of.items() if way != "get"]
    assert len(writes) == 15
    for path, way, operation in writes:
        (kind, content), *_ = operation["requestBody"]["content"].items()
        assert kind == ("application/zip" if path == "/api/v1/imports" else "application/json")
        assert "example" in str(content) or "$ref" in str(content) or kind == "application/zip", (path, way)
        for status in ("404", "409", "415", "422"):
            told = operation["responses"][status]["content"]["application/problem+json"]
            assert told["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert told["examples"]


def test_the_metrics_are_served_in_the_format_of_prometheus(client: TestClient) -> None:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'linjevakt_router_up{router="rtr-fjellheim"} 1.0' in response.text
    assert 'linjevakt_pushes_total{state="reverted"} 1.0' in response.text
