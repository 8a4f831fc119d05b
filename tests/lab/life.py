"""Plays the people of a work order in the lab: what they type, and the router that they stage, carry and plug in."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-84"}
SUBSCRIPTION = {"business": "yes", "document": "Bekreftelse 2026-77"}
MOBILE: dict[str, Any] = {
    "name": "wan1", "kind": "mobile", "provider": "Telenor", "priority": 2, "down_mbit": 40, "up_mbit": 10,
}  # fmt: skip


def place(street: str) -> dict[str, str]:
    """An address for an office."""
    city = {"postcode": "8622", "city": "Mo i Rana", "municipality": "Rana"}
    return {"street": street, **city, "floor": "3. etg.", "room": "312"}


def own_isp(**more: Any) -> dict[str, Any]:
    """A line of an own provider."""
    return {"name": "wan0", "kind": "own_isp", "provider": "Ranafiber", "fault_phone": "990 00 930", **more}


@dataclass(frozen=True)
class Office:
    """A controller with its orders, as typed at its terminal."""

    controller: Controller
    folder: Path

    @property
    def lab(self) -> Lab:
        """Where the routers are."""
        return self.controller.lab

    def order(self, kind: str, wish: Mapping[str, Any]) -> int:
        """Takes an order; its number."""
        return int(self.controller.json("order", "new", kind, "--file", self.paper(kind, wish))["number"])

    def paper(self, kind: str, wish: Mapping[str, Any]) -> str:
        """A wish in a file."""
        file = self.folder / f"{kind}.yaml"
        file.write_text(json.dumps(wish))  # JSON is YAML
        return str(file)

    def advance(self, number: int, **values: str) -> dict[str, Any]:
        """Does the next step, which is a person's, and lets the system go on; the order afterwards."""
        said = [f"{name}={value}" for name, value in values.items()]
        self.controller.run("order", "advance", str(number), *said)
        return self.show(number)

    def refused(self, *arguments: str) -> str:
        """What a command that must fail says, as one line."""
        done = self.controller.run(*arguments, check=False)
        said = " ".join((done.stdout + done.stderr).split())
        assert done.returncode in {1, 2, 3}, said
        assert "Traceback" not in said
        return said

    def run(self, number: int) -> dict[str, Any]:
        """Lets the system go on; the order afterwards."""
        self.controller.run("order", "run", str(number), check=False)
        return self.show(number)

    def show(self, number: int) -> dict[str, Any]:
        """The order."""
        shown: dict[str, Any] = self.controller.json("order", "show", str(number))
        return shown

    def stage(self, number: int, box: str) -> str:
        """Stages a factory-new box for the order at the depot; its serial number."""
        identity = self.lab.run(box, ["linjevakt-agent", "identity", "--name", box, "--json"]).stdout
        serial = str(json.loads(identity)["serial"])
        assert f"no box with serial number {serial}" in self.refused_stage(number, identity)
        self.controller.run("stock", "add", serial, "--model", "Lab 1")
        staged = self.controller.run("order", "stage", str(number), "--identity", "-", stdin=identity)
        self.lab.run(box, ["linjevakt-agent", "config", "load", "--replace", "-"], input=staged.stdout)
        self.lab.run(box, ["linjevakt-agent", "config", "commit", "--message", "staging"])
        return serial

    def refused_stage(self, number: int, identity: str) -> str:
        """What staging a box that nobody has bought says."""
        done = self.controller.run("order", "stage", str(number), "--identity", "-", stdin=identity, check=False)
        assert done.returncode
        return done.stderr

    def plugged_in(self, number: int, since: float) -> dict[str, Any]:
        """The technician says so; the order afterwards. Prints the seconds from plug-in (`since`) to proven."""
        self.controller.run("order", "advance", str(number), check=False)
        order = self.show(number)
        print(f"order {number}: {time.monotonic() - since:.1f} s from plug-in to proven")
        return order

    def move(self, router: str, to: str) -> float:
        """Cuts the power, carries the router to another place, plugs it in there; when it had power again."""
        self.lab.kill_box(router)
        self.lab.move(router, "wan0", to)
        plugged = time.monotonic()
        self.lab.boot(router)
        return plugged


def fetches(lab: Lab, pc: str, url: str = "http://fastlegelister.nhn.no/") -> bool:
    """Whether a client gets the page."""
    done = lab.run(pc, ["curl", "-s", "-m", "3", "-o", "/dev/null", "--fail", url], check=False)
    return done.returncode == 0


def proxied(lab: Lab, pc: str) -> bool:
    """Whether a client gets a page of the internet through the proxy."""
    fetch = ["curl", "-s", "-m", "4", "--fail", "-x", "10.255.0.30:3128", "http://www.example.com/"]
    return lab.run(pc, fetch, check=False).returncode == 0
