"""Who works on the configuration: one session at a time, until it ends its transaction or falls silent."""

from collections.abc import Callable
from dataclasses import dataclass

from linjevakt_agent.base.errors import LockedError
from linjevakt_agent.config.records import Pending, now

LOCK_S = 120.0
"""A session that says nothing for so long loses its lock, unless a commit of its is pending."""


@dataclass
class Holder:
    """A session, since when it has the lock (UTC), and when it last said something (boot time)."""

    session: str
    since: str
    touched: float


class Lock:
    """The one lock of a box; `pending` tells of the commit that waits, `clock` the seconds since the box started."""

    def __init__(self, pending: Callable[[], Pending | None], clock: Callable[[], float]) -> None:
        self._pending = pending
        self._clock = clock
        self._holder: Holder | None = None

    @property
    def taken(self) -> bool:
        """Whether somebody has it, silent or not."""
        return self._holder is not None

    def give(self, session: str, since: str = "") -> None:
        """Give it to a session that has it by what lies on the disk, or by nobody else having it; `since`: else now."""
        self._holder = Holder(session, since or now(), self._clock())

    def acquire(self, session: str, *, keep: bool = False) -> None:
        """Take the lock, or with `keep` only check that nobody else has it. Raises LockedError naming the holder."""
        pending = self._pending()
        holder = self._holder
        if holder and holder.session != session and self.holder():
            what = f"generation {pending.generation} is pending" if pending else "it has a candidate loaded"
            raise LockedError(f"session {holder.session} holds the configuration since {holder.since}: {what}")
        if holder and holder.session == session:
            holder.touched = self._clock()
        elif not keep:
            self.give(session)

    def holder(self) -> Holder | None:
        """Return who has the lock: one whose commit is pending, or who has said something of late."""
        fresh = self._holder and (self._pending() or self._clock() - self._holder.touched < LOCK_S)
        return self._holder if fresh else None

    def release(self) -> None:
        """Let whoever comes next have it."""
        self._holder = None

    def release_unless_pending(self) -> None:
        """Release it, but not while a commit waits: that is its session's."""
        if not self._pending():
            self.release()
