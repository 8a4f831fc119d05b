"""Plays the people of a work order in the lab: what they type, and the router that they stage, carry and plug in."""

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-84"}
SUBSCRIPTION = {"business": "yes", "document": "Bekreftelse 2026-77"}


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
        file = self.folder / f"{kind}.yaml"
        file.write_text(json.dumps(wish))  # JSON is YAML
        return int(self.controller.json("order", "new", kind, "--file", str(file))["number"])

    def advance(self, number: int, **values: str) -> dict[str, Any]:
        """Does the next step, which is a person's, and lets the system go on; the order afterwards."""
        said = [f"{name}={value}" for name, value in values.items()]
        self.controller.run("order", "advance", str(number), *said)
        return self.show(number)

    def refused(self, *arguments: str) -> str:
        """What a command that must fail says."""
        done = self.controller.run(*arguments, check=False)
        assert done.returncode not in {0, 70}, done.stdout
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def run(self, number: int) -> dict[str, Any]:
        """Lets the system go on; the order afterwards."""
        self.controller.run("order", "run", str(number), check=False)
        return self.show(number)

    def show(self, number: int) -> dict[str, Any]:
        """The order."""
        shown: dict[str, Any] = self.controller.json("order", "show", str(number))
        return shown

    def stage(self, number: int, box: str, name: str) -> str:
        """Stages a factory-new box for the order at the depot; its serial number."""
        identity = self.lab.run(box, ["linjevakt-agent", "identity", "--name", name, "--json"]).stdout
        serial = str(json.loads(identity)["serial"])
        self.controller.run("stock", "add", serial, "--model", "Lab 1")
        bootstrap = self.controller.run("order", "stage", str(number), "--identity", "-", stdin=identity).stdout
        self.lab.run(box, ["linjevakt-agent", "config", "load", "--replace", "-"], input=bootstrap)
        self.lab.run(box, ["linjevakt-agent", "config", "commit", "--message", "staging"])
        return serial

    def plugged_in(self, number: int) -> float:
        """The technician says so; seconds until the router is proven. The caller has just plugged it in."""
        begun = time.monotonic()
        self.controller.run("order", "advance", str(number))
        return time.monotonic() - begun


def fetches(lab: Lab, pc: str, url: str = "http://fastlegelister.nhn.no/") -> bool:
    """Whether a client gets the page."""
    done = lab.run(pc, ["curl", "-s", "-m", "3", "-o", "/dev/null", "--fail", url], check=False)
    return done.returncode == 0


def proxied(lab: Lab, pc: str) -> bool:
    """Whether a client gets a page of the internet through the proxy."""
    fetch = ["curl", "-s", "-m", "4", "--fail", "-x", "10.255.0.30:3128", "http://www.example.com/"]
    return lab.run(pc, fetch, check=False).returncode == 0


def download(lab: Lab, pc: str) -> subprocess.Popen[str]:
    """A client's long download through the proxy, paced; ends by itself with exit code 0 when it was never cut."""
    fetch = ["curl", "-s", "--fail", "--limit-rate", "200k", "-o", "/dev/null", "-x", "10.255.0.30:3128"]
    return lab.popen(pc, [*fetch, "http://www.example.com/large"])
