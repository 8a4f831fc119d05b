"""Whether a router does what was asked: its agent's answers turned into the legs of a proof. Pure, but for PAC."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from linjevakt.devices import LineState, ProbeAnswer, RawProof
from linjevakt.model import clock
from linjevakt.model.change import Leg, Proof
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.intent import PacCase
from linjevakt.model.saying import Saying, together

Evaluate = Callable[[str, str], str]
_LEG_NAMES = {"http_proxy": "proxy", "http": Saying("service"), "tcp": Saying("service")}
PENDING = Saying("a commit waits for its confirmation")
NOT_PENDING = Saying("no commit waits for its confirmation")
_STORAGE = {"read-only": Saying("read-only"), "full": Saying("full"), "failing": Saying("failing")}


@dataclass(frozen=True)
class Expected:
    """What a proof must show; `pending` None: either will do; `lines`: those that were up before the change.

    `pac`: what the PAC file that the router serves must answer, for every service that is ordered on it.
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
    legs = [logged_in(asked.login_ms), _agent(raw, expected)]
    legs += _clock(raw, expected, asked)
    if raw.tunnel is not None:
        state = Saying("up") if raw.tunnel.up else Saying("down")
        legs.append(Leg(Saying("tunnel"), raw.tunnel.up, raw.tunnel.detail or state))
    if raw.storage.state != "writable":  # nothing could be confirmed
        legs.append(Leg(Saying("disk"), ok=False, detail=raw.storage.detail or _disk(raw.storage.state)))
    legs += lines_held(raw.lines, expected.lines)
    legs += [_probe(probe, expected.pac, evaluate) for probe in raw.probes]
    if expected.pac and not any(probe.kind == "pac" for probe in raw.probes):
        unseen = Saying("the router did not show the PAC file that it serves")
        legs.append(Leg(Saying("pac"), ok=False, detail=unseen))
    return Proof(tuple(legs), in_use, raw.config_hash)


def logged_in(took_ms: float) -> Leg:
    """That we have come in anew is the first that is proven, whoever proves the rest."""
    return Leg(Saying("login"), ok=True, detail=Saying("logged in afresh"), milliseconds=took_ms)


def unanswered(name: str, error: LinjevaktError) -> Proof:
    """The proof of a router that could not be asked."""
    return Proof((Leg(name, ok=False, detail=Saying("{}", error)),))


def why(proof: Proof) -> str:
    """The legs that failed, as one sentence."""
    return together("; ", [Saying("{}: {}", leg.name, leg.detail) for leg in proof.failures])


def clock_fault(raw: RawProof, asked: Asked) -> str:
    """What is wrong with the router's clock, in words; empty if nothing, or if it does not tell."""
    return clock.fault(raw.at, asked.at, asked.answered) if raw.at else ""


def _clock(raw: RawProof, expected: Expected, asked: Asked) -> Iterator[Leg]:
    if raw.at is None:
        return
    fault, says = clock_fault(raw, asked), raw.clock.detail if raw.clock else ""
    told = together("; ", [part for part in (fault, says) if part])
    yield Leg(Saying("clock"), not fault or expected.clock_was_wrong, told or Saying("right"))


def _agent(raw: RawProof, expected: Expected) -> Leg:
    fault = _agent_fault(raw, expected)
    return Leg(Saying("agent"), not fault, fault or Saying("runs {hash}", hash=expected.hash[:12]))


def _agent_fault(raw: RawProof, expected: Expected) -> str:
    if raw.config_hash != expected.hash:
        runs = raw.config_hash[:12] or Saying("nothing")
        return Saying("runs {hash}, not {wanted}", hash=runs, wanted=expected.hash[:12])
    if expected.pending is None or raw.pending == expected.pending:
        return ""
    return PENDING if raw.pending else NOT_PENDING


def _disk(state: str) -> str:
    return Saying("the disk is {state}", state=_STORAGE.get(state, state))


def lines_held(lines: tuple[LineState, ...], before: frozenset[str]) -> Iterator[Leg]:
    """A line that the change takes away is not lost; one that was down before is not the change's fault."""
    for line in lines:
        lost = line.name in before and not line.up
        state = _state(line)
        yield Leg(Saying("line"), not lost, Saying("{state} since the change", state=state) if lost else state)
    if lines and not any(line.up for line in lines):
        yield Leg(Saying("line"), ok=False, detail=Saying("no line is up"))


def _state(line: LineState) -> str:
    state = {
        True: Saying("{line} is up", line=line.name),
        False: Saying("{line} is down", line=line.name),
        None: Saying("{line} is not measured yet", line=line.name),
    }[line.up]
    return Saying("{state} and in use", state=state) if line.in_use else state


def _probe(probe: ProbeAnswer, cases: tuple[PacCase, ...], evaluate: Evaluate) -> Leg:
    fault = _pac_fault(probe.body, cases, evaluate) if probe.ok and probe.kind == "pac" else ""
    found = fault or probe.detail or (Saying("works") if probe.ok else Saying("fails"))
    detail = Saying("{service} for {segment}: {found}", service=probe.service, segment=probe.segment, found=found)
    return Leg(_LEG_NAMES.get(probe.kind, probe.kind), probe.ok and not fault, detail, probe.ms)


def _pac_fault(pac: str, cases: tuple[PacCase, ...], evaluate: Evaluate) -> str:
    for case in cases:
        try:
            answer = evaluate(pac, case.url)
        except (LinjevaktError, ValueError) as error:
            return Saying("the PAC file does not work: {error}", error=error)
        if answer != case.answer:
            return Saying(
                "the PAC file answers {answer!r} for {url}, where {service} needs {wanted!r}",
                answer=answer,
                url=case.url,
                service=case.service,
                wanted=case.answer,
            )
    return ""
