"""Pushes that hold a router, and ending the hold of one whose worker is dead."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Body as Sent

from linjevakt.model.actor import Permission
from linjevakt.model.record import PushRecord
from linjevakt.office import Office, locks
from linjevakt.web.api.common import LOOKS, Name, Write, writes

_SAID = {"who": "Kari Nordmann", "reason": "Kontrolleren som holdt den, er tatt ut av drift"}


def routes(office: Office) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])

    @api.get("/locks", **LOOKS)
    def list_locks() -> tuple[PushRecord, ...]:
        """Every push that has begun and not ended, by router; it holds the router until `until`, or `broken`."""
        return office.locks.under_way()

    @api.post("/locks/{router}/break", **writes(Permission.BREAK))
    def break_lock(router: Name, said: Annotated[Write, Sent(examples=[_SAID])]) -> PushRecord:
        """Ends the hold of a push whose worker is dead; its worker, if it lives, changes nothing any more."""
        return locks.break_lock(office.locks, router, said.author())

    return api
