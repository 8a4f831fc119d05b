"""How an order goes from step to step: what is next, and what keeps it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from linjevakt.model.errors import ConflictError, InvalidInputError, LackingError, LinjevaktError, NotFoundError
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import PARTIES, Evidence, Order, OrderState, Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, word
from linjevakt.model.wording import told
from linjevakt.workorders.calendar import OSLO
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.kinds.undo import TAKE_BACK
from linjevakt.workorders.step import Answer, Kind, Step, Work
from linjevakt.workorders.wishes import Wish


@dataclass(frozen=True)
class StepView:
    """One step as people see it: `done`, `next` or `later`; `lacking` and `not_before` for the one that is next.

    `party` is what whoever does it, `by`, is called.
    """

    key: str
    by: Party
    party: Phrase
    automatic: bool
    title: Phrase
    state: str
    answers: tuple[Answer, ...]
    evidence: Evidence | None
    due: date | None
    lacking: tuple[Phrase, ...]
    not_before: datetime | None


def kind_named(name: str) -> Kind:
    """Raises NotFoundError, with what was meant."""
    if name in KINDS:
        return KINDS[name]
    remedy = did_you_mean(name, KINDS, Saying("There are: {}.", ", ".join(KINDS)))
    raise NotFoundError(Saying("There is no kind of order {name!r}. {remedy}", name=name, remedy=remedy))


def wish_of(kind: Kind, plain: Mapping[str, Any]) -> Wish:
    """What was ordered, as the kind's own noun. Raises InvalidInputError that names every wrong field."""
    try:
        return kind.wish.model_validate(plain)
    except ValidationError as error:
        faults = told(error, Saying("the order"), kind.wish)
        raise InvalidInputError(Saying("This is no {kind}: {faults}.", kind=kind.key, faults=faults)) from error


def steps(work: Work) -> tuple[Step, ...]:
    """The steps of an order: those that apply, and those that were done."""
    order = work.order
    if order.state is OrderState.UNDOING:
        return (TAKE_BACK,)
    if not order.is_open:  # its site may be gone, and nobody asks what would have applied
        return tuple(step for step in KINDS[order.kind].steps if order.done(step.key))
    return tuple(step for step in KINDS[order.kind].steps if order.done(step.key) or step.applies(work))


def current(work: Work) -> Step | None:
    """The step that is next; None when the order has ended."""
    if not work.order.is_open:
        return None
    return next((step for step in steps(work) if step.key == work.order.step), None)


def required(work: Work, wanted: str | None) -> Step:
    """The step that is next. Raises ConflictError when it has ended, or `wanted` is another: who did that one, when."""
    step, number = current(work), work.order.number
    if step is not None and wanted in {None, step.key}:
        return step
    before = work.order.done(wanted) if wanted else None
    said = {"number": number, "step": wanted, "following": _following(step, work.order)}
    if before:
        done = by_whom(before, work.now)
        raise ConflictError(Saying("Order {number}: {step} was {done}; {following}.", **said, done=done))
    if step is None:
        raise ConflictError(
            Saying("Order {number} is {state}: there is nothing left to do.", **said, state=word(work.order.state))
        )
    raise ConflictError(Saying("Order {number}: {following}, not {step}.", **said))


def _following(step: Step | None, order: Order) -> str:
    if step is None:
        return Saying("the order is {state}", state=word(order.state))
    return Saying("the next step is {step}", step=step.key)


def by_whom(evidence: Evidence, now: datetime) -> str:
    """`done by Nora at 12:06`, in Norway; with the day when that was another one."""
    at = evidence.at.astimezone(OSLO)
    if at.date() == now.astimezone(OSLO).date():
        return Saying("done by {who} at {at:%H:%M}", who=evidence.who, at=at)
    return Saying("done by {who} at {at:%Y-%m-%d %H:%M}", who=evidence.who, at=at)


def entered(work: Work) -> Order:
    """The order at its first step that is not done; ended when there is none."""
    order = work.order
    following = next((step for step in steps(work) if not order.done(step.key)), None)
    if following is None:
        ended = OrderState.CANCELLED if order.state is OrderState.UNDOING else OrderState.DONE
        return order.model_copy(update={"state": ended, "step": None, "entered": work.now})
    return order.model_copy(update={"step": following.key, "entered": work.now})


def done(work: Work, step: Step, who: str, values: Mapping[str, str], note: str = "") -> Order:
    """The order with the step's evidence."""
    evidence = Evidence(step=step.key, at=work.now, who=who, values=dict(values), note=note)
    return work.order.model_copy(update={"evidence": (*work.order.evidence, evidence), "trouble": None})


def waits_until(step: Step, work: Work) -> datetime | None:
    """The moment before which the step may not be done; None when that is over, or there is none."""
    begins = step.not_before(work)
    return begins if begins and begins > work.now else None


def require_ready(step: Step, work: Work, *, early: bool = False) -> None:
    """Raises LackingError for what is missing, ConflictError for a step whose time has not come."""
    lacking = tuple(step.lacks(work))
    if lacking:
        which = Saying("Order {number}, step {step}", number=work.order.number, step=step.key)
        raise LackingError(which, lacking)
    waits = waits_until(step, work)
    if waits and not early:
        raise ConflictError(
            Saying(
                "Order {number}, step {step}: not before {when:%Y-%m-%d %H:%M}.",
                number=work.order.number,
                step=step.key,
                when=waits.astimezone(OSLO),
            )
        )


def view(work: Work) -> tuple[StepView, ...]:
    """Every step of the order."""
    now = current(work)
    return tuple(_view(step, work, is_next=now is not None and step.key == now.key) for step in steps(work))


def next_view(work: Work) -> tuple[StepView, ...]:
    """The step that is next, if any; none of an order whose site or member was taken out of the register."""
    try:
        return tuple(step for step in view(work) if step.state == "next")
    except LinjevaktError:
        return ()


def is_ready(work: Work) -> bool:
    """Whether the system can do the next step now.

    An order whose site or member was taken out of the register is nobody's turn; it keeps no other waiting.
    """
    try:
        return _is_systems_turn(work)
    except NotFoundError:
        return False


def _is_systems_turn(work: Work) -> bool:
    step = current(work)
    if step is None or not step.automatic or waits_until(step, work):
        return False
    return not tuple(step.lacks(work))


def _view(step: Step, work: Work, *, is_next: bool) -> StepView:
    evidence = None if is_next else work.order.done(step.key)
    return StepView(
        key=step.key,
        by=step.by,
        party=PARTIES[step.by],
        automatic=step.automatic,
        title=step.title,
        state="next" if is_next else "done" if evidence else "later",
        answers=step.answers,
        evidence=evidence,
        due=None if evidence or not work.order.is_open else step.due(work),
        lacking=tuple(step.lacks(work)) if is_next else (),
        not_before=waits_until(step, work) if is_next else None,
    )
