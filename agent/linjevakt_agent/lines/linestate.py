"""Whether a line is up, and which line to use: a pure state machine, events in, decision out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from linjevakt_agent.base.schema import Watch

FIRST_TIMEOUT_S = 1.0
"""How long the very first answer may take: nothing is known of the round trip yet (RFC 6298, section 2.1)."""

LONGEST_TIMEOUT_S = 2.0
_FORGET_S = 5.0  # an answer later than this says nothing about the line today


@dataclass(frozen=True)
class RoundTrip:
    """Smoothed round trip and its mean deviation, seconds (RFC 6298, section 2)."""

    smoothed: float
    deviation: float

    @classmethod
    def first(cls, sample: float) -> "RoundTrip":
        """Return what one sample alone tells."""
        return cls(sample, sample / 2)

    def after(self, sample: float) -> "RoundTrip":
        """Take one more sample into account."""
        deviation = 0.75 * self.deviation + 0.25 * abs(self.smoothed - sample)
        return RoundTrip(0.875 * self.smoothed + 0.125 * sample, deviation)

    @property
    def timeout(self) -> float:
        """After how long an answer is not to be expected any more."""
        return min(self.smoothed + 4 * self.deviation, LONGEST_TIMEOUT_S)


@dataclass(frozen=True)
class Ready:
    """The link has carrier and the line its address; or, with a reason in `why_not`, it cannot carry anything."""

    at: float
    why_not: str = ""


@dataclass(frozen=True)
class Sent:
    """A probe went out; sequence numbers count from 1 for each line."""

    at: float
    sequence: int


@dataclass(frozen=True)
class Answered:
    """The answer to a probe arrived at that time; that we heard it later is nothing the line can help."""

    at: float
    sequence: int


@dataclass(frozen=True)
class Judged:
    """Every answer that had arrived by now has been told: silence may be held against the line.

    That, and not a timer, is what gives a probe up: if we were late ourselves, the answer lay in the socket.
    """

    at: float


Event = Ready | Sent | Answered | Judged


@dataclass(frozen=True)
class LineState:
    """What is known of one line; times are seconds of a monotonic clock, `up` is None until the first result."""

    name: str
    priority: int
    watch: Watch | None  # without one, a line is as good as its link
    up: bool | None = None
    linked: bool = False
    detail: str = ""  # why it is not up
    since: float = 0.0  # last change of `up`
    good_since: float = 0.0  # no probe has been missed since
    changes: int = 0
    sent: int = 0  # sequence number of the last probe, and so on
    answered: int = 0
    given_up: int = 0
    outstanding: tuple[tuple[int, float], ...] = ()  # (sequence, sent at) of what may still be answered
    round_trip: RoundTrip | None = None
    proven: tuple[float, ...] = ()  # when the probes of the last seconds that were answered had been sent
    asked: float = 0.0  # when the latest probe that was given up had been sent

    @property
    def silent_since(self) -> float:
        """When the first of the probes was sent that are not answered."""
        return self.outstanding[0][1] if self.outstanding else 0.0

    @property
    def missed(self) -> int:
        """Probes in a row that got no answer in time; a late answer counts as well as a timely one."""
        return max(0, self.given_up - self.answered)

    @property
    def timeout(self) -> float:
        """How long an answer may take, seconds: the probes' interval, longer on a line that is slower than that."""
        if self.watch is None or self.round_trip is None:
            return FIRST_TIMEOUT_S
        return max(self.watch.interval_ms / 1000, self.round_trip.timeout)

    @property
    def deadline(self) -> float | None:
        """When the next probe is due to be given up."""
        return next((at + self.timeout for sequence, at in self.outstanding if sequence > self.given_up), None)

    def after(self, event: Event) -> "LineState":
        """Return the state after `event`; they come in the order of their times, answers when they are heard."""
        match event:
            case Ready(at, ""):
                return self if self.linked else _linked(self, at)
            case Ready(at, why_not):
                return _unlinked(self, at, why_not)
            case Sent(at, sequence):
                return replace(self, sent=sequence, outstanding=(*self.outstanding, (sequence, at)))
            case Answered(at, sequence):
                return _heard(self, at, sequence)
            case Judged(at):
                return _judged(self, at)


