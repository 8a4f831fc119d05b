"""The boxes themselves: where each one is, new ones, and what became of them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from fastapi import Body as Sent

from linjevakt.model.actor import Permission
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.office import Office, loss, stock
from linjevakt.provisioning.fleet import Fleet
from linjevakt.provisioning.revocation import Waiting
from linjevakt.web.api.common import LOOKS, After, Limit, Name, Page, SlugWanted, Write, following, page, writes

_SAID = {"who": "Kari Nordmann", "reason": "Levert fra produsenten"}
_NEW = {**_SAID, "serial": "LV-0042", "model": "Eksempelboks 4", "platform": "linux"}


class NewBox(Write, stock.NewBox):
    """A box that has come in."""


class Move(Write, stock.Move):
    """Where a box is now; orders write this down by themselves. `router`: the one that it is to be, or is."""


class Moved(Equipment):
    """The box; `revoked` are the certificates that one which is lost had, `waiting` those who do not refuse it yet.

    Those are told as soon as they can be reached.
    """

    revoked: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()


def routes(office: Office, fleet: Fleet) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["stock"])

    @api.get("/stock", **LOOKS)
    def list_stock(
        state: Whereabouts | None = None, router: SlugWanted = None, limit: Limit = 100, after: After = ""
    ) -> Page[Equipment]:
        """Every box, by serial number; in a state, or of a router."""
        found = following(stock.boxes(office), after, lambda box: box.serial)
        wanted = (box for box in found if state in {None, box.state} and router in {None, box.router})
        return page(wanted, limit, lambda box: box.serial)

    @api.get("/stock/{serial}", **LOOKS)
    def show_box(serial: Name) -> Equipment:
        """One box."""
        return stock.known(stock.boxes(office), serial)

    @api.post("/stock", status_code=HTTPStatus.CREATED, **writes(Permission.STOCK))
    def add_box(new: Annotated[NewBox, Sent(examples=[_NEW])]) -> Equipment:
        """Takes a new box into the stock."""
        return stock.add(office, stock.NewBox(**new.besides()), new.author())

    @api.post("/stock/{serial}/move", **writes(Permission.STOCK))
    def move_box(serial: Name, move: Annotated[Move, Sent(examples=[{**_SAID, "state": "lost"}])]) -> Moved:
        """Writes down where a box is now; one that is lost is shut out. A step that no box takes is a conflict."""
        to = stock.Move(**move.besides())
        moved, lost = loss.move(office, lambda: fleet, serial, to, move.author())
        if lost is None:
            return Moved(**moved.model_dump())
        return Moved(**moved.model_dump(), revoked=tuple(one.serial for one in lost.revoked), waiting=lost.waiting)

    return api
