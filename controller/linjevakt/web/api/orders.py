"""Work orders: take, look, advance, stage, try again, correct, amend, cancel."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from fastapi import APIRouter, Query, Response
from fastapi import Body as Sent
from pydantic import BaseModel, Discriminator, Field, StrictBool, StringConstraints, create_model

from linjevakt.model.actor import Permission
from linjevakt.model.errors import ConflictError
from linjevakt.model.fields import LONGEST_ANSWER, Note, OrganisationNumber, Slug
from linjevakt.model.order import LARGEST_NUMBER, Key, Order, OrderState, Party, Trouble
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import PortName
from linjevakt.model.saying import Saying
from linjevakt.web.api.common import LOOKS, Body, Limit, Named, Number, Page, SlugWanted, Write, page, patched, writes
from linjevakt.web.api.examples import ADVANCES, BOX, NEW_ORDERS
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.machine import StepView

Nudge = Callable[[int, str], None]
Before = Annotated[int, Query(ge=1, le=LARGEST_NUMBER, description="The `next` of the page before.")]


class OrderRow(BaseModel):
    """One order in a list: `by` is who ordered it, `entered` when its step began."""

    number: int
    kind: str
    title: Phrase
    site: Slug | None
    organisation: OrganisationNumber | None
    state: OrderState
    step: Key | None
    by: str
    reason: str
    created: datetime
    entered: datetime
    trouble: Trouble | None


class OrderAnswer(BaseModel):
    """One order: its steps, what is to be known of it, and what its next step lacks.

    `order.trouble` says why the system could not do its step, and each leg of it whom to call first.
    """

    order: Order
    title: Phrase
    next_by: Party | None
    steps: tuple[StepView, ...]
    notes: tuple[Phrase, ...]
    lacking: tuple[Phrase, ...]


class NewOrder(Write):
    """What each kind of order asks for, apart from its wish."""

    kind: str
    wish: Any


class Advance(Named):
    """A person's step done: `values` answer what the step asks; `step`, when given, must be the next one.

    `early`: before its time, because those whom it concerns agree.
    """

    values: Mapping[Key, Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]] = Field(default_factory=dict)
    note: Note = ""
    step: Key | None = None
    early: StrictBool = False


class Correction(Write):
    """Other answers at a step that is done: `values` are those that were wrong."""

    step: Annotated[Key, Field(examples=["survey"])]
    values: Annotated[
        Mapping[Key, Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]],
        Field(min_length=1, examples=[{"coverage_dbm": "-87"}]),
    ]


class Amendment(Write):
    """What an open order shall ask for instead: the fields that change, null takes one out (RFC 7396)."""

    wish: Annotated[dict[str, Any], Field(min_length=1, examples=[{"place": {"room": "12"}}])]


class Box(Body):
    """What `linjevakt-agent identity --json` prints on the box."""

    csr: Annotated[str, Field(min_length=1, max_length=20_000)]
    ssh_host_key: Annotated[str, Field(min_length=1, max_length=2000)]
    serial: Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
    ports: Annotated[tuple[PortName, ...], Field(max_length=64)] = ()


class Staging(Write):
    """The box that is to be the router."""

    box: Annotated[Box, Field(examples=[BOX])]


class Bootstrap(BaseModel):
    """The configuration to start the box with. It holds secrets, and is shown this once."""

    order: int
    router: str
    platform: str
    configuration: str


class Cancellation(Write):
    """`leave`: what the order changed on the router is left as it is."""

    leave: StrictBool = False


def _body_of(kind: str) -> Any:
    """The body that orders this kind."""
    declared = KINDS[kind]
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), "wish": (declared.wish, ...)}
    return create_model(f"Order{declared.wish.__name__}", __base__=NewOrder, __doc__=f"{declared.title}.", **fields)


if TYPE_CHECKING:
    AnyOrder: TypeAlias = NewOrder
else:
    AnyOrder = Annotated[reduce(or_, map(_body_of, KINDS)), Discriminator("kind")]

_Sent = Annotated[AnyOrder, Sent(openapi_examples=NEW_ORDERS)]
_Advance = Annotated[Advance, Sent(openapi_examples=ADVANCES)]
_CREATED: Final[Mapping[int | str, Any]] = {
    HTTPStatus.CREATED.value: {
        "headers": {"Location": {"description": "Where the order is.", "schema": {"type": "string"}}},
        "links": {
            operation: {"operationId": operation, "parameters": {"number": "$response.body#/order/number"}}
            for operation in ("show_order", "advance_order", "cancel_order")
        },
    }
}


def routes(desk: Desk, nudge: Nudge | None) -> APIRouter:
    """The routes; `nudge` wakes the one who does the system's steps, if there is one in this process."""
    api = APIRouter(tags=["orders"])

    @api.get("/orders", **LOOKS)
    def list_orders(
        *,
        every: bool = False,
        site: SlugWanted = None,
        kind: Key | None = None,
        limit: Limit = 100,
        after: Before = LARGEST_NUMBER,
    ) -> Page[OrderRow]:
        """The open orders (`every`: all), newest first; of a site, of a kind."""
        found = desk.orders(every=every, site=site, kind=kind, before=after, limit=limit + 1)
        return page(map(_row, found), limit, lambda row: str(row.number))

    @api.post("/orders", status_code=HTTPStatus.CREATED, **writes(Permission.ORDER, _CREATED))
    def order_something(order: _Sent, response: Response) -> OrderAnswer:
        """Takes an order: addresses are set aside, and what it leads to is checked at once."""
        wish = order.wish.model_dump(mode="json", exclude_unset=True)
        taken = desk.new(order.kind, wish, order.actor(), order.reason)
        response.headers["Location"] = f"/api/v1/orders/{taken.number}"
        return _answer(desk, taken.number)

    @api.get("/orders/{number}", **LOOKS)
    def show_order(number: Number) -> OrderAnswer:
        """One order with its steps, its notes, what its next step lacks, and its trouble with whom to call."""
        return _answer(desk, number)

    @api.post("/orders/{number}/advance", **writes(Permission.ADVANCE))
    def advance_order(number: Number, done: _Advance) -> OrderAnswer:
        """Writes down that someone has done the order's next step. The system's own steps follow by themselves."""
        desk.record(number, done.actor(), done.values, done.note, step=done.step, early=done.early)
        return _answer(desk, number)

    @api.post("/orders/{number}/stage", **writes(Permission.STAGE))
    def stage_box(number: Number, staging: Staging) -> Bootstrap:
        """Does the step `stage`; answers what to start the box with. That is told once and written nowhere."""
        made = desk.stage(number, staging.actor(), staging.box.model_dump())
        text = made.revealed().reveal()
        return Bootstrap(order=number, router=made.router, platform=made.platform, configuration=text)

    @api.post("/orders/{number}/run", status_code=HTTPStatus.ACCEPTED, **writes(Permission.RUN))
    def run_order(number: Number, said: Write) -> OrderAnswer:
        """Makes the system try its step at once, instead of when its pause is over. Answers before it has."""
        answer = _answer(desk, number)
        if nudge is None:
            raise ConflictError(
                Saying("This controller was started with --no-orders; another one does the system's steps.")
            )
        nudge(number, str(said.actor()))
        return answer

    _route_changes(api, desk)
    return api