def _linked(line: LineState, at: float) -> LineState:
    linked = replace(line, linked=True, detail="no answer yet")
    return linked if line.watch else _turned(linked, at, up=True)


def _unlinked(line: LineState, at: float, why_not: str) -> LineState:
    silent = replace(line, linked=False, outstanding=(), answered=line.sent, given_up=line.sent)
    return _turned(silent, at, up=False, detail=why_not)


def _heard(line: LineState, at: float, sequence: int) -> LineState:
    sent_at = dict(line.outstanding).get(sequence)
    if sent_at is None or line.watch is None:
        return line
    sample = max(0.0, at - sent_at)  # the clock that stamps packets may have been set
    heard = replace(
        line,
        answered=sequence,
        proven=(*(when for when in line.proven if at - when < _FORGET_S), sent_at),
        outstanding=tuple(probe for probe in line.outstanding if probe[0] > sequence),
        round_trip=line.round_trip.after(sample) if line.round_trip else RoundTrip.first(sample),
    )
    return _turned(heard, at, up=True) if heard.missed < line.watch.missed else heard


def _judged(line: LineState, at: float) -> LineState:
    overdue = [probe for probe in line.outstanding if at >= probe[1] + line.timeout]
    if not overdue or overdue[-1][0] <= line.given_up or line.watch is None:
        return line
    recent = tuple(probe for probe in line.outstanding if at - probe[1] < _FORGET_S)
    given_up, asked = overdue[-1]
    judged = replace(line, given_up=given_up, asked=asked, good_since=at, outstanding=recent)
    if judged.missed < line.watch.missed:
        return judged
    return _turned(judged, at, up=False, detail=f"{judged.missed} probes in a row unanswered")


def _turned(line: LineState, at: float, *, up: bool, detail: str = "") -> LineState:
    if up == line.up:
        return replace(line, detail=detail)
    return replace(line, up=up, detail=detail, since=at, good_since=at, changes=line.changes + (line.up is not None))


def choose(lines: Iterable[LineState], in_use: str | None, at: float, recover_after_s: float) -> str | None:
    """Return the line to use from now on.

    Off a line that is down at once, to the first choice among those known to do better; back to a better one when that
    has missed nothing for `recover_after_s`; otherwise, and when none is up, the one in use stays.
    """
    ranked = sorted(lines, key=lambda line: line.priority)
    present = next((line for line in ranked if line.name == in_use), None)
    if present is None:
        return next((line.name for line in ranked if line.up), ranked[0].name if ranked else None)
    if present.up is False:
        return next((line.name for line in ranked if _does_better(line, present, at)), in_use)
    better = (line for line in ranked if line.priority < present.priority and line.up)
    return next((line.name for line in better if at - line.good_since >= recover_after_s), in_use)


def _does_better(line: LineState, present: LineState, at: float) -> bool:
    """Tell a line that has failed from a hub that has: only in the first case does another line answer meanwhile.

    When a hub comes back, any line may be the first to hear of it. What counts is an answer to a probe that was sent
    between two of the present line's that nothing answered.
    """
    if not line.up or not present.linked:
        return line.up is True
    meanwhile = any(present.silent_since <= when <= present.asked for when in line.proven)
    return meanwhile and at - line.since >= 2 * present.timeout


def pace(line: LineState, in_use: LineState | None, watch: Watch) -> float:
    """Return the seconds between two probes of `line`.

    A line in reserve may be metered: slower. But not one that is about to take over: from one that misses probes, or
    back from a worse one, for it has to show that it loses nothing, and a few slow probes would not show it.
    """
    if in_use is None or line.name == in_use.name:
        return watch.interval_ms / 1000
    taking_over = line.up and (in_use.missed or line.priority < in_use.priority)
    return (watch.interval_ms if taking_over else watch.backup_interval_ms) / 1000
