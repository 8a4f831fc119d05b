"""Who is refused although its certificate has not ended, and a box that was stolen."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Body as Sent
from pydantic import BaseModel

from linjevakt import revocation
from linjevakt.model.entity import Author
from linjevakt.model.record import Reason
from linjevakt.revocation import Refusal, Waiting
from linjevakt.web.api.common import WRITES, Limit, Name, Write
from linjevakt.workorders import loss
from linjevakt.workorders.desk import Desk

_SAID = {"who": "Kari Nordmann", "reason": "Innbrudd i natt, meldt av daglig leder"}


class HubAnswer(BaseModel):
    """Whether a hub refuses the certificate, as it was last seen; `seen` null: never."""

    hub: str
    in_force: bool
    seen: datetime | None


class RevokedAnswer(BaseModel):
    """One revoked certificate; `in_force`: every hub refuses it. `expires`: it ends by itself, and leaves the list."""

    serial: str
    router: str
    box: str
    revoked: datetime | None
    reason: Reason | None
    expires: datetime
    in_force: bool
    hubs: tuple[HubAnswer, ...]


class LossAnswer(BaseModel):
    """What was revoked; `waiting` are the hubs that do not refuse it yet, which are told as soon as they answer."""

    box: str
    router: str | None
    revoked: tuple[str, ...]
    in_force: bool
    waiting: tuple[Waiting, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])
    fleet = desk.fleet

    @api.get("/revoked")
    def list_revoked(limit: Limit = 100) -> tuple[RevokedAnswer, ...]:
        """The revoked certificates that have not ended, the latest first, and which hubs refuse each."""
        return tuple(_answer(one) for one in revocation.refusals(fleet)[:limit])

    @api.post("/routers/{name}/stolen", **WRITES)
    def report_stolen(name: Name, said: Annotated[Write, Sent(examples=[_SAID])]) -> LossAnswer:
        """Shuts out the box that is the router: certificates revoked, and the hubs told before this answers."""
        found = loss.of_router(fleet, name, Author(said.who, said.reason))
        return LossAnswer(
            box=found.box,
            router=found.router,
            revoked=tuple(one.serial for one in found.revoked),
            in_force=not found.waiting,
            waiting=found.waiting,
        )

    return api


def _answer(one: Refusal) -> RevokedAnswer:
    known = one.certificate
    hubs = [HubAnswer(hub=hub, in_force=True, seen=seen) for hub, seen in one.in_force.items()]
    hubs += [HubAnswer(hub=hub, in_force=False, seen=last) for hub, last in one.waiting.items()]
    return RevokedAnswer(
        serial=known.serial,
        router=known.router,
        box=known.box,
        revoked=known.revoked,
        reason=known.reason,
        expires=known.expires,
        in_force=not one.waiting,
        hubs=tuple(hubs),
    )
