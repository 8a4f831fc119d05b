"""Who is refused although its certificate has not ended, and a box that was stolen."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Body as Sent
from pydantic import BaseModel

from linjevakt.model.actor import Permission
from linjevakt.model.record import Reason
from linjevakt.office import loss
from linjevakt.office.loss import Outlook
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.provisioning.revocation import Refusal, Waiting
from linjevakt.web.api.common import LOOKS, Limit, Name, Write, writes

_SAID = {"who": "Kari Nordmann", "reason": "Innbrudd i natt, meldt av daglig leder"}


class JudgeAnswer(BaseModel):
    """Whether a router that must refuse the certificate does, as it was last seen; `seen` null: never."""

    router: str
    in_force: bool
    seen: datetime | None


class RevokedAnswer(BaseModel):
    """One revoked certificate; `in_force`: all of `routers`, those that must, refuse it.

    Those are the hubs, and for a hub's certificate the sites too. `expires`: it ends by itself, and leaves the list.
    """

    serial: str
    router: str
    box: str
    revoked: datetime | None
    reason: Reason | None
    expires: datetime
    in_force: bool
    routers: tuple[JudgeAnswer, ...]


class LossAnswer(BaseModel):
    """What was revoked; `waiting` are those who must refuse it and do not yet: told as soon as they can be.

    `since`: the box was shut out before, then, and nothing was done anew.
    """

    box: str
    router: str | None
    revoked: tuple[str, ...]
    in_force: bool
    waiting: tuple[Waiting, ...]
    since: datetime | None


def routes(fleet: Fleet) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])

    @api.get("/revoked", **LOOKS)
    def list_revoked(limit: Limit = 100) -> tuple[RevokedAnswer, ...]:
        """The revoked certificates that have not ended, the latest first, and who refuses each."""
        return tuple(_answer(one) for one in revocation.refusals(fleet, limit))

    @api.get("/routers/{name}/stolen", **LOOKS)
    def check_stolen(name: Name) -> Outlook:
        """What reporting it as stolen would do, and what that costs; or `since` when its box was shut out."""
        return loss.outlook(fleet, name)

    @api.post("/routers/{name}/stolen", **writes(Permission.SHUT_OUT))
    def report_stolen(name: Name, said: Annotated[Write, Sent(examples=[_SAID])]) -> LossAnswer:
        """Shuts out the box that is the router: certificates revoked, and the hubs told before this answers.

        A second time does nothing, but tells those who were not told.
        """
        found = loss.of_router(fleet, name, said.author())
        return LossAnswer(
            box=found.box,
            router=found.router,
            revoked=tuple(one.serial for one in found.revoked),
            in_force=not found.waiting,
            waiting=found.waiting,
            since=found.since,
        )

    return api


def _answer(one: Refusal) -> RevokedAnswer:
    known = one.certificate
    judges = [JudgeAnswer(router=name, in_force=True, seen=seen) for name, seen in one.in_force.items()]
    judges += [JudgeAnswer(router=name, in_force=False, seen=last) for name, last in one.waiting.items()]
    return RevokedAnswer(
        serial=known.serial,
        router=known.router,
        box=known.box,
        revoked=known.revoked,
        reason=known.reason,
        expires=known.expires,
        in_force=not one.waiting,
        routers=tuple(judges),
    )
