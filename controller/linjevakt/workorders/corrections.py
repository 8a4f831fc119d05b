"""What was said of an order, put right while nothing rests on it yet: an answer, or a field of what was ordered."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from linjevakt.inventory import field_changes
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import Evidence, Order, OrderState
from linjevakt.model.saying import Saying, together, word
from linjevakt.store.draft import Draft
from linjevakt.workorders import answers, machine
from linjevakt.workorders.kinds import KINDS, planning
from linjevakt.workorders.step import Kind, Step, Work
from linjevakt.workorders.wishes import Wish

TAKEN = "taken"
"""In `Kind.settled_by`: settled when the order is taken."""
_INDEX = re.compile(r"\[\d+\]")
_RECORD = "record"


# --- an answer ---


def corrected(  # noqa: PLR0913 - each is said of the correction
    work: Work, draft: Draft, step: str, values: Mapping[str, str], *, who: str, reason: str
) -> Order:
    """The order with other answers at a step that was done; those before stay in its evidence.

    What the register had of them is corrected too. Raises NotFoundError for a step that the kind does not have,
    ConflictError for one that was not done, for what was acted on at once, and when someone else has changed the site
    since; InvalidInputError for the answers; LackingError when the step could not have been done so.
    """
    declared = _declared(KINDS[work.order.kind], step)
    before = work.order.done(declared.key)
    if before is None:
        raise ConflictError(
            Saying(
                "Order {number}: {step} was not done yet; there is nothing to correct.",
                number=work.order.number,
                step=declared.key,
            )
        )
    _refuse_settled(work.order, declared, values)
    said = answers.read(declared, {**_asked(declared, before), **values}, work.today)
    if said == before.values:
        raise InvalidInputError(
            Saying("Step {step}: that is what was answered. Say NAME=VALUE for what is wrong.", step=declared.key)
        )
    order = machine.done(work, declared, who, said, reason).model_copy(update={"trouble": work.order.trouble})
    now = replace(work, order=order)
    machine.require_ready(declared, now, early=True)
    return _recorded_anew(work, now, draft)


def _declared(kind: Kind, name: str) -> Step:
    steps = {step.key: step for step in kind.steps if step.answers}
    if name not in steps:
        raise NotFoundError(_no_step(kind, name, steps))
    return steps[name]


def _no_step(kind: Kind, name: str, steps: Mapping[str, Step]) -> str:
    there = Saying("There are: {}.", ", ".join(steps) or word("none"))
    remedy = did_you_mean(name, steps, there)
    return Saying("{kind} has no step {name!r} with answers. {remedy}", kind=kind.key, name=name, remedy=remedy)


def _refuse_settled(order: Order, step: Step, values: Mapping[str, str]) -> None:
    settled = [answer.name for answer in step.answers if answer.settled and answer.name in values]
    if settled:
        raise ConflictError(
            Saying(
                "Order {number}, step {step}: {settled} cannot be corrected: it moved a box. Cancel the order, or say "
                "where the box is with `linjevakt stock move`.",
                number=order.number,
                step=step.key,
                settled=", ".join(settled),
            )
        )


def _asked(step: Step, evidence: Evidence) -> Mapping[str, str]:
    return {answer.name: evidence.values[answer.name] for answer in step.answers if answer.name in evidence.values}


def _recorded_anew(before: Work, now: Work, draft: Draft) -> Order:
    """What the step `record` has put into the register of the answers is put there as they are now."""
    plan, order = KINDS[now.order.kind].plan, now.order
    if plan is None or not order.done(_RECORD) or order.state is OrderState.CANCELLED:
        return order
    if now.site_or_none is None or plan(now) == plan(before):
        return order
    if now.site != order.after:
        raise ConflictError(
            Saying(
                "The site {site} was changed by someone else since: the register keeps what it has.", site=order.site
            )
        )
    return planning.put(now, draft, plan(now))


# --- a field of the wish ---


def amended(work: Work, wish: Wish) -> Work:
    """The order with another wish, for what no step rests on yet.

    Raises ConflictError for an order that is not open, and that names each field that is settled, and by what;
    InvalidInputError when nothing is another.
    """
    order = work.order
    if order.state is not OrderState.OPEN:
        raise ConflictError(
            Saying(
                "Order {number} is {state}; only an open one can be amended.",
                number=order.number,
                state=word(order.state),
            )
        )
    paths = [change.path for change in field_changes(work.wish, wish)]
    if not paths:
        raise InvalidInputError(
            Saying(
                "Order {number}: that is what was ordered. Say FIELD=VALUE for what is to change.", number=order.number
            )
        )
    settled = list(_settled(work, paths))
    if settled:
        raise ConflictError(
            Saying(
                "Order {number} cannot be amended so: {settled}. Cancel it and order anew, or order the change when "
                "this one is done.",
                number=order.number,
                settled=together("; ", settled),
            )
        )
    plain = wish.model_dump(mode="json", exclude_none=True)
    return replace(work, wish=wish, order=order.model_copy(update={"wish": plain, "trouble": None}))


def _settled(work: Work, paths: list[str]) -> Iterator[str]:
    kind = KINDS[work.order.kind]
    for path in paths:
        for step in settled_by(kind, path):
            if step == TAKEN:
                yield Saying("{path} is what the order, or an address that was set aside for it, is about", path=path)
            elif evidence := work.order.done(step):
                done = machine.by_whom(evidence, work.now)
                yield Saying("{path} was used by the step {step} ({done})", path=path, step=step, done=done)


def settled_by(kind: Kind, path: str) -> tuple[str, ...]:
    """The steps that rest on a field of the kind's wish, by the longest path that the kind declares."""
    parts = _INDEX.sub("", path).split(".")
    tries = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((kind.settled_by[name] for name in tries if name in kind.settled_by), (TAKEN,))
