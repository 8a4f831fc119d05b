"""A fleet in memory with one router of the made-up vendor, wired as the composition root wires it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.fleet.routers import Today
from tests.unit.platform.box import Box

from linjevakt import platforms
from linjevakt.model.change import PushResult
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store

ROUTER = "rtr-fjellheim"


class Poller:
    """Answers what the router would to whoever polls it with its platform's decoder."""

    def __init__(self, clock: Today) -> None:
        self._clock = clock
        self.up = True

    def poll(self, target: SnmpTarget) -> Health:
        decoder = platforms.part(target.decoder, "DECODER")
        rows = {decoder.scalars[0]: target.router.encode(), f"{decoder.tables[0]}.1": 1 if self.up else 2}
        found: Health = decoder.decode(target, self._clock.now(), rows)
        return found


@dataclass
class Field:
    fleet: Fleet
    store: Store
    box: Box
    clock: Today
    templates: Path
    poller: Poller

    def push(self, revert_in_s: int = 60, **kwargs: Any) -> PushResult:
        return self.fleet.pushing.push(ROUTER, revert_in_s, kwargs.pop("on_step", lambda _step: None), **kwargs)

    def change(self, line: str) -> None:
        """What somebody writes into the template, the whole fleet's configuration with it."""
        file = self.templates / "acme" / "config.j2"
        file.write_text(f"{file.read_text()}{line}\n")

    def shut(self, interface: str) -> None:
        file = self.templates / "acme" / "config.j2"
        opening = "interface {{ line.name }}\n"
        shutting = f'{opening}{{% if line.name == "{interface}" %}}\n shutdown\n{{% endif %}}\n'
        file.write_text(file.read_text().replace(opening, shutting))
