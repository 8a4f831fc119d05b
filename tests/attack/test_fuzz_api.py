"""Random and almost valid requests to every route: no answer is a fault, and none takes long."""

import time
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from tests.attack import fuzz
from tests.unit.web.conftest import client_at

from linjevakt.provisioning.fleet import Fleet
from linjevakt.web.api.examples import ADVANCES, BOX, NEW_ORDERS, WISHES

_LONGEST_S = 20  # the machine may be busy; an honest request takes some milliseconds
_NAMES = ("fjellheim", "rtr-fjellheim", "310000019", "LV-100", "1", "99999", "0", "-1", "10.64.1.0/24", "new_site")
_WRITE = {"who": "Kari", "reason": "ringte"}


@pytest.fixture
def bodies() -> list[Any]:
    """What is right somewhere: each example of the API, and the wish of each kind."""
    orders = [{"kind": kind, "wish": wish, **_WRITE} for kind, wish in WISHES.items()]
    groups: list[Any] = [ADVANCES, NEW_ORDERS]
    examples = [example["value"] for group in groups for example in group.values()]
    return [*orders, *examples, {"box": BOX, **_WRITE}, _WRITE, {"name": "Nytt", "category": "other", **_WRITE}]


def _routes(client: TestClient) -> list[tuple[str, str]]:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    found = [(method, path) for path, methods in paths.items() for method in methods]
    return [*found, ("get", "/"), ("get", "/metrics"), ("get", "/healthz"), ("put", "/"), ("get", "/nowhere")]


def _path(dice: Random, template: str) -> str:
    parts = []
    for part in template.split("/"):
        name = dice.choice(_NAMES) if dice.random() < 0.7 else fuzz.text(dice)
        parts.append(quote(name, errors="replace") if part.startswith("{") else part)
    return "/".join(parts)


def _query(dice: Random) -> dict[str, str]:
    names = ("limit", "after", "as_of", "site", "kind", "order", "q", "state", "lang", "every", "at", "network")
    return {
        dice.choice(names): str(fuzz.value(dice, 0)).encode("utf-8", "replace").decode()
        for _ in range(dice.randrange(3))
    }


def _body(dice: Random, bodies: list[Any]) -> bytes:
    whole = dice.choice(bodies)
    choice = dice.random()
    if choice < 0.6:
        return fuzz.as_json(fuzz.mutated(dice, whole))
    if choice < 0.8:
        return fuzz.as_json(fuzz.value(dice))
    return fuzz.bent(dice, fuzz.as_json(whole))


def _faults(client: TestClient, dice: Random, bodies: list[Any], count: int) -> Iterator[str]:
    routes = _routes(client)
    for n in range(count):
        method, template = dice.choice(routes)
        path, body = _path(dice, template), _body(dice, bodies)
        began = time.monotonic()
        headers = {"Content-Type": "application/json"}
        answer = client.request(
            method, path, params=_query(dice), content=body if method != "get" else None, headers=headers
        )
        if answer.status_code >= 500 or time.monotonic() - began > _LONGEST_S:
            yield f"{n}: {method} {path!r} {body[:300]!r}: {answer.status_code} {answer.text[:200]}"


def test_a_few_requests_that_nobody_should_send(populated: Fleet, bodies: list[Any]) -> None:
    assert list(_faults(client_at(populated), fuzz.dice(8), bodies, 150)) == []


@pytest.mark.attack
@pytest.mark.timeout(3600)
def test_requests_that_nobody_should_send(populated: Fleet, bodies: list[Any], seed: int, count: int) -> None:
    assert list(_faults(client_at(populated), fuzz.dice(seed), bodies, count)) == []
