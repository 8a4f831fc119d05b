"""How an order goes from step to step: what is next, what keeps it, and what each answer must be. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from linjevakt.model import day
from linjevakt.model.errors import ConflictError, InvalidInputError, LackingError, NotFoundError
from linjevakt.model.inventory import LONGEST_ANSWER, Noun, flaw
from linjevakt.model.order import Evidence, Order, OrderState, Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.text import composed
from linjevakt.model.wording import told
from linjevakt.workorders.calendar import OSLO
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.kinds.undo import TAKE_BACK
from linjevakt.workorders.step import Answer, Kind, Step, Work


@dataclass(frozen=True)
class StepView:
    """One step as people see it: `done`, `next` or `later`; `lacking` and `not_before` for the one that is next."""

    key: str
    by: Party
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


def answered(step: Step, values: Mapping[str, str], today: date) -> Mapping[str, str]:
    """The answers, checked. Raises InvalidInputError that says all that is wrong."""
    known = {answer.name: answer for answer in step.answers}
    faults = [_unknown(name, known) for name in values if name not in known]
    faults += [f"{name} {found}" for name, value in values.items() if (found := flaw(value, LONGEST_ANSWER))]
    faults += [fault for answer in step.answers for fault in _faults(answer, values.get(answer.name, ""), today)]
    if faults:
        raise InvalidInputError(f"Step {step.key}: {'; '.join(faults)}.")
    return {name: composed(value.strip()) for name, value in values.items()}


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
        automatic=step.automatic,
        title=step.title,
        state="next" if is_next else "done" if evidence else "later",
        answers=step.answers,
        evidence=evidence,
        due=None if evidence or not work.order.is_open else step.due(work),
        lacking=tuple(step.lacks(work)) if is_next else (),
        not_before=waits_until(step, work) if is_next else None,
    )


def _unknown(name: str, known: Mapping[str, Answer]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it asks for: {', '.join(known) or 'nothing'}"
    return f"{name} is not asked for; {hint}"


def _faults(answer: Answer, value: str, today: date) -> Iterator[str]:
    value = value.strip()
    if not value:
        if answer.required:
            yield f"{answer.name} is missing ({answer.title})"
    elif answer.kind == "yes" and value != "yes":
        yield f"{answer.name} must be `yes` before this step is done ({answer.title})"
    elif answer.kind == "choice" and value not in answer.choices:
        yield f"{answer.name} is one of: {', '.join(answer.choices)}"
    elif answer.kind == "day" and not _is_day(value):
        message, remedy = day.fault(value)
        yield f"{answer.name}: {value!r} {message}; {remedy[:1].lower()}{remedy[1:]}"
    elif answer.kind == "day" and date.fromisoformat(value) > today:
        yield f"{answer.name}: {value} has not come yet; it is {today}"
    elif answer.kind == "number" and not _is_number(value):
        yield f"{answer.name}: {value!r} is no number"


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    try:
        return abs(float(value)) < float("inf")
    except ValueError:
        return False
