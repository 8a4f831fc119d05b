"""Input over HTTP that looks right and is not: addresses, names, numbers to call, and letters typed another way."""

import unicodedata
from copy import deepcopy
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from linjevakt.web.api.examples import WISHES

BY = {"who": "Kari", "reason": "ringte"}
LOOPBACK = {"method": "static", "address": "127.0.0.2/30", "gateway": "127.0.0.1"}
NFD = unicodedata.normalize("NFD", "Nordlys Bredbånd på øya")
NFC = unicodedata.normalize("NFC", NFD)


def wish(kind: str, place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The example of a wish with another value there."""
    made: dict[str, Any] = deepcopy(dict(WISHES[kind]))
    found: Any = made
    for part in place[:-1]:
        found = found[part]
    found[place[-1]] = value
    return made


def ordered(client: TestClient, kind: str, wished: dict[str, Any]) -> Response:
    answer: Response = client.post("/api/v1/orders", json={"kind": kind, "wish": wished, **BY})
    return answer


@pytest.mark.parametrize(
    ("kind", "place", "value", "said"),
    [
        ("new_site", ("lines", 0, "addressing"), LOOPBACK, "127.0.0.2 is a loopback address"),
        ("new_site", ("lines", 0, "alternatives"), [LOOPBACK], "127.0.0.2 is a loopback address"),
        ("new_site", ("segments", 0, "prefix"), "127.0.0.0/24", "127.0.0.0/24 is a loopback address"),
        ("new_site", ("segments", 0, "blocks"), [{"to": "224.0.0.0/24", "reason": "x"}], "224.0.0.0/24 is a multicast"),
        ("new_site", ("management",), "127.0.0.1", "127.0.0.1"),
        ("relocation", ("lines", 0, "addressing"), LOOPBACK, "127.0.0.2 is a loopback address"),
        ("line_change", ("lines", 0, "alternatives"), [LOOPBACK], "127.0.0.2 is a loopback address"),
        ("share", ("segment", "prefix"), "224.0.0.0/24", "224.0.0.0/24 is a multicast address"),
        ("new_site", ("router",), "all", "'all' means something else"),
        ("new_site", ("site", "key"), "localhost", "'localhost' means something else"),
        ("new_site", ("segments", 0, "name"), "none", "'none' means something else"),
        ("share", ("segment", "name"), "default", "'default' means something else"),
        ("new_site", ("lines", 0, "name"), "ipsec0", "ipsec0 is the router's own device"),
        ("line_change", ("lines", 0, "fault_phone"), "    ", "no phone number"),
    ],
)
def test_an_order_for_it_is_refused(
    writer: TestClient, kind: str, place: tuple[str | int, ...], value: Any, said: str
) -> None:
    answer = ordered(writer, kind, wish(kind, place, value))
    assert 400 <= answer.status_code < 500
    assert said in answer.text.replace("\\u0027", "'")
    assert writer.get("/api/v1/orders").json()["items"] == []


def test_a_phone_of_blanks_is_refused_for_a_member(writer: TestClient) -> None:
    contact = {"name": "Nora", "phone": "1   "}
    body = {**BY, "name": "Ny", "contacts": [contact]}
    answer = writer.put("/api/v1/organisations/310000035", json=body)
    assert (answer.status_code, "'1   ' is no phone number: it has 1 digit" in answer.text) == (422, True)


def test_letters_are_the_same_however_they_were_typed(writer: TestClient) -> None:
    body = {"who": NFD, "reason": NFD, "name": NFD}
    assert writer.patch("/api/v1/organisations/310000019", json=body).json()["name"] == NFC
    newest = writer.get("/api/v1/history").json()
    assert NFD not in str(newest)
    wished = wish("line_change", ("lines", 0, "provider"), NFD)
    number = ordered(writer, "line_change", wished).json()["order"]["number"]
    shown = writer.get(f"/api/v1/orders/{number}").json()["order"]
    assert shown["wish"]["lines"][0]["provider"] == NFC


@pytest.mark.parametrize("day", ["2027-02-29", "2026-04-31"])
def test_a_day_that_is_none_is_told_as_written(writer: TestClient, day: str) -> None:
    answer = writer.get("/api/v1/sites", params={"as_of": day})
    assert (answer.status_code, f"'{day}' is no day of the calendar" in answer.text) == (422, True)
