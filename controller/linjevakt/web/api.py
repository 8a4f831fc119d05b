"""The API, version 1: typed answers about routers, sites, organisations, pushes and health."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from linjevakt.fleet import Fleet
from linjevakt.model.health import Health, Transition
from linjevakt.model.inventory import Connection, Organisation
from linjevakt.model.record import PushRecord
from linjevakt.overview import Overview, overview, overviews

Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many, newest first.")]


class RouterAnswer(BaseModel):
    """One router; `stage` None: never staged; times in UTC."""

    name: str
    role: Literal["hub", "site"]
    platform: str
    management: str
    site: str | None
    owner: str | None
    stage: str | None
    serial: str | None
    certificate_expires: datetime | None
    state: str
    health: Health | None
    last_push: PushRecord | None


def routes(fleet: Fleet) -> APIRouter:
    """Every route of the API."""
    api = APIRouter(prefix="/api/v1", tags=["fleet"])

    @api.get("/routers")
    def routers() -> list[RouterAnswer]:
        """Every router, hubs first."""
        return _answers(overviews(fleet))

    @api.get("/routers/{name}")
    def router(name: str) -> RouterAnswer:
        """One router."""
        return _answer(overview(fleet, name))

    @api.get("/routers/{name}/transitions")
    def transitions(name: str, limit: Limit = 100) -> tuple[Transition, ...]:
        """How a router's condition has changed."""
        return fleet.store.transitions(overview(fleet, name).router.name, limit=limit)

    @api.get("/sites")
    def sites() -> tuple[Connection, ...]:
        """Every site with its lines and segments."""
        return fleet.inventory.connections

    @api.get("/organisations")
    def organisations() -> tuple[Organisation, ...]:
        """Every organisation with its membership."""
        return fleet.inventory.organisations

    @api.get("/pushes")
    def pushes(router: str | None = None, limit: Limit = 100) -> tuple[PushRecord, ...]:
        """The latest pushes, of one router or of all."""
        return fleet.store.pushes(router, limit=limit)

    @api.get("/health")
    def health() -> tuple[Health, ...]:
        """The last poll of every router."""
        return fleet.store.health()

    return api


def _answers(found: Iterable[Overview]) -> list[RouterAnswer]:
    return [_answer(one) for one in found]


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
        certificate_expires=device.certificate_expires if device else None,
        state=found.state,
        health=found.health,
        last_push=found.push,
    )
