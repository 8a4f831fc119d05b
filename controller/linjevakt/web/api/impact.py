"""Whom a failure hits: of a router, a line, a hub, or a provider."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt import reach
from linjevakt.model.fields import OrganisationNumber
from linjevakt.model.inventory import Contact, Inventory
from linjevakt.reach import Hit, Outcome, Reach
from linjevakt.web.api.common import After, Limit, Name, Page, page
from linjevakt.workorders.desk import Desk


class What(StrEnum):
    """What fails."""

    ROUTER = "router"
    LINE = "line"
    HUB = "hub"
    PROVIDER = "provider"


_REACH: Final[Mapping[What, Callable[[Inventory, str], Reach]]] = {
    What.ROUTER: reach.of_router,
    What.LINE: reach.of_line,
    What.HUB: reach.of_hub,
    What.PROVIDER: reach.of_provider,
}


class Told(BaseModel):
    """An organisation that is hit, and whom to call there."""

    number: OrganisationNumber
    name: str
    contacts: tuple[Contact, ...]


class SiteHit(BaseModel):
    """One site: `out`, or on its `other line`; `lines` are those that it loses, `organisations` the owner first."""

    site: str
    router: str
    outcome: Outcome
    lines: tuple[str, ...]
    organisations: tuple[Told, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["history"])

    @api.get("/impact/{what}/{name}")
    def show_impact(what: What, name: Name, limit: Limit = 100, after: After = "") -> Page[SiteHit]:
        """Every site that is hit when it fails, those that are out first. A line is named as ROUTER.LINE."""
        hits = _REACH[what](desk.fleet.inventory, name).hits
        return page((_hit(hit) for hit in hits if _key(hit) > after), limit, _key)

    return api


def _hit(hit: Hit) -> SiteHit:
    organisations = tuple(Told(number=one.number, name=one.name, contacts=one.contacts) for one in hit.organisations)
    return SiteHit(site=hit.site, router=hit.router, outcome=hit.outcome, lines=hit.lines, organisations=organisations)


def _key(hit: Hit | SiteHit) -> str:
    return f"{int(hit.outcome != 'out')}/{hit.site}"
