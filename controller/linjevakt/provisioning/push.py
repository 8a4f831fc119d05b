"""One router, one push: load, commit with a timer armed on the router, log in afresh, prove, confirm."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from linjevakt.devices import Connect, Device, Target
from linjevakt.model.change import Candidate, Leg, Plan, Proof, PushResult, PushState, RevertTimer, Sent, Standing
from linjevakt.model.errors import (
    ApplyError,
    ConflictError,
    DeviceError,
    LinjevaktError,
    LockedError,
    RefusedError,
    StoppedError,
    UnreachableError,
    is_certain,
)
from linjevakt.model.intent import PacCase, ProbeIntent
from linjevakt.model.saying import Saying, together
from linjevakt.model.stop import Stop
from linjevakt.provisioning.plan import discreet, prepare
from linjevakt.provisioning.proof import Evaluate, unanswered, why
from linjevakt.provisioning.provers import Baseline, Claim, prover

PROOF_SHARE = 0.6  # of the timer: what is left is for the rollback, while the router still listens
POLL_S = 1.0
GRACE_S = 20.0  # after the timer has run out: the time that going back takes, the tunnel included

_End = tuple[PushState, str]


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> datetime:
        """The time of day, UTC."""

    def monotonic(self) -> float:
        """Seconds from some start."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""


