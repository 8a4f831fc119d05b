"""The configuration as a transaction: candidate, commit with a way back, confirmation; one command at a time.

Everything that must survive us stands in the store before it happens. `recover` reads it and ends what we left undone.
"""

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from linjevakt_agent.base.errors import AbsentError, ApplyError, ConfigError, InvalidError, LockedError, StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import text
from linjevakt_agent.config.records import Candidate, Generation, Outcome, Pending
from linjevakt_agent.config.store import Store
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force import drift
from linjevakt_agent.force.apply import Applier
from linjevakt_agent.guard.limits import REVERT_MAX_S
from linjevakt_agent.guard.lock import Lock
from linjevakt_agent.guard.upkeep import Upkeep, places

RETRY_S = 20.0
"""How long we wait before we try again to put a confirmed configuration in force that would not go in whole."""

LONGEST_WRITE_S = 600.0
"""The longest pause between two tries to bring a disk up to date that refuses; a `load` tries at once."""

CHECK_S = 60.0
PLACES = ("running", "confirmed", "candidate")
MODES = {"replace": text.replace, "merge": text.merge}
log = logging.getLogger(__name__)
Result = dict[str, object]


class Checker(Protocol):
    """Asks the real tools whether a configuration would be accepted."""

    def check(self, sections: Sections, timeout: float) -> None:
        """Raise InvalidError naming section and line; ConfigError of another kind if it could not be found out."""


