"""Whom a failure hits: of a router, a line, a hub, or a provider."""

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt import reach
from linjevakt.model.fields import OrganisationNumber
from linjevakt.model.inventory import Contact
from linjevakt.office import Office
from linjevakt.reach import Hit, Outcome, What
from linjevakt.web.api.common import LOOKS, After, Limit, Name, Page, page


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


def routes(office: Office) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["history"])

    @api.get("/impact/{what}/{name}", **LOOKS)
    def show_impact(what: What, name: Name, limit: Limit = 100, after: After = "") -> Page[SiteHit]:
        """Every site that is hit when it fails, those that are out first. A line is named as ROUTER.LINE."""
        hits = reach.of(office.inventory(), what, name).hits
        return page((_hit(hit) for hit in hits if _key(hit) > after), limit, _key)

    return api


def _hit(hit: Hit) -> SiteHit:
    organisations = tuple(Told(number=one.number, name=one.name, contacts=one.contacts) for one in hit.organisations)
    return SiteHit(site=hit.site, router=hit.router, outcome=hit.outcome, lines=hit.lines, organisations=organisations)


def _key(hit: Hit | SiteHit) -> str:
    return f"{int(hit.outcome != 'out')}/{hit.site}"
