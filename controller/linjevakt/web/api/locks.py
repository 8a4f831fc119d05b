"""Pushes that hold a router, and ending the hold of one whose worker is dead."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Body as Sent

from linjevakt.model.entity import Author
from linjevakt.model.record import PushRecord
from linjevakt.office import locks
from linjevakt.web.api.common import WRITES, Name, Write
from linjevakt.workorders.desk import Desk

_SAID = {"who": "Kari Nordmann", "reason": "Kontrolleren som holdt den, er tatt ut av drift"}


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])
    held = desk.fleet.store.pushes

    @api.get("/locks")
    def list_locks() -> tuple[PushRecord, ...]:
        """Every push that has begun and not ended, by router; it holds the router until `until`, or `broken`."""
        return held.under_way()

    @api.post("/locks/{router}/break", **WRITES)
    def break_lock(router: Name, said: Annotated[Write, Sent(examples=[_SAID])]) -> PushRecord:
        """Ends the hold of a push whose worker is dead; its worker, if it lives, changes nothing any more."""
        return locks.break_lock(held, router, Author(said.who, said.reason))

    return api
