"""Routers, their health, and what was pushed to them."""

from datetime import datetime
from itertools import islice
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt import overview
from linjevakt.model.health import Health, Transition
from linjevakt.model.record import PushRecord
from linjevakt.overview import Overview, Witness
from linjevakt.provisioning.fleet import Fleet
from linjevakt.web.api.common import LOOKS, After, Limit, Name, Page, Word, following, page


class RouterAnswer(BaseModel):
    """One router; `stage` null: never staged; the `certificate_` is the one that it runs. Times in UTC."""

    name: str
    role: Literal["hub", "site"]
    platform: str
    management: str
    site: str | None
    owner: str | None
    stage: str | None
    serial: str | None
    certificate_expires: datetime | None
    certificate_revoked: datetime | None
    state: str
    witness: Witness
    health: Health | None
    last_push: PushRecord | None


def routes(fleet: Fleet) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])

    @api.get("/routers", **LOOKS)
    def list_routers(limit: Limit = 100, after: After = "") -> Page[RouterAnswer]:
        """Every router, hubs first."""
        wanted = islice(following(fleet.inventory.listed, after, str), limit + 1)
        found = overview.overviews(fleet, [key.partition("/")[2] for key in wanted])
        return page(map(_answer, found), limit, _key)

    @api.get("/routers/{name}", **LOOKS)
    def show_router(name: Name) -> RouterAnswer:
        """One router."""
        return _answer(overview.overview(fleet, name))

    @api.get("/routers/{name}/transitions", **LOOKS)
    def list_transitions(name: Name, limit: Limit = 100) -> tuple[Transition, ...]:
        """How a router's condition has changed, newest first."""
        return overview.transitions(fleet, name, limit)

    @api.get("/pushes", **LOOKS)
    def list_pushes(router: Word = None, limit: Limit = 100) -> tuple[PushRecord, ...]:
        """The latest pushes, newest first; of one router."""
        return overview.pushes(fleet, router, limit)

    @api.get("/health", **LOOKS)
    def list_health(limit: Limit = 100, after: After = "") -> Page[Health]:
        """The last poll of every router, by name."""
        return page(overview.healths(fleet, after, limit + 1), limit, lambda one: one.router)

    return api


def _key(one: RouterAnswer) -> str:
    """As `Inventory.listed` has it."""
    return f"{one.role}/{one.name}"


def _answer(found: Overview) -> RouterAnswer:
    device = found.device
    return RouterAnswer(
        name=found.router.name,
        role=found.role,
        platform=found.router.platform,
        management=str(found.router.management),
        site=found.site or None,
        owner=found.owner or None,
        stage=device.stage if device else None,
        serial=device.serial if device else found.router.serial,
        certificate_expires=found.certificate_expires,
        certificate_revoked=found.certificate_revoked,
        state=found.state,
        witness=found.witness,
        health=found.health,
        last_push=found.push,
    )
