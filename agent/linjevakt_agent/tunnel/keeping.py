"""When a site starts what its tunnel lacks, and when its charon is given up: pure state machines, decision out.

charon tries again by itself when nobody answers, but never after an answer that refuses it, nor what somebody here
terminated.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

FIRST_S = 2.0
"""How long a child must have been missing first: charon, the guard and a reauthentication repair most within that."""

_SHARE = 2  # a wait is half of the outage so far: what was short is soon over
_PATIENT_S, _LONGEST_S = 5.0, 20.0  # but at most so long: in the first five minutes, and ever
_PATIENT_SHARE = 60
_SPREAD = 2  # chance makes a wait up to so much longer

HUNG_S = 30.0
"""How long charon may say nothing and carry nothing; a command that loads a configuration takes it a second."""


def wait_s(outage_s: float, chance: float) -> float:
    """Return the seconds until the next try, 2 to 60; `chance` (0 to 1) keeps a thousand sites apart.

    At most 15 s while the outage is shorter than five minutes: so long after a hub is whole again a site may be away.
    A refusal costs a hub's charon 3 ms (measured): when it refuses a thousand sites at once, a core bears it.
    """
    longest = min(max(_PATIENT_S, outage_s / _PATIENT_SHARE), _LONGEST_S)
    return min(max(FIRST_S, outage_s / _SHARE), longest) * (1 + _SPREAD * chance)


@dataclass(frozen=True)
class Seen:
    """The tunnel at one moment, in seconds of a monotonic clock.

    `missing` are the configured children that no SA carries. `busy` says that charon is at it: an IKE SA is being made,
    or a child asked for. `path` is the configuration and the line in use, and None while that line is down.
    """

    at: float
    missing: frozenset[str]
    busy: bool
    path: Hashable | None


@dataclass(frozen=True)
class Keeping:
    """What is missing, since when without any news, and when it is tried next."""

    missing: frozenset[str] = frozenset()
    path: Hashable | None = None
    since: float = 0.0
    due: float = 0.0
    initiate: frozenset[str] = frozenset()  # what is to be initiated now

    def after(self, seen: Seen, chance: float) -> "Keeping":
        """Return the state after a look; other children missing, another line or configuration begins anew."""
        if (self.missing, self.path) != (seen.missing, seen.path):
            return Keeping(seen.missing, seen.path, seen.at, seen.at + wait_s(0.0, chance))
        if not seen.missing or seen.path is None:
            return replace(self, initiate=frozenset())
        if not seen.busy and seen.at < self.due:
            return replace(self, initiate=frozenset())
        due = seen.at + wait_s(seen.at - self.since, chance)
        return replace(self, due=due, initiate=frozenset() if seen.busy else seen.missing)


@dataclass(frozen=True)
class Pulse:
    """Since when charon has left questions unanswered and let no packet through the tunnel; `carried` counts those."""

    carried: int
    silent_since: float | None = None  # the first question's time: that we asked nothing ourselves is no silence

    def after(self, at: float, carried: int, *, answered: bool) -> "Pulse":
        """Return the pulse after charon was asked for something."""
        if answered or carried != self.carried:
            return Pulse(carried)
        return replace(self, silent_since=at) if self.silent_since is None else self

    def hung(self, at: float) -> bool:
        """Whether charon is to be given up: whoever starts it anew cuts nothing that still worked."""
        return self.silent_since is not None and at - self.silent_since >= HUNG_S
