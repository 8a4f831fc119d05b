"""Whether a router does what was asked: its own answers turned into the legs of a proof. Pure, but for the PAC."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from linjevakt.devices import LineState, ProbeAnswer, RawProof
from linjevakt.model import clock
from linjevakt.model.change import Leg, Proof
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.intent import PacCase

Evaluate = Callable[[str, str], str]
_LEG_NAMES = {"http_proxy": "proxy", "http": "service", "tcp": "service"}


@dataclass(frozen=True)
class Expected:
    """What a proof must show; `pending` None: either will do; `lines`: those that were up before the change.

    `pac`: what the flex.pac that the router serves must answer, for every service that is ordered on it.
    `clock_was_wrong`: before the change, which is not to blame for it then, and may be what mends it.
    """

    hash: str
    pending: bool | None
    lines: frozenset[str] = frozenset()
    pac: tuple[PacCase, ...] = ()
    clock_was_wrong: bool = False


@dataclass(frozen=True)
class Asked:
    """When the router was asked, and answered, by our clock; and how long the login before that took."""

    at: datetime
    answered: datetime
    login_ms: float


def judge(raw: RawProof, expected: Expected, evaluate: Evaluate, asked: Asked) -> Proof:
    """Every leg, in the order in which a fault spreads: login, agent, clock, tunnel, disk, lines, services."""
    in_use = next((line.name for line in raw.lines if line.in_use), "")
    legs = [Leg("login", ok=True, detail="logged in afresh", milliseconds=asked.login_ms), _agent(raw, expected)]
    legs += _clock(raw, expected, asked)
    if raw.tunnel is not None:
        legs.append(Leg("tunnel", raw.tunnel.up, raw.tunnel.detail or ("up" if raw.tunnel.up else "down")))
    if raw.storage.state != "writable":  # nothing could be confirmed
        legs.append(Leg("disk", ok=False, detail=raw.storage.detail or f"the disk is {raw.storage.state}"))
    legs += _lines(raw.lines, expected.lines)
    legs += [_probe(probe, expected.pac, evaluate) for probe in raw.probes]
    if expected.pac and not any(probe.kind == "pac" for probe in raw.probes):
        legs.append(Leg("pac", ok=False, detail="the router did not show the flex.pac that it serves"))
    return Proof(tuple(legs), in_use, raw.config_hash)


def unanswered(name: str, error: LinjevaktError) -> Proof:
    """The proof of a router that could not be asked."""
    return Proof((Leg(name, ok=False, detail=str(error)),))


def why(proof: Proof) -> str:
    """The legs that failed, as one sentence."""
    return "; ".join(f"{leg.name}: {leg.detail}" for leg in proof.failures)


def clock_fault(raw: RawProof, asked: Asked) -> str:
    """What is wrong with the router's clock, in words; empty if nothing, or if it does not tell."""
    return clock.fault(raw.at, asked.at, asked.answered) if raw.at else ""


def _clock(raw: RawProof, expected: Expected, asked: Asked) -> Iterator[Leg]:
    if raw.at is None:
        return
    fault, says = clock_fault(raw, asked), raw.clock.detail if raw.clock else ""
    yield Leg("clock", not fault or expected.clock_was_wrong, "; ".join(filter(None, (fault, says))) or "right")


def _agent(raw: RawProof, expected: Expected) -> Leg:
    if raw.config_hash != expected.hash:
        return Leg("agent", ok=False, detail=f"runs {raw.config_hash[:12] or 'nothing'}, not {expected.hash[:12]}")
    if expected.pending is not None and raw.pending != expected.pending:
        return Leg("agent", ok=False, detail=f"{'a' if raw.pending else 'no'} commit waits for its confirmation")
    return Leg("agent", ok=True, detail=f"runs {expected.hash[:12]}")


def _lines(lines: tuple[LineState, ...], before: frozenset[str]) -> Iterator[Leg]:
    """A line that the change takes away is not lost; one that was down before is not the change's fault."""
    for line in lines:
        lost = line.name in before and not line.up
        yield Leg("line", not lost, f"{line.name} {_state(line)}{' since the change' if lost else ''}")
    if lines and not any(line.up for line in lines):
        yield Leg("line", ok=False, detail="no line is up")


def _state(line: LineState) -> str:
    state = {True: "is up", False: "is down", None: "is not measured yet"}[line.up]
    return f"{state} and in use" if line.in_use else state


def _probe(probe: ProbeAnswer, cases: tuple[PacCase, ...], evaluate: Evaluate) -> Leg:
    fault = _pac_fault(probe.body, cases, evaluate) if probe.ok and probe.kind == "pac" else ""
    detail = f"{probe.service} for {probe.segment}: {fault or probe.detail or ('works' if probe.ok else 'fails')}"
    return Leg(_LEG_NAMES.get(probe.kind, probe.kind), probe.ok and not fault, detail, probe.ms)


def _pac_fault(pac: str, cases: tuple[PacCase, ...], evaluate: Evaluate) -> str:
    for case in cases:
        try:
            answer = evaluate(pac, case.url)
        except (LinjevaktError, ValueError) as error:
            return f"the PAC file does not work: {error}"
        if answer != case.answer:
            return f"the PAC file answers {answer!r} for {case.url}, where {case.service} needs {case.answer!r}"
    return ""
