"""How an order goes from step to step: what is next, and what keeps it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from linjevakt.model.errors import ConflictError, InvalidInputError, LackingError, NotFoundError
from linjevakt.model.inventory import Noun
from linjevakt.model.order import PARTIES, Evidence, Order, OrderState, Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.wording import told
from linjevakt.workorders.calendar import OSLO
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.kinds.undo import TAKE_BACK
from linjevakt.workorders.step import Answer, Kind, Step, Work


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
    near = get_close_matches(name, KINDS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(KINDS)}."
    raise NotFoundError(f"There is no kind of order {name!r}. {hint}")


def wish_of(kind: Kind, plain: Mapping[str, Any]) -> Noun:
    """What was ordered, as the kind's own noun. Raises InvalidInputError that names every wrong field."""
    try:
        return kind.wish.model_validate(plain)
    except ValidationError as error:
        raise InvalidInputError(f"This is no {kind.key}: {told(error, 'the order')}.") from error


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
    following = f"the next step is {step.key}" if step else f"the order is {work.order.state}"
    before = work.order.done(wanted) if wanted else None
    if before:
        raise ConflictError(f"Order {number}: {wanted} was {by_whom(before, work.now)}; {following}.")
    if step is None:
        raise ConflictError(f"Order {number} is {work.order.state}: there is nothing left to do.")
    raise ConflictError(f"Order {number}: {following}, not {wanted}.")


def by_whom(evidence: Evidence, now: datetime) -> str:
    """`done by Nora at 12:06`, in Norway; with the day when that was another one."""
    at = evidence.at.astimezone(OSLO)
    day = "" if at.date() == now.astimezone(OSLO).date() else f"{at:%Y-%m-%d} "
    return f"done by {evidence.who} at {day}{at:%H:%M}"


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
        raise LackingError(f"Order {work.order.number}, step {step.key}", lacking)
    waits = waits_until(step, work)
    if waits and not early:
        when = waits.astimezone(OSLO)
        raise ConflictError(f"Order {work.order.number}, step {step.key}: not before {when:%Y-%m-%d %H:%M}.")


def view(work: Work) -> tuple[StepView, ...]:
    """Every step of the order."""
    now = current(work)
    return tuple(_view(step, work, is_next=now is not None and step.key == now.key) for step in steps(work))


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
