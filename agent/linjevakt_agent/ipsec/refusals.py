"""Why a tunnel is not there, in charon's own words: its log read as a pure state machine, the last answer kept."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

_HINTS = re.compile(r"^certificate (?P<revoked>was revoked .+)$")
_VALIDITY = re.compile(r"^(?:subject|issuer) certificate invalid \(valid from (.+) to (.+)\)$")
_CHARONS_TIME = "%b %d %H:%M:%S %Y"  # local, strongSwan's `%T`
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
    ("the clock is wrong", "The box sets its clock by itself. If the time above stays wrong: call operations."),
    (
        "or the clock is ahead",
        "Is the time above right? Then the hub's certificate has ended: call operations.",
    ),
    ("we refuse the hub", "The hub's certificate is wrong: call operations."),
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


class Validity(msgspec.Struct, frozen=True):
    """When a certificate is good that charon refused by this box's clock alone: its CA's signature holds."""

    begins: datetime
    ends: datetime

    def against(self, now: datetime) -> str:
        """What follows from it: a certificate is not made before it begins, but may have ended."""
        if now < self.begins:
            return f"the clock is wrong: the hub's certificate begins {self.begins:%Y-%m-%d %H:%M} UTC"
        return f"the hub's certificate ended {self.ends:%Y-%m-%d %H:%M} UTC, or the clock is ahead"


class Refusal(msgspec.Struct, frozen=True):
    """The same answer, so many times in a row; `since` is the first one's time.

    `validity` is that of the certificate that is not valid by our clock, if that is what it is about.
    """

    said: str
    times: int
    since: datetime
    validity: Validity | None = None

    def __str__(self) -> str:
        times = "once, at" if self.times == 1 else f"{self.times} times since"
        return f"{self.said}, {times} {self.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Heard:
    """What charon has said of one connection since that was last whole."""

    refusal: Refusal | None = None
    hint: str = ""  # what it finds wrong, until it says what follows from it
    validity: Validity | None = None

    def after(self, message: str, at: datetime) -> "Heard":
        """Return what is known after one more line of the log."""
        if hint := _HINTS.match(message):
            return replace(self, hint=hint["revoked"])
        if validity := _validity(message):
            return replace(self, validity=validity)
        for pattern, said in _ANSWERS:
            if found := pattern.match(message):
                return self._refused(said.format(*found.groups()), at)
        return self

    def _refused(self, said: str, at: datetime) -> "Heard":
        if self.validity:
            said = f"we refuse the hub: {self.validity.against(at)}"
        elif self.hint:
            said = f"{said} ({self.hint})"
        before = self.refusal
        if before and before.said == said:
            return Heard(Refusal(said, before.times + 1, before.since, self.validity))
        return Heard(Refusal(said, 1, at, self.validity))


def _validity(message: str) -> Validity | None:
    if not (told := _VALIDITY.match(message)):
        return None
    try:
        begins, ends = (datetime.strptime(part, _CHARONS_TIME).astimezone() for part in told.groups())
    except ValueError:
        return None
    return Validity(begins.astimezone(UTC), ends.astimezone(UTC))
