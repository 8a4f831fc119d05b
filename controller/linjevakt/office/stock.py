"""What happens to boxes outside of orders: a new one comes in, one is found, lost or given back."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from linjevakt import platforms
from linjevakt.model import lookup
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.fields import Noun, Slug, Text
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying, word
from linjevakt.office import Office
from linjevakt.store.register import Register

_STOLEN = "Stolen."
_UNDER_WAY = frozenset({Whereabouts.STAGED, Whereabouts.SHIPPED})


class NewBox(Noun):
    """A box that has come in; its serial number is the one on it, as the box itself tells it, and fits into an URL."""

    serial: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
    model: Text
    platform: Slug = "linux"
    note: Text | None = None


class Move(Noun):
    """Where a box is now; `router`: the one that it is to be, or is."""

    state: Whereabouts
    router: Slug | None = None
    note: Text | None = None


def boxes(office: Office) -> tuple[Equipment, ...]:
    """Every box, by serial number."""
    return office.store.register.now().equipment


def known(boxes: Collection[Equipment], serial: str) -> Equipment:
    """One box. Raises NotFoundError, with what was meant."""
    found = {box.serial: box for box in boxes}
    if serial not in found:
        raise lookup.no_box(serial, found)
    return found[serial]


def add(office: Office, new: NewBox, author: Author) -> Equipment:
    """Takes a new box into the stock. Raises InvalidInputError for a platform that has no templates, ConflictError."""
    box, there = Equipment(**new.model_dump()), platforms.every(office.templates)
    if box.platform not in there:
        listed = Saying("There are: {platforms}.", platforms=", ".join(sorted(there)))
        remedy = did_you_mean(box.platform, there, listed)
        raise InvalidInputError(
            Saying("There is no platform {platform!r}. {remedy}", platform=box.platform, remedy=remedy)
        )
    with office.store.register.edit(author) as draft:
        if draft.find(EntityKind.EQUIPMENT, box.serial):
            raise ConflictError(
                Saying("The box {serial} is there already; `linjevakt stock list` shows it.", serial=box.serial)
            )
        draft.put(box)
    return box


def move(office: Office, serial: str, to: Move, author: Author) -> Equipment:
    """Writes down where a box is now.

    Raises NotFoundError for the box or the router, ConflictError for a step that no box takes, or that is an order's to
    take.
    """
    with office.store.register.edit(author) as draft:
        box = _to_be_moved(draft.snapshot.equipment, serial, to.state)
        _refuse_ordered(box, draft.snapshot.orders)
        if to.router is not None:
            draft.inventory.router(to.router)
        moved = box.moved(to.state, to.router)
        moved = moved.model_copy(update={"note": to.note}) if to.note else moved
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