def _route_changes(api: APIRouter, desk: Desk) -> None:
    """The routes by which an order becomes another than it was."""

    @api.post("/orders/{number}/correct", **writes(Permission.ORDER))
    def correct_order(number: Number, said: Correction) -> OrderAnswer:
        """Puts right what was answered at a step that is done. What was answered before stays in the history."""
        desk.correct(number, said.step, said.actor(), said.values, said.reason)
        return _answer(desk, number)

    @api.post("/orders/{number}/amend", **writes(Permission.ORDER))
    def amend_order(number: Number, said: Amendment) -> OrderAnswer:
        """Changes what an open order asks for, as long as no step that was done rests on it."""
        desk.amend(number, patched(desk.order(number).wish, said.wish), said.actor(), said.reason)
        return _answer(desk, number)

    @api.post("/orders/{number}/cancel", **writes(Permission.ORDER))
    def cancel_order(number: Number, said: Cancellation) -> OrderAnswer:
        """Cancels an order; what it changed is taken back, on the router too, unless `leave`."""
        desk.cancel(number, said.actor(), said.reason, leave=said.leave)
        return _answer(desk, number)


def _row(order: Order) -> OrderRow:
    shared = {name: getattr(order, name) for name in OrderRow.model_fields if name != "title"}
    return OrderRow(title=KINDS[order.kind].title, **shared)


def _answer(desk: Desk, number: int) -> OrderAnswer:
    seen = desk.look(number)
    following = seen.next
    return OrderAnswer(
        order=seen.order,
        title=seen.title,
        next_by=following.by if following else None,
        steps=seen.steps,
        notes=seen.notes,
        lacking=following.lacking if following else (),
    )
