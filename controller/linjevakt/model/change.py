"""A change on its way to a router, as values: candidate, plan, proof, result."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret

_TOKEN = re.compile(r"@\{secret:([a-z0-9._-]+)\}")


@dataclass(frozen=True)
class Candidate:
    """A rendered configuration: `text` holds `@{secret:NAME}` where `secrets` holds the value.

    `revision`: the register's, that it was made from.
    """

    router: str
    platform: str
    text: str
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    revision: int = 0

    def revealed(self) -> Secret:
        """The text as the router gets it. Raises KeyError when the text names a secret that is not there."""
        return Secret(_TOKEN.sub(lambda match: self.secrets[match[1]].reveal(), self.text))

    @property
    def hash(self) -> str:
        """The hash that the router reports when it runs this (contract.md section 1). Raises as `revealed`."""
        return hashlib.sha256(self.revealed().reveal().encode()).hexdigest()


_IN_FORCE: Final = "--- in force/"


@dataclass(frozen=True)
class Plan:
    """What would change: the router's own diff (no secrets), whom it touches, and the hash that binds an approval.

    `revision`: the register's, that it was made from; an approval holds as long as the hash does, whatever has changed.
    """

    router: str
    diff: str
    impact: tuple[str, ...]
    hash: str
    running_hash: str
    revision: int = 0

    @property
    def changes(self) -> bool:
        """Whether the router would change at all."""
        return bool(self.diff)

    @property
    def by_hand(self) -> tuple[str, ...]:
        """What somebody had changed on the router, as it says in its diff: sections, and names of services."""
        return tuple(row.removeprefix(_IN_FORCE) for row in self.diff.splitlines() if row.startswith(_IN_FORCE))


@dataclass(frozen=True)
class RevertTimer:
    """Which revert timers a platform can arm, in whole seconds (IOS, for one: whole minutes from 1 to 120)."""

    minimum_s: int = 10
    maximum_s: int = 3600
    step_s: int = 1

    def __post_init__(self) -> None:
        """Refuses, with ValueError, a timer that nobody can arm."""
        if not 1 <= self.minimum_s <= self.maximum_s or self.step_s < 1:
            raise ValueError(Saying("a revert timer needs 1 <= minimum_s <= maximum_s, and a step_s of 1 or more"))

    def fit(self, seconds: int) -> int:
        """`seconds`, rounded up to the platform's step. Raises InvalidInputError outside its limits."""
        fitted = -(-seconds // self.step_s) * self.step_s
        if not self.minimum_s <= fitted <= self.maximum_s:
            raise InvalidInputError(
                Saying(
                    "the router cannot arm a revert timer of {seconds} s; choose one from {least} to {most} s",
                    seconds=seconds,
                    least=self.minimum_s,
                    most=self.maximum_s,
                )
            )
        return fitted


@dataclass(frozen=True)
class Leg:
    """One part of a proof: `login`, `tunnel`, `line`, `pac`, `dns`, `proxy`, `agent`...; `detail` is a sentence.

    Both are said in the reader's language, as a push's reason is, but for what the router itself says.
    """

    name: str
    ok: bool
    detail: str
    milliseconds: float = 0.0


@dataclass(frozen=True)
class Proof:
    """Every leg that was tried, in order; the line in use and the configuration's hash, as far as the router told.

    `revision`: the register's, that says what was to be proven.
    """

    legs: tuple[Leg, ...]
    line: str = ""
    config_hash: str = ""
    revision: int = 0

    @property
    def ok(self) -> bool:
        """True when there are legs and none failed."""
        return bool(self.legs) and all(leg.ok for leg in self.legs)

    @property
    def failures(self) -> tuple[Leg, ...]:
        """The legs that failed."""
        return tuple(leg for leg in self.legs if not leg.ok)


@dataclass(frozen=True)
class Sent:
    """A commit of ours, by which it is known on the router: the configuration's hash, the session, when it began."""

    hash: str
    session: str
    since: datetime


class Standing(StrEnum):
    """What has become of a commit of ours, as the router tells.

    OURS_PENDING: in force, and waits for us. OURS_CONFIRMED: in force for good. OTHER: the commit of another session
    stands in its place, and waits. BACK: it was in force, and what ran before is again. UNTOUCHED: it never was.
    """

    OURS_PENDING = "ours_pending"
    OURS_CONFIRMED = "ours_confirmed"
    OTHER = "other"
    BACK = "back"
    UNTOUCHED = "untouched"


class PushState(StrEnum):
    """How a push ended: `lost` means sent, but not confirmed by us: ask the router again."""

    RUNNING = "running"
    UNCHANGED = "unchanged"
    CONFIRMED = "confirmed"
    REVERTED = "reverted"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True)
class PushResult:
    """One router's outcome; a failure is a value, never an abort of the others. `steps`: seconds by step, in order.

    `certain`: what failed was refused for what it is, and would be again. `revision`: the register's that was pushed;
    None for a push that came to nothing before there was one.
    """

    router: str
    state: PushState
    reason: str
    started: datetime
    seconds: float
    plan: Plan | None = None
    proof: Proof | None = None
    steps: Mapping[str, float] = field(default_factory=dict)
    certain: bool = False
    revision: int | None = None

    @property
    def ok(self) -> bool:
        """True when the router runs, proven, what was asked."""
        return self.state in {PushState.UNCHANGED, PushState.CONFIRMED} and (self.proof is None or self.proof.ok)
