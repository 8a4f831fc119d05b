"""Everything measured for SNMP, each thing on its own: read when asked for, kept a second, failing alone."""

import logging
import platform
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Self, TypeVar

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Agent, Probe
from linjevakt_agent.collect import (
    CollectError,
    certificate,
    config,
    drift,
    duplicates,
    interfaces,
    lines,
    probes,
    settings,
    storage,
    tunnel,
)
from linjevakt_agent.snmp.engine import Engine

T = TypeVar("T")
log = logging.getLogger(__name__)

KEPT_S = 1.0
Clock = Callable[[], float]


class Cached(Generic[T]):
    """A reading, or its failure, that is good for `KEPT_S` seconds; a new kind of failure is logged once."""

    def __init__(self, read: Callable[[], T], clock: Clock = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._until = float("-inf")
        self._outcome: T | CollectError = CollectError("not read yet")
        self._told = ""

    def __call__(self) -> T:
        """The value. Raises CollectError."""
        if self._clock() >= self._until:
            self._outcome = self._measure()
            self._until = self._clock() + KEPT_S
        if isinstance(self._outcome, CollectError):
            raise CollectError(str(self._outcome))
        return self._outcome

    def _measure(self) -> T | CollectError:
        try:
            outcome: T | CollectError = self._read()
        except CollectError as error:
            outcome = error
        message = str(outcome) if isinstance(outcome, CollectError) else ""
        if message and message != self._told:
            log.warning("%s", message)
        self._told = message
        return outcome


class Changes:
    """When (sysUpTime) each interface entered its state and the list last changed; 0 for before the first look."""

    def __init__(self, up_time: Callable[[], int]) -> None:
        self._up_time = up_time
        self._states: dict[int, str] | None = None
        self.entry: dict[int, int] = {}
        self.table = 0

    def observe(self, found: list[interfaces.Interface]) -> list[interfaces.Interface]:
        """Note the interfaces as they are now, and pass them on."""
        now = 0 if self._states is None else self._up_time()
        known = self._states or {}
        states = {interface.index: interface.oper for interface in found}
        if states.keys() != known.keys():
            self.table = now
        self.entry = {
            index: self.entry.get(index, 0) if known.get(index) == state else now for index, state in states.items()
        }
        self._states = states
        return found


@dataclass(frozen=True)
class Readings:
    """What the MIB's objects are computed from."""

    engine: Engine
    changes: Changes
    agent: Cached[Agent]
    config: Cached[config.Config]
    drift: Cached[drift.Drift]
    certificate: Cached[datetime]
    lines: Cached[list[lines.Line]]
    tunnel: Cached[tunnel.Tunnel]
    probes: Cached[dict[int, tuple[Probe, probes.Result | None]]]
    duplicates: Cached[dict[int, duplicates.Duplicate]]
    interfaces: Cached[list[interfaces.Interface]]
    storage: Cached[storage.Storage]
    system: str = f"{platform.system()} {platform.release()} {platform.machine()}"

    @classmethod
    def of(cls, paths: Paths, engine: Engine) -> Self:
        """The readings of the box whose files are at `paths`."""
        changes = Changes(engine.up_time)
        return cls(
            engine=engine,
            changes=changes,
            agent=Cached(lambda: settings.agent(paths)),
            config=Cached(lambda: config.read(paths)),
            drift=Cached(lambda: drift.read(paths)),
            certificate=Cached(lambda: certificate.read(paths.section("router.crt"))),
            lines=Cached(lambda: lines.read(paths)),
            tunnel=Cached(lambda: tunnel.of(paths)),
            probes=Cached(lambda: probes.read(paths)),
            duplicates=Cached(lambda: duplicates.rows(paths)),
            interfaces=Cached(lambda: changes.observe(interfaces.read())),
            storage=Cached(lambda: storage.read(paths)),
        )

    @staticmethod
    def hostname() -> str:
        """The box's name now."""
        return socket.gethostname()
