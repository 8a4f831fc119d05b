"""Routers, their health, and what was pushed to them."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt import overview
from linjevakt.model.health import Health, Transition
from linjevakt.model.record import PushRecord
from linjevakt.overview import Overview, Witness
from linjevakt.web.api.common import After, Limit, Name, Page, Word, page
from linjevakt.workorders.desk import Desk


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


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["fleet"])
    fleet = desk.fleet

    @api.get("/routers")
    def list_routers(limit: Limit = 100, after: After = "") -> Page[RouterAnswer]:
        """Every router, hubs first."""
        names = overview.keys(fleet)
        wanted = sorted(key for key in names if key > after)[: limit + 1]
        found = sorted(overview.overviews(fleet, {names[key] for key in wanted}), key=_key)
        return page(map(_answer, found), limit, _key)

    @api.get("/routers/{name}")
    def show_router(name: Name) -> RouterAnswer:
        """One router."""
        return _answer(*overview.overviews(fleet, [_known(name)]))

    @api.get("/routers/{name}/transitions")
    def list_transitions(name: Name, limit: Limit = 100) -> tuple[Transition, ...]:
        """How a router's condition has changed, newest first."""
        return fleet.store.healths.transitions(_known(name), limit=limit)

    @api.get("/pushes")
    def list_pushes(router: Word = None, limit: Limit = 100) -> tuple[PushRecord, ...]:
        """The latest pushes, newest first; of one router."""
        return fleet.store.pushes.latest(router, limit=limit)

    @api.get("/health")
    def list_health(limit: Limit = 100, after: After = "") -> Page[Health]:
        """The last poll of every router, by name."""
        return page(fleet.store.healths.after(after, limit + 1), limit, lambda one: one.router)

    def _known(name: str) -> str:
        return fleet.inventory.router(name).name

    return api


def _key(one: Overview | RouterAnswer) -> str:
    """Hubs first, then by name: sites' routers come in the order of their sites, which is not theirs."""
    name = one.router.name if isinstance(one, Overview) else one.name
    return f"{one.role}/{name}"


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
