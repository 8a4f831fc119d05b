"""The lines of a lab that is up: where each is plugged in and how it is broken, changed and remembered."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from linjevakt_lab import breakage, services, wiring
from linjevakt_lab.box import Box
from linjevakt_lab.breakage import How
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.places import State
from linjevakt_lab.shell import run
from linjevakt_lab.topology import LineEnds, Port, Topology

# A hand is no quicker, and the kernel tells of a carrier that has come or gone once a second at most.
_HAND_SECONDS = 1.5


@dataclass
class _Memory:
    """What has been done to lines, by `router.line`: the place where it was plugged in (None: loose), how it broke."""

    places: dict[str, str | None]
    broken: dict[str, How]


_MEMORY = TypeAdapter(_Memory)


class Lines:
    """Every line of one lab; `raised` is how the lab was, `box` gives a node's machine."""

    def __init__(self, raised: Topology, state: State, box: Callable[[str], Box]) -> None:
        self._raised = raised
        self._state = state
        self._box = box

    @property
    def topology(self) -> Topology:
        """The lab as it is plugged now."""
        return self._raised.plugged(self._read().places)

    def move(self, router: str, name: str, place: str) -> None:
        """Pull a line's cable out, if it is in, and plug it in at a place; raises LabError."""
        topology = self.topology
        line = topology.line(router, name)
        socket = topology.socket(line, place)
        if line.socket == socket:
            raise LabError(f"{name} of {router} is plugged in at {place} already.")
        for other in topology.lines:
            if other.socket == socket:
                raise LabError(f"{other.name} of {other.router} is plugged in at {place}: unplug that first.")
        if line.socket:
            self.unplug(router, name)
            time.sleep(_HAND_SECONDS)
        self._plug(line.loose, socket.peer)
        self._note_place(line, place)

    def unplug(self, router: str, name: str) -> None:
        """Pull a line's cable out of what it is plugged in; raises LabError."""
        line = self.topology.line(router, name)
        socket = line.plugged
        if how := self._read().broken.get(line.key):
            raise LabError(f"{name} of {router} is broken ({how}): mend it before you unplug it.")
        wiring.replug(socket.peer, line.loose, self._state)
        self._note_place(line, None)

    def break_line(self, router: str, name: str, how: How | str) -> None:
        """Break a line in one of the ways of `How`; raises LabError if it is broken already."""
        line = self.topology.line(router, name)
        if how not in list(How):
            raise UnknownNameError("way to break a line", how, How)
        memory = self._read()
        if line.key in memory.broken:
            raise LabError(f"{name} of {router} is broken already ({memory.broken[line.key]}): mend it first.")
        breakage.break_line(line, How(how), self._state)
        memory.broken[line.key] = How(how)
        self._write(memory)

    def mend(self, router: str, name: str) -> None:
        """Undo what `break_line` did; a line that is whole stays so."""
        line, memory = self.topology.line(router, name), self._read()
        how = memory.broken.pop(line.key, None)
        if how:
            breakage.mend(line, how, self._state)
            self._write(memory)

    def narrow(self, router: str, name: str, up: int, down: int) -> None:
        """Have a line swallow larger packets than that, from the router (`up`) and to it; see `breakage.narrow`."""
        breakage.narrow(self.topology.line(router, name), up, down, self._state)

    def widen(self, router: str, name: str) -> None:
        """Undo what `narrow` did; a line that is wide stays so."""
        breakage.widen(self.topology.line(router, name), self._state)

    def mend_all(self) -> None:
        """Mend every line."""
        for key in self._read().broken:
            router, _, name = key.rpartition(".")
            self.mend(router, name)

    def forget(self, node: str) -> None:
        """A node has lost its power: what was broken in it is whole."""
        memory = self._read()
        lines = {line.key: line for line in self.topology.lines}
        memory.broken = {key: how for key, how in memory.broken.items() if breakage.port(lines[key], how).node != node}
        self._write(memory)

    def status(self) -> list[dict[str, Any]]:
        """Return a row for each line: router, line, place (None: loose), behind_nat, broken."""
        broken = self._read().broken
        return [
            {
                "router": line.router,
                "line": line.name,
                "place": line.place,
                "behind_nat": line.socket is not None and line.socket.peer != line.socket.provider,
                "broken": broken.get(line.key),
            }
            for line in self.topology.lines
        ]

    def _plug(self, end: Port, to: Port) -> None:
        wiring.replug(end, to, self._state)
        box = self._box(to.node)
        if box.pid() is None:
            return  # it configures all its ports when it boots
        legs = self._raised.legs(to)
        wiring.light(box.netns, legs)
        if any(leg.lease for leg in legs):
            run(box.entering(services.FORGET_LEASES))  # its one address is for who is plugged in now

    def _note_place(self, line: LineEnds, place: str | None) -> None:
        memory = self._read()
        memory.places[line.key] = place
        self._write(memory)

    @property
    def _file(self) -> Path:
        return self._state.folder / "lines.json"

    def _read(self) -> _Memory:
        """Read it each time: another process may have moved or broken a line."""
        return _MEMORY.validate_json(self._file.read_bytes()) if self._file.exists() else _Memory({}, {})

    def _write(self, memory: _Memory) -> None:
        self._file.write_bytes(_MEMORY.dump_json(memory))
