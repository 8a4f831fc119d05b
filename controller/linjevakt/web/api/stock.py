"""The boxes themselves: where each one is, new ones, and what became of them."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Body as Sent
from pydantic import Field

from linjevakt import resources
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError
from linjevakt.model.inventory import Slug, Text
from linjevakt.model.rules.base import did_you_mean
from linjevakt.store.snapshot import Snapshot
from linjevakt.web.api.common import WRITES, After, Limit, Name, Page, SlugWanted, Write, named, page
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
        return _box(register.now(), serial)

    @api.post("/stock", status_code=HTTPStatus.CREATED, **WRITES)
    def add_box(new: Annotated[NewBox, Sent(examples=[_NEW])]) -> Equipment:
        """Takes a new box into the stock."""
        _require_platform(new.platform)
        box = Equipment(**_fields(new))
        with register.edit(Author(new.who, new.reason)) as draft:
            if draft.find(EntityKind.EQUIPMENT, box.serial):
                raise ConflictError(f"The box {box.serial} is there already.")
            draft.put(box)
        return box

    @api.post("/stock/{serial}/move", **WRITES)
    def move_box(serial: Name, move: Annotated[Move, Sent(examples=[{**_SAID, "state": "lost"}])]) -> Equipment:
        """Writes down where a box is now. Raises a conflict for a step that no box takes."""
        with register.edit(Author(move.who, move.reason)) as draft:
            box = _box(draft.snapshot, serial)
            if move.router is not None:
                named({router.name: router for router in draft.inventory.routers}, move.router, "router")
            moved = box.moved(move.state, move.router)
            moved = moved.model_copy(update={"note": move.note}) if move.note else moved
            draft.put(moved)
        return moved

    return api


def _box(now: Snapshot, serial: str) -> Equipment:
    return named({box.serial: box for box in now.equipment}, serial, "box")


def _fields(new: NewBox) -> dict[str, Any]:
    return new.model_dump(exclude={"who", "reason"})


def _require_platform(name: str) -> None:
    known = resources.platforms()
    if name not in known:
        remedy = did_you_mean(name, known, f"There are: {', '.join(sorted(known))}.")
        raise InvalidInputError(f"There is no platform {name!r}. {remedy}")
