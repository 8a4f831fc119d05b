"""What the web refuses to hear: another name, another format, a form from elsewhere, too much of anything."""

import json

import pytest
from fastapi.testclient import TestClient
from tests.unit.web.conftest import client_at

from linjevakt import settings
from linjevakt.provisioning.fleet import Fleet

ORDER = json.dumps({"kind": "reopen", "wish": {"organisation": "310000027"}, "who": "Kari", "reason": "ringte"})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]", "[::1]:8080", "LOCALHOST:1"])
def test_the_loopback_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost.elsewhere.example", "127.0.0.1.example", "", "::1"])
@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/api/v1/orders", "/api/v1/openapi.json"])
def test_another_name_is_refused_everywhere(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_names_of_the_installation_are_answered(populated: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINJEVAKT_HOSTS", "linjevakt.example, NOC")
    named = client_at(populated, hosts=settings.load().hosts)
    assert [named.get("/healthz", headers={"Host": host}).status_code for host in ("noc:80", "linjevakt.example")] == [
        200,
        200,
    ]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "text/json", ""]
)
def test_only_json_is_taken(client: TestClient, kind: str) -> None:
    answer = client.post("/api/v1/orders", content=ORDER, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["status"]) == (415, 415)
    assert client.get("/api/v1/orders").json()["items"] == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken(writer: TestClient, kind: str) -> None:
    answer = writer.post("/api/v1/orders", content=ORDER, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert "frozen" in answer.json()["detail"]


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b"\xff", 400), (b"[" * 100_000, 400), (b"", 422)])
def test_what_is_no_json_is_told(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/*;q=0.1", 200),
        ("", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("*/*;q=0.000", 406),
        ("application/json;q=0.001", 200),
    ],
)
def test_who_cannot_read_json_is_told(client: TestClient, accept: str, status: int) -> None:
    assert client.get("/api/v1/sites", headers={"Accept": accept}).status_code == status


def test_a_wrong_method_is_told_with_those_that_are_there(client: TestClient) -> None:
    answer = client.delete("/api/v1/organisations/310000019")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH, PUT")


@pytest.mark.parametrize("in_chunks", [True, False])
def test_a_body_that_is_too_large_is_refused(client: TestClient, *, in_chunks: bool) -> None:
    content = iter([b" " * 100_000] * 11) if in_chunks else b" " * 1_000_001
    answer = client.post("/api/v1/orders", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
