"""Connections, their lines and their gates: as they are, or as they were on a day."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt.model.fields import OrganisationNumber
from linjevakt.model.gate import Gate, gate, gates
from linjevakt.model.inventory import Inventory, Line, LineKind, Site
from linjevakt.model.phrase import Phrase
from linjevakt.web.api.common import After, AsOf, Limit, Name, Page, SlugWanted, Word, page
from linjevakt.workorders.desk import Desk


class SiteLine(BaseModel):
    """A line and where it is."""

    site: str
    router: str
    line: Line


class GateAnswer(BaseModel):
    """Whether a segment may carry traffic, and what is missing if not."""

    site: str
    segment: str
    organisation: OrganisationNumber
    open: bool
    missing: tuple[Phrase, ...]


def gate_answer(gate: Gate) -> GateAnswer:
    """One gate."""
    return GateAnswer(**{name: getattr(gate, name) for name in GateAnswer.model_fields})


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["sites"])

    def inventory(as_of: datetime | None) -> Inventory:
        return desk.fleet.store.register.at(as_of).inventory if as_of else desk.fleet.inventory

    @api.get("/sites")
    def list_sites(
        as_of: AsOf = None, organisation: OrganisationNumber | None = None, limit: Limit = 100, after: After = ""
    ) -> Page[Site]:
        """Every site with its lines and segments, by key; of an organisation: those it owns or shares."""
        fleet = inventory(as_of)
        found = fleet.sites if organisation is None else fleet.sites_of(organisation)
        return page((one for one in found if one.key > after), limit, lambda one: one.key)

    @api.get("/sites/{key}")
    def show_site(key: Name, as_of: AsOf = None) -> Site:
        """One site."""
        return inventory(as_of).site(key)

    @api.get("/sites/{key}/gates")
    def show_site_gates(key: Name) -> tuple[GateAnswer, ...]:
        """The gates of a site's segments."""
        fleet = desk.fleet.inventory
        site = fleet.site(key)
        return tuple(gate_answer(gate(site, segment, fleet.members)) for segment in site.segments)

    @api.get("/lines")
    def list_lines(
        provider: Word = None,
        kind: LineKind | None = None,
        site: SlugWanted = None,
        limit: Limit = 100,
        after: After = "",
    ) -> Page[SiteLine]:
        """Every line of the sites, by site and name; of a provider (upper and lower case alike), of a kind."""
        found = (
            SiteLine(site=one.key, router=one.router.name, line=line)
            for one in desk.fleet.inventory.sites
            for line in sorted(one.lines, key=lambda line: line.name)
            if site in {None, one.key} and kind in {None, line.kind} and _is_by(line, provider)
        )
        return page((row for row in found if _line_key(row) > after), limit, _line_key)

    @api.get("/gates")
    def list_gates(*, open: bool | None = None, limit: Limit = 100, after: After = "") -> Page[GateAnswer]:  # noqa: A002 - the query's own word
        """Every segment's gate, by site and segment; only those that are open, or only those that are not."""
        found = sorted(gates(desk.fleet.inventory), key=_gate_key)
        wanted = (gate for gate in found if _gate_key(gate) > after and open in {None, gate.open})
        return page(map(gate_answer, wanted), limit, _gate_key)

    return api


def _is_by(line: Line, provider: str | None) -> bool:
    return provider is None or line.provider.casefold() == provider.casefold()


def _line_key(row: SiteLine) -> str:
    return f"{row.site}/{row.line.name}"


def _gate_key(gate: Gate | GateAnswer) -> str:
    return f"{gate.site}/{gate.segment}"