class WallClock:
    """Real time."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        time.sleep(seconds)


@dataclass(frozen=True)
class PushTask:
    """What to push where.

    `approved`: the hash of the plan that someone approved, empty if none was asked for. `timer`: what the platform can
    arm. `secrets`: how it writes them. `pac`: what the PAC file that the site gets must answer, every case; `probes`:
    what the services ordered there are tried with. `session`: the lock's name on the router.
    """

    candidate: Candidate
    target: Target
    impact: tuple[str, ...] = ()
    revert_in_s: int = 60
    timer: RevertTimer = field(default_factory=RevertTimer)
    replace: bool = True
    approved: str = ""
    message: str = ""
    secrets: tuple[str, ...] = ()
    pac: tuple[PacCase, ...] = ()
    probes: tuple[ProbeIntent, ...] = ()
    session: str = field(default_factory=lambda: f"push-{secrets.token_hex(6)}")


class Unfinished(Protocol):
    """What was written down about a push before it began (the store's `PushRecord`)."""

    @property
    def candidate_hash(self) -> str:
        """`Candidate.hash`."""

    @property
    def started(self) -> datetime:
        """When it began, UTC."""

    @property
    def session(self) -> str:
        """The lock's name on the router; `device` must have logged in with it."""


def push(  # noqa: PLR0913 - what a push works with, each of it exchangeable
    order: PushTask,
    connect: Connect,
    evaluate: Evaluate,
    *,
    clock: Clock | None = None,
    on_step: Callable[[str], None] = lambda _step: None,
    stop: Stop | None = None,
    fence: Callable[[], None] = lambda: None,
) -> PushResult:
    """Bring one router to what `order` says, or leave it as it was. Every trouble is a value, not an exception.

    When `stop` is wanted before the commit, nothing is changed; from the commit on, what one more proof does not
    confirm is rolled back. `fence` raises ConflictError where the router is not ours any more; asked before the commit.
    The caller may die at any point: the router goes back by itself, and `settle` tells afterwards.
    `on_step` hears each step as it begins: connect, baseline, load, commit, login, prove, confirm, recover, rollback.
    """
    run = _Push(order, connect, evaluate, clock or WallClock(), on_step, stop=stop or Stop(), fence=fence)
    try:
        return run.result(*run.change())
    except LinjevaktError as error:
        return run.result(PushState.FAILED, Saying("{}", error), certain=is_certain(error))


def settle(device: Device, last: Unfinished) -> PushState:
    """End a push that was cut short and tell how: what it left unconfirmed nobody will prove, so it goes back.

    RUNNING: the router runs what was pushed, but waits for another session; ask again when its timer has run out.
    """
    sent = Sent(last.candidate_hash, last.session, last.started)
    standing = device.standing(sent)
    if standing is Standing.OURS_PENDING:
        device.rollback()
        return PushState.RUNNING if device.standing(sent) is Standing.OURS_PENDING else PushState.REVERTED
    if standing is not Standing.OURS_CONFIRMED:
        with suppress(LockedError):  # another session's candidate is not ours to throw away
            device.discard()
    return _ENDS[standing]


class _Push:
    """The state of one push between its steps."""

    def __init__(  # noqa: PLR0913 - see push
        self,
        order: PushTask,
        connect: Connect,
        evaluate: Evaluate,
        clock: Clock,
        on_step: Callable[[str], None],
        *,
        stop: Stop,
        fence: Callable[[], None],
    ) -> None:
        self._order, self._connect, self._evaluate = order, connect, evaluate
        self._clock, self._on_step, self._stop, self._fence = clock, on_step, stop, fence
        self._started, self._began = clock.now(), clock.monotonic()
        self._armed = 0.0
        self._revert_in_s = 0
        self._plan: Plan | None = None
        self._proof: Proof | None = None
        self._before = Baseline()
        self._steps: dict[str, float] = {}
        self._login_ms = 0.0
        self._committed = False
        self._gone_back = False
        self._rolled_back = False
        self._confirm_sent = False
        self._unsettled = {PushState.LOST}
        self._sent = Sent("", order.session, self._started)

    def result(self, state: PushState, reason: str, *, certain: bool = False) -> PushResult:
        """What the caller gets."""
        seconds = self._clock.monotonic() - self._began
        router, revision = self._order.candidate.router, self._order.candidate.revision
        proof = replace(self._proof, revision=revision) if self._proof else None
        result = PushResult(router, state, reason, self._started, seconds, self._plan, proof, self._steps)
        return replace(result, certain=certain, revision=revision)

    def change(self) -> _End:
        """The whole sequence. Errors that are raised left the router as it was."""
        order = self._order
        self._revert_in_s = order.timer.fit(order.revert_in_s)
        with self._login(Saying("connect")) as device:
            _refuse_if_pending(order.candidate.router, device)
            self._look(device)
            if not self._load(device).changes:
                return self._unchanged(device)
            trouble = self._commit(device)
        return self._recover(trouble) if trouble else self._prove_and_confirm()

    # ---- before the commit

    def _look(self, device: Device) -> None:
        """How lines and clock are before. A box that cannot prove anything yet, a fresh one, has none to lose."""
        self._stop.check()
        with self._step(Saying("baseline")):
            try:
                self._before = prover(device, self._evaluate).baseline(self._clock.now)
            except UnreachableError:
                raise
            except DeviceError:
                return

    def _load(self, device: Device) -> Plan:
        order = self._order
        self._stop.check()
        with self._step(Saying("load")):
            self._plan = prepare(device, order.candidate, order.impact, replace=order.replace, secrets=order.secrets)
            self._sent = replace(self._sent, hash=order.candidate.hash)
            if order.approved not in {"", self._plan.hash}:
                device.discard()
                raise ConflictError(
                    Saying(
                        "{router}: something has changed since the plan was approved; plan again",
                        router=order.candidate.router,
                    )
                )
            self._refuse_commit(device)
            return self._plan

    def _refuse_commit(self, device: Device) -> None:
        """The last moment at which nothing was changed: what `stop` ends from here on ends with the router proven."""
        try:
            self._stop.check()
            self._fence()
        except (StoppedError, ConflictError):
            with suppress(DeviceError):  # a candidate that cannot be taken back is nobody's after 120 s
                device.discard()
            raise

    def _unchanged(self, device: Device) -> _End:
        device.discard()
        self._before = replace(self._before, clock_was_wrong=False)  # nothing would go back for it
        self._proof = self._prove(device, pending=False)
        return PushState.UNCHANGED, why(self._proof)

    # ---- from the commit on, the router may run the candidate

    def _commit(self, device: Device) -> str:
        """Empty when the router runs the candidate; else what went wrong, with the router in an unknown state."""
        self._armed = self._clock.monotonic()
        with self._step(Saying("commit")):
            try:
                with discreet(self._order.candidate, self._order.secrets):
                    device.commit(self._revert_in_s, self._order.message or f"linjevakt {self._order.session}")
            except (RefusedError, LockedError):  # nothing was touched
                with suppress(DeviceError):
                    device.discard()
                raise
            except ApplyError as error:
                return Saying("{}", error)
            except DeviceError as error:  # no answer: it may be applying yet
                self._unsettled.add(PushState.FAILED)
                return Saying("{}", error)
        self._committed = True
        return ""

    def _prove_and_confirm(self) -> _End:
        proof_ends = self._armed + PROOF_SHARE * self._revert_in_s
        while not self._confirmed():
            if self._gone_back or self._stop.wanted or self._clock.monotonic() >= proof_ends:
                return self._recover(why(self._proof) if self._proof else Saying("no proof"))
            self._clock.sleep(POLL_S)
        return PushState.CONFIRMED, ""

    def _confirmed(self) -> bool:
        """One attempt: a fresh login, every leg, the confirmation. If its answer is lost, the next attempt sees it."""
        leg: str = Saying("login")
        try:
            with self._login(Saying("login")) as device:
                leg = prover(device, self._evaluate).name
                pending = None if self._confirm_sent else True
                proof = self._prove(device, pending=pending)
                if proof.ok:
                    self._confirm(device)
        except DeviceError as error:
            proof = unanswered(leg, error)
        self._gone_back = proof.config_hash not in {"", self._sent.hash}
        if not self._gone_back:
            self._proof = proof
        elif self._proof is None:  # else why it went back is what an earlier attempt saw
            silent = Saying("the router did not answer until it had gone back")
            self._proof = Proof((Leg(Saying("login"), ok=False, detail=silent),))
        return proof.ok

    def _confirm(self, device: Device) -> None:
        with self._step(Saying("confirm")):
            if self._confirm_sent and device.standing(self._sent) is Standing.OURS_CONFIRMED:
                return
            self._confirm_sent = True
            device.confirm()
            if device.standing(self._sent) is not Standing.OURS_CONFIRMED:
                raise DeviceError(
                    Saying(
                        "{router} took the confirmation, but did not do it",
                        router=self._order.candidate.router,
                    )
                )

    # ---- back to what ran before

    def _recover(self, reason: str) -> _End:
        """Roll back at once when the router can be reached; else wait until its own timer has done so, and look."""
        gives_up = self._armed + self._revert_in_s + GRACE_S
        if self._stop.wanted:
            reason = Saying("interrupted before it was proven; {reason}", reason=reason)
        while True:
            state, detail = self._undone()
            if state not in self._unsettled or self._clock.monotonic() >= gives_up:
                return state, together("; ", [part for part in (reason, detail) if part])
            self._clock.sleep(POLL_S)

    def _undone(self) -> _End:
        try:
            with self._login(Saying("recover")) as device:
                return self._undo(device)
        except DeviceError as error:
            return PushState.LOST, Saying("how it ended is not known: {error}", error=error)

    def _undo(self, device: Device) -> _End:
        standing = device.standing(self._sent)
        if standing is Standing.OURS_PENDING:
            with self._step(Saying("rollback")):
                device.rollback()
            self._rolled_back = True
            standing = device.standing(self._sent)
        if standing is Standing.UNTOUCHED and self._committed:
            standing = Standing.BACK
        if standing is Standing.OURS_PENDING:
            return PushState.LOST, Saying("the router took the rollback, but did not do it")
        if standing is Standing.BACK and self._rolled_back:
            return PushState.REVERTED, Saying("rolled back")
        return _ENDS[standing], _SEEN[_ENDS[standing]]

    # ---- tools

    def _prove(self, device: Device, *, pending: bool | None) -> Proof:
        with self._step(Saying("prove")):
            claim = Claim(self._sent, pending, self._before, self._order.pac, self._order.probes)
            return prover(device, self._evaluate).prove(claim, self._clock.now, self._login_ms)

    @contextmanager
    def _login(self, step: str) -> Iterator[Device]:
        target, begun = replace(self._order.target, session=self._order.session), self._clock.monotonic()
        with ExitStack() as site:
            with self._step(step):
                device = site.enter_context(self._connect(target))
            self._login_ms = 1000 * (self._clock.monotonic() - begun)
            yield device

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._on_step(name)
        begun = self._clock.monotonic()
        try:
            yield
        finally:
            self._steps[name] = self._steps.get(name, 0.0) + self._clock.monotonic() - begun


_ENDS = {
    Standing.OURS_PENDING: PushState.RUNNING,
    Standing.OURS_CONFIRMED: PushState.CONFIRMED,
    Standing.OTHER: PushState.RUNNING,
    Standing.BACK: PushState.REVERTED,
    Standing.UNTOUCHED: PushState.FAILED,
}
"""How a push ends that left the router like this; RUNNING: not yet."""
_SEEN = {
    PushState.RUNNING: Saying("another session's commit waits for its confirmation"),
    PushState.CONFIRMED: Saying("yet the router runs it, confirmed"),
    PushState.REVERTED: Saying("the router went back by itself"),
    PushState.FAILED: Saying("nothing was changed"),
}


def _refuse_if_pending(router: str, device: Device) -> None:
    pending = device.pending()
    if pending:
        raise LockedError(
            Saying(
                "{router}: session {session} has a commit to confirm; "
                "the router goes back by itself in {seconds:.0f} s unless it does",
                router=router,
                session=pending.session or "?",
                seconds=pending.revert_in_s or 0,
            )
        )
