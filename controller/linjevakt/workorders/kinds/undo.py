"""Cancelling: what an order changed is taken back, in the register at once and on the router as soon as it answers."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from linjevakt.model.entity import EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, StolenError
from linjevakt.model.order import Order, OrderState, Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, word
from linjevakt.store.draft import Draft
from linjevakt.workorders.step import Kind, Routers, Step, Work

_BACK: Mapping[Whereabouts, Whereabouts] = {
    Whereabouts.STAGED: Whereabouts.STOCK,
    Whereabouts.SHIPPED: Whereabouts.TO_BE_RETURNED,
}


def _take_back(work: Work, routers: Routers) -> Mapping[str, str]:
    if work.site_or_none:
        trust_former(work, routers)
        routers.push(work.site.router.name)
    elif work.order.after:
        routers.forget(work.order.after.router.name)
    return {}


def trust_former(work: Work, routers: Routers) -> None:
    """The box that the order was to replace is the router again, whether or not it can be reached, and it alone.

    One that was stolen meanwhile is not: then the router is the box that the order brought, or none.
    """
    former = work.order.done("former")
    if former and work.site_or_none:
        with suppress(StolenError):
            routers.pin(work.site.router.name, former.values)
        routers.only(work.site.router.name)


TAKE_BACK = Step(
    "take_back",
    Party.SYSTEM,
    Phrase(nb="Ruteren settes tilbake til slik den var", en="The router gets back what it had"),
    run=_take_back,
)
CANCEL = Step("cancel", Party.ENGINEER, Phrase(nb="Ordren er kansellert", en="The order is cancelled"))


def cancelled(kind: Kind, work: Work, draft: Draft, *, leave: bool) -> Order:
    """The order, cancelled or on its way there.

    Raises ConflictError after the point of no return, or, unless told to `leave` that be, when someone else has
    changed the site since.
    """
    order = work.order
    if order.state is OrderState.UNDOING and leave:
        return order.model_copy(update={"state": OrderState.CANCELLED, "step": None, "trouble": None})
    _refuse_the_late(kind, order)
    for box in work.equipment:
        _keep(box, order, draft)
    if order.after is None:
        return order.model_copy(update={"state": OrderState.CANCELLED, "step": None, "trouble": None})
    _restore(work, draft, leave=leave)
    state, step = (OrderState.CANCELLED, None) if leave else (OrderState.UNDOING, TAKE_BACK.key)
    return order.model_copy(update={"state": state, "step": step, "trouble": None, "entered": work.now})


def to_bring_back(kind: Kind, work: Work) -> Iterator[Phrase]:
    """What people have to do about a cancelled order, by the steps that were done: no program takes that back."""
    for step in kind.steps:
        if work.order.done(step.key):
            yield from step.left_behind(work)


def _refuse_the_late(kind: Kind, order: Order) -> None:
    if not order.is_open:
        raise ConflictError(Saying("Order {number} is {state}.", number=order.number, state=word(order.state)))
    if order.state is OrderState.UNDOING:
        raise ConflictError(
            Saying(
                "Order {number} is undoing. Say `leave` (`--leave`) to let the router be as it is.", number=order.number
            )
        )
    late = next((step for step in kind.steps if step.final and order.done(step.key)), None)
    if late:
        raise ConflictError(
            Saying(
                "Order {number} cannot be cancelled any more: {step} is done. Order what leads back instead.",
                number=order.number,
                step=late.title,
            )
        )


def _keep(box: Equipment, order: Order, draft: Draft) -> None:
    """No box is lost: one that never left goes back to the stock, one under way is to be returned."""
    if box.serial == order.said("stage", "serial") and box.state in _BACK:
        draft.put(box.moved(_BACK[box.state]))


def _restore(work: Work, draft: Draft, *, leave: bool) -> None:
    order, today = work.order, work.site_or_none
    if today is None:  # someone else has taken the whole site out of the register
        return
    if today != order.after:
        if leave:
            return
        raise ConflictError(
            Saying(
                "The site {site} was changed by someone else since. Change it back by hand first, or say `leave` to "
                "let it be as it is now.",
                site=order.site,
            )
        )
    if order.before is None:
        draft.remove(EntityKind.SITE, str(order.site))
    else:
        draft.put(order.before)
