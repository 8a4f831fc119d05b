"""Every number that the API takes has a range in its description, and one beyond it is answered with 422."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient


def _numbers(
    schema: Any, document: dict[str, Any], place: str, seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any]]:
    """Every schema of a number below this one, by where it is."""
    if isinstance(schema, list):
        for n, one in enumerate(schema):
            yield from _numbers(one, document, f"{place}[{n}]", seen)
        return
    if not isinstance(schema, dict):
        return
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        yield from _numbers(document["components"]["schemas"][name], document, name, (*seen, name))
    if schema.get("type") in {"integer", "number"}:
        yield place, schema
    for part in ("properties", "patternProperties", "items", "anyOf", "oneOf", "allOf", "additionalProperties"):
        inner = schema.get(part)
        rows = inner.items() if isinstance(inner, dict) and part.endswith("roperties") else [(part, inner)]
        for key, one in rows:
            yield from _numbers(one, document, f"{place}.{key}", seen)


def taken(document: dict[str, Any]) -> dict[str, Any]:
    """Every number in parameters and request bodies."""
    found: dict[str, Any] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            at = f"{method} {path}"
            for one in operation.get("parameters", ()):
                found |= _numbers(one["schema"], document, f"{at} {one['name']}")
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= _numbers(content["schema"], document, f"{at} body")
    return found


def _has_range(schema: dict[str, Any]) -> bool:
    least, most = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
    return "const" in schema or "enum" in schema or bool(least & schema.keys() and most & schema.keys())


def test_every_number_has_a_range(client: TestClient) -> None:
    numbers = taken(client.get("/api/v1/openapi.json").json())
    assert len(numbers) > 10
    assert [place for place, schema in numbers.items() if not _has_range(schema)] == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**20])
@pytest.mark.parametrize("path", ["orders/{}", "history?order={}", "orders?limit={}", "orders?after={}"])
def test_a_number_out_of_its_range_is_refused(client: TestClient, path: str, number: int) -> None:
    answer = client.get(f"/api/v1/{path.format(number)}")
    assert answer.status_code == 422, answer.text
    assert "must be at" in answer.json()["errors"][0]["message"]
