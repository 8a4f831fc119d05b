"""The life of a connection by the API, while `linjevakt serve` does the system's steps."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.lab.life import Office, RefusedError
from tests.lab.stories import Life

from linjevakt_lab import provision
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = f"lvapi{os.environ.get('PYTEST_XDIST_WORKER', '')}"
SAID: Final = {"who": "Kari Nordmann", "reason": "Telefon fra daglig leder"}
SETTLED_WITHIN_S: Final = 120.0
PAUSE_S: Final = 0.2


def _refusal(error: HTTPError) -> RefusedError:
    problem = json.load(error)
    assert error.headers["Content-Type"] == "application/problem+json", problem
    assert error.code < 500, problem
    return RefusedError(" ".join(json.dumps(problem, ensure_ascii=False).split()))


class Browser(Office):
    """With a program that speaks the API."""

    def __init__(self, controller: Controller, address: str) -> None:
        super().__init__(controller)
        self._api = f"{address}/api/v1"

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer to a GET, or to a POST of what is sent."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._api}{path}", data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            raise _refusal(error) from error

    def _settled(self, number: int) -> dict[str, Any]:
        """The order, as soon as the system has nothing to do that it could do now."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while _is_at_work(order := self.show(number)):
            assert time.monotonic() < deadline, order
            time.sleep(PAUSE_S)
        return order

    def order(self, kind: str, wish: Mapping[str, Any]) -> int:
        """See Office."""
        number = int(self._ask("/orders", SAID | {"kind": kind, "wish": wish})["order"]["number"])
        self._settled(number)
        return number

    def advance(self, number: int, **values: str) -> dict[str, Any]:
        """See Office."""
        self._ask(f"/orders/{number}/advance", {"who": SAID["who"], "values": values})
        return self._settled(number)

    def run(self, number: int) -> dict[str, Any]:
        """See Office."""
        self._ask(f"/orders/{number}/run", SAID)
        return self._settled(number)

    def bootstrap(self, number: int, identity: str) -> str:
        """See Office."""
        box = {name: json.loads(identity)[name] for name in ("csr", "ssh_host_key", "serial", "ports")}
        return str(self._ask(f"/orders/{number}/stage", SAID | {"box": box})["configuration"])

    def buy(self, serial: str) -> None:
        """See Office."""
        self._ask("/stock", SAID | {"serial": serial, "model": "Lab 1"})

    def agree(self, organisation: str, agreement: str, by: str) -> None:
        """See Office."""
        accepted = date.today().isoformat()  # noqa: DTZ011 - the lab's controller is in this time zone
        told = {"agreement": agreement, "accepted": accepted, "by": by, "capacity": "general_manager"}
        self._ask(f"/organisations/{organisation}/agreements", SAID | told)

    def show(self, number: int) -> dict[str, Any]:
        """See Office."""
        answer = self._ask(f"/orders/{number}")
        return {**answer["order"], **answer}

    def site(self, key: str) -> dict[str, Any]:
        """See Office."""
        shown: dict[str, Any] = self._ask(f"/sites/{key}")
        return shown

    def boxes(self, state: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask(f"/stock?state={state}")["items"]
        return listed

    def impact(self, router: str) -> Any:
        """See Office."""
        return self._ask(f"/impact/router/{router}")

    def history(self, kind: str, key: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask(f"/history?kind={kind}&key={key}")
        return listed

    def who_had(self, address: str) -> list[dict[str, Any]]:
        """See Office."""
        listed: list[dict[str, Any]] = self._ask(f"/addresses/{address}")
        return listed


def _is_at_work(order: Mapping[str, Any]) -> bool:
    """Whether the system does a step, or will try again by itself: that a router is not home yet ends nothing.

    One that never left is told of, and looked for again; that can go on for days.
    """
    step = next((step for step in order["steps"] if step["state"] == "next"), None)
    trouble = order["trouble"]
    stuck = trouble and (order["step"] != "home" or "has not been away" in trouble["message"]["en"])
    return bool(step and step["automatic"] and not (step["lacking"] or step["not_before"] or stuck))


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """The scenario `life`, both its sites in service, and its controller at work."""
    with (
        provision.raised(Scenario.named("life"), print, prefix=PREFIX) as controller,
        provision.served(controller) as address,
    ):
        yield Browser(controller, address)


class TestLife(Life):
    """See Life."""
