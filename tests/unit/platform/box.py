"""A router of a made-up vendor, in memory: it keeps what it is told, and goes back by itself when its minutes are over.

It knows nothing of Linjevakt: it has a candidate, a configuration that runs, and a history of what was made of each.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from tests.unit.push.fake_router import FakeClock

MINUTE_S = 60
MOST_MINUTES = 120


class BoxError(Exception):
    """What its command line answers: `% ...`."""


@dataclass(frozen=True)
class Waiting:
    """A commit that waits: what ran before it, whose it is, and when (seconds of the clock) it is undone."""

    before: str
    user: str
    ends: float


@dataclass
class Box:
    """What a configuration does stands in its text.

    `shutdown` under an interface takes it down, `no management` cuts us off, `deny 10.0.0.1` ends round trips there.
    `lies` are commands that it says it has done and does not do; `dark` is whether nothing gets through.
    """

    clock: FakeClock
    running: str = "hostname acme\n"
    candidate: tuple[str, str] | None = None
    waiting: Waiting | None = None
    undone: list[str] = field(default_factory=list)
    """What it has gone back from, text by text: its log."""
    lies: set[str] = field(default_factory=set)
    dark: bool = False
    after: dict[str, Callable[[], None]] = field(default_factory=dict)
    """Called when a command has taken effect, before it is answered."""
    done: list[str] = field(default_factory=list)

    def reach(self) -> None:
        """Raises ConnectionError when nobody can come in; time passes."""
        self.clock.passed += 0.1
        self.tick()
        if self.dark or "no management" in self.running:
            raise ConnectionError("timed out")

    def tick(self) -> None:
        """What it does by itself."""
        if self.waiting and self.clock.passed >= self.waiting.ends:
            self._back()

    def load(self, text: str, user: str) -> None:
        """Takes a text, and complains as vendors do: with the line that it does not understand."""
        if self.candidate and self.candidate[1] != user:
            raise BoxError(f"% configuration database locked by {self.candidate[1]}")
        if wrong := next((line for line in text.splitlines() if line.startswith("???")), None):
            raise BoxError(f"% invalid input: {wrong}")
        self.candidate = text, user

    def commit(self, minutes: float, user: str) -> None:
        """Takes whole minutes and nothing else."""
        if minutes != int(minutes) or not 1 <= minutes <= MOST_MINUTES:
            raise BoxError("% timer: whole minutes from 1 to 120")
        if self.waiting:
            raise BoxError(f"% a commit of {self.waiting.user} waits for its confirmation")
        assert self.candidate
        self.waiting = Waiting(self.running, user, self.clock.passed + minutes * MINUTE_S)
        self.running, self.candidate = self.candidate[0], None
        self._end("commit")

    def confirm(self, user: str) -> None:
        """Only whoever has committed may."""
        if self.waiting and self.waiting.user != user:
            raise BoxError("% only the user who committed may confirm")
        if "confirm" not in self.lies:
            self.waiting = None
        self._end("confirm")

    def rollback(self) -> None:
        """At once."""
        if "rollback" not in self.lies:
            self._back()
        self._end("rollback")

    def interfaces(self) -> Iterator[tuple[str, bool, bool]]:
        """Name, whether it is one towards a provider, and whether it is up."""
        lines = self.running.splitlines()
        for n, line in enumerate(lines):
            if line.startswith("interface "):
                below = list(takewhile(lambda row: row.startswith(" "), lines[n + 1 :]))
                yield line.split()[1], any(row.startswith(" wan ") for row in below), " shutdown" not in below

    def ping(self, to: str) -> float | None:
        """Milliseconds."""
        return None if re.search(rf"^deny {re.escape(to)}$", self.running, re.MULTILINE) else 2.5

    def _back(self) -> None:
        if self.waiting:
            self.undone.append(self.running)
            self.running, self.waiting = self.waiting.before, None

    def _end(self, command: str) -> None:
        self.done.append(command)
        self.after.get(command, lambda: None)()