def boottime() -> float:
    """Seconds since the machine started, suspended time included; never set by anyone."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Transaction:
    """The commands of `linjevakt-agent config`, for one caller at a time. Every one raises ConfigError."""

    def __init__(
        self,
        paths: Paths,
        store: Store,
        applier: Applier,
        checker: Checker,
        clock: Callable[[], float] = boottime,
    ) -> None:
        self._paths = paths
        self._store = store
        self._applier = applier
        self._checker = checker
        self._clock = clock
        self._lock = Lock(store.pending, clock)
        self._retry_at: float | None = None
        self._unsettled: set[str] = set()
        self._write_at = 0.0
        self._patience = RETRY_S
        self._upkeep = Upkeep(paths, store, applier, clock)

    # -- starting, and what happens by itself ----------------------------------------------------------------------

    def recover(self) -> None:
        """End what a crash or a power cut left undone; on a fresh boot put the confirmed configuration in force."""
        fresh_boot = not self._paths.booted.exists()
        if fresh_boot:
            self._store.mend()
        pending = self._store.pending()
        if pending and not fresh_boot and self._still_waits(pending):
            self._lock.give(pending.session)
        else:
            self._recover_base(pending, fresh_boot=fresh_boot)
        if (candidate := self._store.candidate()) and not self._lock.taken:
            self._lock.give(candidate.session, candidate.loaded_at)

    def _still_waits(self, pending: Pending) -> bool:
        """Whether it is in force and in time; a revert that has begun is ended, whatever the clock says."""
        in_time = pending.deadline is not None and self._clock() < pending.deadline
        return in_time and self._store.is_running(pending)

    def _recover_base(self, pending: Pending | None, *, fresh_boot: bool) -> None:
        """Put the confirmed generation in force first; then write that down, which a disk may refuse.

        Another may run that nothing is written down of any more: the disk has lost it.
        """
        astray = not pending and self._store.generation("running") != self._store.generation("confirmed")
        self._store.go_back()
        reason = _why_lost(pending, fresh_boot=fresh_boot) if pending else ""
        if pending:
            log.warning("generation %s goes back: %s", pending.generation, reason)
        if fresh_boot or astray:
            self._settle()
        elif pending:  # after a boot nothing of it is in force
            self._go_back_from(pending)
        if pending:
            self._store.end_revert("reverted", reason)
        else:
            self._store.tidy()
        if fresh_boot:
            with suppress(StorageError):
                self._store.drop_candidate()

    def _settle(self, only: Collection[str] = ()) -> None:
        """Put the running generation in force, whatever is; what does not go in is tried again, and only that."""
        running = self._directory(self._store.generation("running"))
        self._note(self._applier.apply(None, running, keep_going=True, only=only) if running else [])
        self._paths.booted.touch()
        self._upkeep.applied()

    def _note(self, failures: list[ApplyError]) -> None:
        for failure in failures:
            log.error("not in force: %s", failure)
        self._unsettled = {failure.section for failure in failures if failure.section}
        self._retry_at = self._clock() + RETRY_S if failures else None

    def due_in(self) -> float:
        """Seconds until `tick` has something to do."""
        owed_at = self._write_at if self._store.owes else None
        times = [at for at in (self._revert_at(), self._retry_at, owed_at, self._upkeep.due_at) if at is not None]
        return max(0.0, min(times) - self._clock())

    def _revert_at(self) -> float | None:
        """When the pending commit goes back: at once if it is not one that waits, for then we could not end it."""
        pending = self._store.pending()
        if pending is None:
            return None
        return (pending.deadline or 0.0) if self._store.is_running(pending) else 0.0

    def tick(self) -> None:
        """Do what is due: revert a commit that nobody confirmed, try again what did not go in, or look what differs.

        What the disk lacks is written besides.
        """
        pending = self._store.pending()
        if pending and not self._still_waits(pending):
            self._revert(pending, "reverted", _why_lost(pending, fresh_boot=False))
        elif self._retry_at is not None and self._clock() >= self._retry_at:
            self._settle(self._unsettled)
        elif self._clock() >= self._upkeep.due_at:
            self._upkeep.turn(free=not pending and self._retry_at is None and self._lock.holder() is None)
        if self._store.owes and self._clock() >= self._write_at:
            self._write_owed()

    def _write_owed(self) -> None:
        """Try to bring the disk up to date; what is in force stays as it is, whatever comes of it."""
        try:
            self._store.write_down()
        except StorageError as error:
            self._patience = min(2 * self._patience, LONGEST_WRITE_S)
            log.warning("tried again in %g s: %s", self._patience, error)
        else:
            self._patience = RETRY_S
            log.info("the disk takes writes again, and has what it lacked")
        self._write_at = self._clock() + self._patience

    def devices_appeared(self, names: set[str]) -> None:
        """Give devices that have come back what they had."""
        if running := self._directory(self._store.generation("running")):
            try:
                self._applier.devices_appeared(names, running)
            except ApplyError as error:
                self._note([error])

    # -- the candidate ---------------------------------------------------------------------------------------------

    def load(self, session: str, mode: str, content: str) -> Result:
        """Check `content` with the real tools and make it the candidate; a failure leaves the session without one."""
        self._lock.acquire(session)
        try:
            self._store.check_writable()
            self._store.drop_candidate()
            if mode not in MODES:
                raise InvalidError(f"unknown mode '{mode}': replace or merge")
            candidate = self._checked(MODES[mode](self._store.sections("running"), text.parse(content)))
            stored = self._store.put_candidate(candidate, session)
        except ConfigError:
            self._lock.release_unless_pending()
            raise
        return {"hash": stored.hash, "sections": list(candidate)}

    def _checked(self, sections: Sections) -> Sections:
        text.check_complete(sections)
        revert_at = self._revert_at()  # a slow check must not make the revert late
        self._checker.check(sections, CHECK_S if revert_at is None else max(0.1, revert_at - self._clock()))
        return sections

    def diff(self, session: str) -> Result:
        """Compare the session's candidate with what is running, secrets as fingerprints; empty without a candidate.

        What is in force and not what is running says follows: a commit of the candidate puts it right as well.
        """
        self._lock.acquire(session, keep=True)
        if not self._own_candidate(session):
            return {"diff": ""}
        running, candidate = (self._sanitized(self._store.sections(place)) for place in ("running", "candidate"))
        by_hand = [row for row in self._upkeep.look_now() if row.what != "file"]  # files are compared here
        return {"diff": text.diff(running, candidate) + drift.shown(by_hand)}

    def discard(self, session: str) -> Result:
        """Forget the candidate; a pending commit stays pending."""
        self._lock.acquire(session, keep=True)
        self._store.drop_candidate()
        self._lock.release_unless_pending()
        return {}

    # -- the commit ------------------------------------------------------------------------------------------------

    def commit(self, session: str, revert_in: float | None, message: str) -> Result:
        """Put the candidate in force, for good or until it is confirmed; on failure the box is as it was."""
        self._lock.acquire(session)
        self._refuse_while_pending()
        if not self._own_candidate(session):
            self._lock.release()
            raise AbsentError("there is no candidate to commit: load one first")
        if revert_in is not None and not 0 < revert_in <= REVERT_MAX_S:
            raise InvalidError(f"--revert-in must be more than 0 and at most {REVERT_MAX_S:g} seconds")
        pending = self._begin(lambda: self._store.begin_commit(session, message))
        generation = self._put_in_force(pending, revert_in, "confirmed", message)
        return {
            "generation": generation.generation,
            "hash": generation.hash,
            "pending": revert_in is not None,
            "revert_in_s": revert_in,
        }

    def confirm(self, session: str) -> Result:
        """Make the pending commit final."""
        self._lock.acquire(session, keep=True)
        pending = self._store.pending()
        if pending is None:
            self._lock.release_unless_pending()
            raise AbsentError("nothing is pending" + self._last_words())
        if not self._still_waits(pending):
            self._revert(pending, "reverted", "not confirmed in time")
            raise AbsentError("too late: the commit was not confirmed in time and has been reverted")
        generation = self._store.confirm(pending)
        self._lock.release()
        return {"generation": generation.generation, "hash": generation.hash}

    def rollback(self, session: str) -> Result:
        """Undo the pending commit, else go back to the previous generation."""
        self._lock.acquire(session)
        if pending := self._store.pending():
            self._revert(pending, "rolled-back", f"rolled back by session {session}")
        else:
            try:
                self._store.drop_candidate()
                pending = self._begin(lambda: self._store.begin_rollback(session))
                self._put_in_force(pending, None, "rolled-back", f"rolled back by session {session}")
            finally:
                self._lock.release_unless_pending()
        running = self._store.generation("running")
        return {"generation": running and running.generation, "hash": running and running.hash}

    def _begin(self, start: Callable[[], Pending]) -> Pending:
        try:
            return start()
        except StorageError as error:
            if half := self._store.pending():
                self._revert(half, "reverted", str(error))
            raise

    def _put_in_force(self, pending: Pending, revert_in: float | None, outcome: Outcome, reason: str) -> Generation:
        old, new = self._known_base(pending), self._store.directory(pending.generation)
        by_hand = places(self._upkeep.differences) if old else frozenset()
        failures = self._applier.apply(old, new)
        if by_hand and not failures:  # what both generations have in common was left as somebody made it
            failures = self._applier.apply(new, new, keep_going=True, only=by_hand)
        self._upkeep.applied()
        if failures:
            self._revert(pending, "reverted", f"could not be applied: {failures[0]}")
            raise failures[0]
        try:
            if revert_in is None:
                generation = self._store.confirm(pending, outcome, reason)
                self._lock.release()
                return generation
            self._store.wait(pending, self._clock() + revert_in)
        except StorageError as error:
            self._revert(pending, "reverted", str(error))
            raise
        running = self._store.generation("running")
        assert running is not None  # noqa: S101 - begin_commit made it so
        return running

    def _known_base(self, pending: Pending) -> Path | None:
        """Return where the base is; None, for all must be put in force anew, if a bad disk has spoilt what it was."""
        base = self._store.generation("confirmed")
        known = self._store.is_whole(pending.base) or (base and self._upkeep.has_seen(base.hash))
        return self._store.directory(pending.base) if known else None

    def _revert(self, pending: Pending, outcome: Outcome, reason: str) -> None:
        log.warning("generation %s goes back: %s", pending.generation, reason)
        self._store.go_back()
        self._go_back_from(pending)
        self._store.end_revert(outcome, reason)
        self._lock.release()

    def _go_back_from(self, pending: Pending) -> None:
        old, base = self._store.directory(pending.generation), self._store.directory(pending.base)
        self._note(self._applier.apply(old, base, keep_going=True))
        self._upkeep.applied()

    # -- looking ---------------------------------------------------------------------------------------------------

    def show(self, place: str, *, sanitized: bool) -> Result:
        """Return the text of `running`, `confirmed` or `candidate`."""
        if place not in PLACES:
            raise InvalidError(f"unknown place '{place}': {', '.join(PLACES)}")
        sections = self._store.sections(place)
        if not sections:
            raise AbsentError(f"there is no {place} configuration")
        shown = self._sanitized(sections) if sanitized else sections
        return {"text": text.canonical(shown), "hash": text.config_hash(sections)}

    def status(self) -> Result:
        """Return the state of the transaction as the contract's section 2 has it."""
        links = {link: self._store.generation(link) for link in ("running", "confirmed", "previous")}
        pending = self._store.pending()
        return {
            "router": self._router(),
            **{link: msgspec.to_builtins(found) if found else None for link, found in links.items()},
            "candidate": msgspec.to_builtins(self._store.candidate()),
            "pending": self._pending_status(pending) if pending else None,
            "last": msgspec.to_builtins(self._store.last()),
            "drift": msgspec.to_builtins(self._upkeep.differences),
        }

    def _pending_status(self, pending: Pending) -> Result:
        left = None if pending.deadline is None else round(max(0.0, pending.deadline - self._clock()), 1)
        return {"session": pending.session, "generation": pending.generation, "revert_in_s": left}

    def _router(self) -> str | None:
        class Named(msgspec.Struct):
            router: str

        with suppress(ConfigError, msgspec.DecodeError):  # a bad disk does not keep us from telling the rest
            body = self._store.sections("running").get("agent.toml")
            return msgspec.toml.decode(body, type=Named).router if body else None
        return None

    def _sanitized(self, sections: Sections) -> Sections:
        return text.sanitize(sections, self._store.salt())

    def _refuse_while_pending(self) -> None:
        if pending := self._store.pending():
            raise LockedError(f"generation {pending.generation} is pending: confirm it or roll it back first")

    def _own_candidate(self, session: str) -> Candidate | None:
        candidate = self._store.candidate()
        return candidate if candidate and candidate.session == session else None

    # -- small change ----------------------------------------------------------------------------------------------

    def _directory(self, generation: Generation | None) -> Path | None:
        return self._store.directory(generation.generation) if generation else None

    def _last_words(self) -> str:
        last = self._store.last()
        return f"; the last commit was {last.outcome} at {last.at}: {last.reason}".rstrip(": ") if last else ""


def _why_lost(pending: Pending, *, fresh_boot: bool) -> str:
    if fresh_boot:
        return "the box was restarted before it was confirmed"
    if pending.state == "waiting":
        return "not confirmed in time"
    return "the guard was interrupted while it applied it"
