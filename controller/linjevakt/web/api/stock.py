"""The boxes themselves: where each one is, new ones, and what became of them."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Body as Sent
from pydantic import Field

from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.fields import Slug, Text
from linjevakt.office import loss, stock
from linjevakt.provisioning.revocation import Waiting
from linjevakt.web.api.common import WRITES, After, Limit, Name, Page, SlugWanted, Write, page
from linjevakt.workorders.desk import Desk

_SAID = {"who": "Kari Nordmann", "reason": "Levert fra produsenten"}
_NEW = {**_SAID, "serial": "LV-0042", "model": "Eksempelboks 4", "platform": "linux"}


class NewBox(Write):
    """A box that has come in."""

    serial: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
    model: Text
    platform: Slug = "linux"
    note: Text | None = None


class Move(Write):
    """Where a box is now; orders write this down by themselves. `router`: the one that it is to be, or is."""

    state: Whereabouts
    router: Slug | None = None
    note: Text | None = None


class Moved(Equipment):
    """The box; `revoked` are the certificates that one which is lost had, `waiting` those who do not refuse it yet.

    Those are told as soon as they can be reached.
    """

    revoked: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["stock"])
    register = desk.fleet.store.register

    @api.get("/stock")
    def list_stock(
        state: Whereabouts | None = None, router: SlugWanted = None, limit: Limit = 100, after: After = ""
    ) -> Page[Equipment]:
        """Every box, by serial number; in a state, or of a router."""
        found = (box for box in register.now().equipment if box.serial > after)
        wanted = (box for box in found if state in {None, box.state} and router in {None, box.router})
        return page(wanted, limit, lambda box: box.serial)

    @api.get("/stock/{serial}")
    def show_box(serial: Name) -> Equipment:
        """One box."""
        return stock.known(register.now().equipment, serial)

    @api.post("/stock", status_code=HTTPStatus.CREATED, **WRITES)
    def add_box(new: Annotated[NewBox, Sent(examples=[_NEW])]) -> Equipment:
        """Takes a new box into the stock."""
        return stock.add(register, Equipment(**_fields(new)), Author(new.who, new.reason))

    @api.post("/stock/{serial}/move", **WRITES)
    def move_box(serial: Name, move: Annotated[Move, Sent(examples=[{**_SAID, "state": "lost"}])]) -> Moved:
        """Writes down where a box is now; one that is lost is shut out. A step that no box takes is a conflict."""
        said = Author(move.who, move.reason)
        moved = stock.move(register, serial, move.state, said, router=move.router, note=move.note)
        if moved.state is not Whereabouts.LOST:
            return Moved(**moved.model_dump())
        done = loss.of_box(desk.fleet, serial)
        return Moved(**moved.model_dump(), revoked=tuple(one.serial for one in done.revoked), waiting=done.waiting)

    return api


def _fields(new: NewBox) -> dict[str, Any]:
    return new.model_dump(exclude={"who", "reason"})
