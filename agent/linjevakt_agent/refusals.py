"""Why a tunnel is not there, in charon's own words: its log read as a pure state machine, the last answer kept."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

_HINTS = re.compile(r"^(?:subject certificate (?P<invalid>invalid .+)|certificate (?P<revoked>was revoked .+))$")
_ANSWERS = (
    (re.compile(r"^received ([A-Z_]+) notify(?: error|, no CHILD_SA built)"), "the hub refuses us: {}"),
    (re.compile(r"^no trusted (.+) found for "), "we refuse the hub: no trusted {} for it"),
    (re.compile(r"^(constraint check failed: .+)"), "we refuse the hub: {}"),
    (re.compile(r"^no private key found for "), "this router's own key does not go with its certificate, or is gone"),
    (re.compile(r"^(?:peer not responding|giving up after)"), "the hub does not answer"),
)


_ADVICE = (
    (
        "AUTHENTICATION_FAILED",
        "The hub does not take this box's certificate: revoked, ended, or the hub is in trouble. Call operations.",
    ),
    ("TS_UNACCEPTABLE", "The certificate does not name the addresses configured here. Operations must push anew."),
    ("NO_PROPOSAL_CHOSEN", "Router and hub agree on no cipher. Operations must push to either."),
    ("we refuse the hub", "The hub's certificate is wrong, or this box's clock: is the time above right?"),
    ("own key", "This box must be staged anew: call operations."),
    (
        "the hub does not answer",
        "The line or its firewall, or the hub: `linjevakt-agent openings` tells what gets through.",
    ),
    ("is the service", "The box itself is in trouble: restart it."),
)
"""What to do about it, said to whoever stands before the box; by a part of what was told."""


def advice(told: str) -> str:
    """What to do about a tunnel of which this is `told`; empty where nobody knows better than the words themselves."""
    return next((said for part, said in _ADVICE if part in told), "")


class Refusal(msgspec.Struct, frozen=True):
    """The same answer, so many times in a row; `since` is the first one's time."""

    said: str
    times: int
    since: datetime

    def __str__(self) -> str:
        times = "once, at" if self.times == 1 else f"{self.times} times since"
        return f"{self.said}, {times} {self.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Heard:
    """What charon has said of one connection since that was last whole."""

    refusal: Refusal | None = None
    hint: str = ""  # what it finds wrong, until it says what follows from it

    def after(self, message: str, at: datetime) -> "Heard":
        """Return what is known after one more line of the log."""
        if hint := _HINTS.match(message):
            return replace(self, hint=next(filter(None, hint.groups())))
        for pattern, said in _ANSWERS:
            if found := pattern.match(message):
                return self._refused(said.format(*found.groups()), at)
        return self

    def _refused(self, said: str, at: datetime) -> "Heard":
        said = f"{said} ({self.hint})" if self.hint else said
        before = self.refusal
        if before and before.said == said:
            return Heard(Refusal(said, before.times + 1, before.since))
        return Heard(Refusal(said, 1, at))
