"""Who can prove that a router does what was asked: its own agent, or the controller over its own connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address
from typing import ClassVar, Final, Protocol

from linjevakt.devices import Device, Lined, LineState, Provable, RawProof, Reaching, TunnelState
from linjevakt.model.change import Leg, Proof, Sent, Standing
from linjevakt.model.intent import PacCase, ProbeIntent
from linjevakt.model.saying import Saying, word
from linjevakt.provisioning.proof import (
    NOT_PENDING,
    PENDING,
    Asked,
    Evaluate,
    Expected,
    clock_fault,
    judge,
    lines_held,
    logged_in,
)

Now = Callable[[], datetime]


@dataclass(frozen=True)
class Baseline:
    """How a router was before the change: the lines that were up, and whether its clock was wrong."""

    lines: frozenset[str] = frozenset()
    clock_was_wrong: bool = False


@dataclass(frozen=True)
class Claim:
    """What is to be proven: that a configuration of ours runs, and that all works that did before, and is ordered.

    `pending`: whether it has to wait for its confirmation; None: either will do. `pac` is what the PAC file that the
    router serves must answer, `probes` what the services that are ordered on it are tried with.
    """

    sent: Sent
    pending: bool | None
    before: Baseline = field(default_factory=Baseline)
    pac: tuple[PacCase, ...] = ()
    probes: tuple[ProbeIntent, ...] = ()


class Prover(Protocol):
    """Every method raises the DeviceError that fits; `name` is that of the leg that says whether ours runs."""

    name: ClassVar[str]

    def baseline(self, now: Now) -> Baseline:
        """How the router is before the change."""

    def prove(self, claim: Claim, now: Now, login_ms: float) -> Proof:
        """Every leg, in the order in which a fault spreads."""


class Agent:
    """The router's own agent, which sees the site from within."""

    name: ClassVar[str] = Saying("agent")

    def __init__(self, device: Provable, evaluate: Evaluate) -> None:
        self._device, self._evaluate = device, evaluate

    def baseline(self, now: Now) -> Baseline:
        """See Prover."""
        raw, asked = self._asked(now, 0.0)
        return Baseline(frozenset(line.name for line in raw.lines if line.up), bool(clock_fault(raw, asked)))

    def prove(self, claim: Claim, now: Now, login_ms: float) -> Proof:
        """See Prover."""
        before = claim.before
        expected = Expected(claim.sent.hash, claim.pending, before.lines, claim.pac, before.clock_was_wrong)
        raw, asked = self._asked(now, login_ms)
        return judge(raw, expected, self._evaluate, asked)

    def _asked(self, now: Now, login_ms: float) -> tuple[RawProof, Asked]:
        at = now()
        return self._device.prove(), Asked(at, now(), login_ms)


class Controller:
    """Ourselves: that we are in proves the tunnel, for management is reached by no other way.

    Who has no agent serves no PAC file that we could run, and is asked for its lines and for round trips if it can.
    """

    name: ClassVar[str] = word("router")

    def __init__(self, device: Device) -> None:
        self._device = device

    def baseline(self, now: Now) -> Baseline:
        """See Prover."""
        del now
        return Baseline(frozenset(line.name for line in self._lines() if line.up))

    def prove(self, claim: Claim, now: Now, login_ms: float) -> Proof:
        """See Prover."""
        del now
        standing, lines = self._device.standing(claim.sent), self._lines()
        legs = [logged_in(login_ms), _running(standing, claim), *lines_held(lines, claim.before.lines)]
        legs += self._services(claim.probes)
        return Proof(tuple(legs), next((line.name for line in lines if line.in_use), ""), self._hash(standing, claim))

    def seen(self) -> RawProof:
        """What there is to be seen of it, whatever is expected."""
        return RawProof(
            config_hash=self._device.running_hash(),
            pending=self._device.pending() is not None,
            tunnel=TunnelState(up=True),
            lines=self._lines(),
            probes=(),
        )

    def _lines(self) -> tuple[LineState, ...]:
        return self._device.lines() if isinstance(self._device, Lined) else ()

    def _hash(self, standing: Standing, claim: Claim) -> str:
        """What runs may be written otherwise than what was sent; that it is ours is what the device tells."""
        return claim.sent.hash if standing in _OURS else self._device.running_hash()

    def _services(self, probes: tuple[ProbeIntent, ...]) -> Iterator[Leg]:
        if isinstance(self._device, Reaching):
            for probe in probes:
                if server := _address(probe):
                    yield _reached(probe, server, self._device.reach(server, probe.source))


def agent(device: Device, evaluate: Evaluate) -> Prover | None:
    """The agent, where there is one."""
    return Agent(device, evaluate) if isinstance(device, Provable) else None


def controller(device: Device, evaluate: Evaluate) -> Prover:
    """The controller, which is there always."""
    del evaluate
    return Controller(device)


PROVERS: Final[tuple[Callable[[Device, Evaluate], Prover | None], ...]] = (agent, controller)
"""The first that a router has proves it."""


def seen(device: Device) -> RawProof:
    """What the router says of itself, or shows of itself where it has no agent."""
    return device.prove() if isinstance(device, Provable) else Controller(device).seen()


def prover(device: Device, evaluate: Evaluate) -> Prover:
    """Who proves the router that we are logged in to."""
    return next(found for make in PROVERS if (found := make(device, evaluate)))


_OURS: Final = frozenset({Standing.OURS_PENDING, Standing.OURS_CONFIRMED})


def _running(standing: Standing, claim: Claim) -> Leg:
    fault = _fault(standing, claim.pending)
    return Leg(Controller.name, not fault, fault or Saying("runs {hash}", hash=claim.sent.hash[:12]))


def _fault(standing: Standing, pending: bool | None) -> str:  # noqa: FBT001 - of `Claim`
    if standing not in _OURS:
        return Saying("runs something else than what was sent")
    if pending is None or pending == (standing is Standing.OURS_PENDING):
        return ""
    return NOT_PENDING if pending else PENDING


def _address(probe: ProbeIntent) -> IPv4Address | None:
    return IPv4Address(probe.server.partition(":")[0]) if probe.server else None


def _reached(probe: ProbeIntent, server: IPv4Address, took_ms: float | None) -> Leg:
    found = Saying("{server} does not answer", server=server) if took_ms is None else Saying("{} answers", server)
    detail = Saying("{service} for {segment}: {found}", service=probe.service, segment=probe.segment, found=found)
    return Leg(Saying("service"), took_ms is not None, detail, took_ms or 0.0)
