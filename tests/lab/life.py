"""Plays the people of a work order in the lab: what they tell the controller, and the router that they carry."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-84"}
SUBSCRIPTION = {"business": "yes", "document": "Bekreftelse 2026-77"}
MOBILE: dict[str, Any] = {
    "name": "wan1", "kind": "mobile", "provider": "Telenor", "priority": 2, "down_mbit": 40, "up_mbit": 10,
}  # fmt: skip


class RefusedError(Exception):
    """The controller did not do what it was told, and said why; the text is on one line."""


def place(street: str) -> dict[str, str]:
    """An address for an office."""
    city = {"postcode": "8622", "city": "Mo i Rana", "municipality": "Rana"}
    return {"street": street, **city, "floor": "3. etg.", "room": "312"}


def own_isp(**more: Any) -> dict[str, Any]:
    """A line of an own provider."""
    return {"name": "wan0", "kind": "own_isp", "provider": "Ranafiber", "fault_phone": "990 00 930", **more}


class Office(ABC):
    """People of an office, of the depot and of the network. How they tell the controller is left to the subclass.

    Each method that tells something raises RefusedError when the controller refuses it.
    """

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.lab: Lab = controller.lab

    # --- what is told ---

    @abstractmethod
    def order(self, kind: str, wish: Mapping[str, Any]) -> int:
        """Takes an order; its number."""

    @abstractmethod
    def advance(self, number: int, **values: str) -> dict[str, Any]:
        """Does the next step, which is a person's, and lets the system go on; the order afterwards."""

    @abstractmethod
    def run(self, number: int) -> dict[str, Any]:
        """Lets the system try its step; the order afterwards. Trouble is in the order, and not raised."""

    @abstractmethod
    def bootstrap(self, number: int, identity: str) -> str:
        """Stages the box of which this is the identity, as JSON; what to start it with."""

    @abstractmethod
    def buy(self, serial: str) -> None:
        """Takes a box into the stock."""

    @abstractmethod
    def agree(self, organisation: str, agreement: str, by: str) -> None:
        """Writes down that the general manager accepted an agreement."""

    # --- what is asked ---

    @abstractmethod
    def show(self, number: int) -> dict[str, Any]:
        """The order, with its steps and its notes."""

    @abstractmethod
    def site(self, key: str) -> dict[str, Any]:
        """The connection."""

    @abstractmethod
    def boxes(self, state: str) -> list[dict[str, Any]]:
        """The equipment in this state."""

    @abstractmethod
    def impact(self, router: str) -> Any:
        """Whom it hits when the router fails."""

    @abstractmethod
    def history(self, kind: str, key: str) -> list[dict[str, Any]]:
        """The changes of something, newest first."""

    @abstractmethod
    def who_had(self, address: str) -> list[dict[str, Any]]:
        """The leases of an address, newest first."""

    # --- what is done by hand ---

    def stage(self, number: int, box: str) -> str:
        """Stages a factory-new box for the order at the depot, which has to buy it first; its serial number."""
        identity = self.lab.run(box, ["linjevakt-agent", "identity", "--name", box, "--json"]).stdout
        serial = str(json.loads(identity)["serial"])
        try:
            self.bootstrap(number, identity)
        except RefusedError as refused:
            assert f"no box with serial number {serial}" in str(refused)  # noqa: PT017 - it is tried on the way
        self.buy(serial)
        self.lab.run(
            box, ["linjevakt-agent", "config", "load", "--replace", "-"], input=self.bootstrap(number, identity)
        )
        self.lab.run(box, ["linjevakt-agent", "config", "commit", "--message", "staging"])
        return serial

    def move(self, router: str, to: str) -> datetime:
        """Cuts the power, carries the router to another place, plugs it in there; when it had power again."""
        self.lab.kill_box(router)
        self.lab.move(router, "wan0", to)
        plugged = datetime.now(UTC)
        self.lab.boot(router)
        return plugged

    def plug_in(self, number: int, since: datetime | None = None) -> dict[str, Any]:
        """The technician says so; the order afterwards. Prints the seconds from plug-in (`since`) to each step."""
        with suppress(RefusedError):  # the order has the trouble
            self.advance(number)
        order = self.show(number)
        if since is not None:
            print(f"order {number}, seconds from plug-in: {_seconds(order, since)}")
        return order


def _seconds(order: Mapping[str, Any], since: datetime) -> str:
    done = [step for step in order["steps"] if step["evidence"]]
    ended = ((step["key"], datetime.fromisoformat(step["evidence"]["at"]) - since) for step in done)
    return ", ".join(f"{key} {span.total_seconds():.1f}" for key, span in ended if span.total_seconds() > 0)


def fetches(lab: Lab, pc: str, url: str = "http://fastlegelister.nhn.no/") -> bool:
    """Whether a client gets the page."""
    done = lab.run(pc, ["curl", "-s", "-m", "3", "-o", "/dev/null", "--fail", url], check=False)
    return done.returncode == 0


def proxied(lab: Lab, pc: str) -> bool:
    """Whether a client gets a page of the internet through the proxy."""
    fetch = ["curl", "-s", "-m", "4", "--fail", "-x", "10.255.0.30:3128", "http://www.example.com/"]
    return lab.run(pc, fetch, check=False).returncode == 0
