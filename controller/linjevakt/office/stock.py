"""What happens to boxes outside of orders: a new one comes in, one is found, lost or given back."""

from collections.abc import Collection

from pydantic import ValidationError

from linjevakt import resources
from linjevakt.model import lookup
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying, word
from linjevakt.model.wording import told
from linjevakt.store.register import Register

_STOLEN = "Stolen."
_UNDER_WAY = frozenset({Whereabouts.STAGED, Whereabouts.SHIPPED})


def known(boxes: Collection[Equipment], serial: str) -> Equipment:
    """One box. Raises NotFoundError, with what was meant."""
    found = {box.serial: box for box in boxes}
    if serial not in found:
        raise lookup.no_box(serial, found)
    return found[serial]


def add(register: Register, box: Equipment, author: Author) -> Equipment:
    """Takes a new box into the stock. Raises InvalidInputError for a platform that has no templates, ConflictError."""
    platforms = resources.platforms()
    if box.platform not in platforms:
        there = Saying("There are: {platforms}.", platforms=", ".join(sorted(platforms)))
        remedy = did_you_mean(box.platform, platforms, there)
        raise InvalidInputError(
            Saying("There is no platform {platform!r}. {remedy}", platform=box.platform, remedy=remedy)
        )
    with register.edit(author) as draft:
        if draft.find(EntityKind.EQUIPMENT, box.serial):
            raise ConflictError(
                Saying("The box {serial} is there already; `linjevakt stock list` shows it.", serial=box.serial)
            )
        draft.put(box)
    return box


def move(  # noqa: PLR0913 - each is said by whoever moves it
    register: Register, serial: str, state: Whereabouts, author: Author, *, router: str | None, note: str | None
) -> Equipment:
    """Writes down where a box is now; `router` is the one that it is to be, or is.

    Raises InvalidInputError for the note, NotFoundError for the box or the router, ConflictError for a step that no box
    takes, or that is an order's to take.
    """
    with register.edit(author) as draft:
        box = _to_be_moved(draft.snapshot.equipment, serial, state)
        _refuse_ordered(box, draft.snapshot.orders)
        if router is not None:
            draft.inventory.router(router)
        moved = _with_note(box.moved(state, router), note)
        draft.put(moved)
    return moved


def stolen(register: Register, serial: str, router: str, author: Author) -> None:
    """Writes down that the box that is the router was stolen, whatever the stock or an order says of it.

    One that was never in the stock comes into it as lost, so that the history tells who said so, and why.
    """
    with register.edit(author) as draft:
        found = [box for box in draft.snapshot.equipment if box.serial == serial]
        end = draft.inventory.by_router.get(router)
        unlisted = Equipment(serial=serial, model="unknown", platform=end.router.platform if end else "linux")
        box = found[0] if found else unlisted
        draft.put(_stolen(box, router, draft.snapshot.orders))


def _stolen(box: Equipment, router: str, orders: Collection[Order]) -> Equipment:
    """A box that an order waits for stays where the order has it; the note tells what became of it."""
    told = box if (box.note or "").startswith(_STOLEN) else box.noted(_STOLEN)
    try:
        _refuse_ordered(box, orders)
        return told.moved(Whereabouts.LOST, router)
    except ConflictError:
        return told


def _to_be_moved(boxes: Collection[Equipment], serial: str, state: Whereabouts) -> Equipment:
    try:
        return known(boxes, serial)
    except NotFoundError as error:
        if state is not Whereabouts.LOST:
            raise
        raise NotFoundError(
            Saying(
                "{error} A box that is a router is shut out, in the stock or not, by "
                "`linjevakt router stolen ROUTER --reason WHY`.",
                error=error,
            )
        ) from error


def _with_note(box: Equipment, note: str | None) -> Equipment:
    if not note:
        return box
    try:
        return Equipment.model_validate(box.model_dump() | {"note": note})
    except ValidationError as error:
        raise InvalidInputError(Saying("{}.", told(error))) from error


def _refuse_ordered(box: Equipment, orders: Collection[Order]) -> None:
    """A box that an open order brings, or waits for, would be missed at its end."""
    for order in orders:
        if not order.is_open:
            continue
        if order.said("stage", "serial") == box.serial and box.state in _UNDER_WAY:
            raise ConflictError(_brought(box, order))
        if order.step == "returned" and box.state is Whereabouts.TO_BE_RETURNED and box.router in _routers(order):
            raise ConflictError(_awaited(box, order))


def _brought(box: Equipment, order: Order) -> str:
    return Saying(
        "The box {serial} is {state} by order {number}, which goes on when it is plugged in. If it is not to be: "
        "`linjevakt order cancel {number} --reason WHY`, which frees the box.",
        serial=box.serial,
        state=word(box.state),
        number=order.number,
    )


def _awaited(box: Equipment, order: Order) -> str:
    return Saying(
        "Order {number} waits for the box {serial}: say it there, with "
        "`linjevakt order advance {number} --step returned serial={serial} condition=good|damaged|lost`.",
        serial=box.serial,
        number=order.number,
    )


def _routers(order: Order) -> frozenset[str]:
    return frozenset(side.router.name for side in (order.before, order.after) if side)
