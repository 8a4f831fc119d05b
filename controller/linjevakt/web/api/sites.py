"""Connections, their lines and their gates: as they are, or as they were on a day."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt.model.fields import OrganisationNumber
from linjevakt.model.gate import Gate, gate
from linjevakt.model.inventory import Inventory, Line, LineKind, Site
from linjevakt.model.phrase import Phrase
from linjevakt.office import Office
from linjevakt.office.sites import inventory_at, site_at
from linjevakt.web.api.common import LOOKS, After, AsOf, Limit, Name, Page, SlugWanted, Word, following, page


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


def routes(office: Office) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["sites"])

    @api.get("/sites", **LOOKS)
    def list_sites(
        as_of: AsOf = None, organisation: OrganisationNumber | None = None, limit: Limit = 100, after: After = ""
    ) -> Page[Site]:
        """Every site with its lines and segments, by key; of an organisation: those it owns or shares."""
        fleet = inventory_at(office, as_of)
        found = fleet.sites if organisation is None else fleet.sites_of(organisation)
        return page(following(found, after, _key), limit, _key)

    @api.get("/sites/{key}", **LOOKS)
    def show_site(key: Name, as_of: AsOf = None) -> Site:
        """One site."""
        site, _ = site_at(office, key, as_of)
        return site

    @api.get("/sites/{key}/gates", **LOOKS)
    def show_site_gates(key: Name) -> tuple[GateAnswer, ...]:
        """The gates of a site's segments."""
        fleet = office.inventory()
        return tuple(map(gate_answer, _gates(fleet, fleet.site(key))))

    @api.get("/lines", **LOOKS)
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
            for one in _from(office.inventory().sites, site or after)
            for line in sorted(one.lines, key=lambda line: line.name)
            if site in {None, one.key} and kind in {None, line.kind} and _is_by(line, provider)
        )
        return page((row for row in found if _place(_line_key(row)) > _place(after)), limit, _line_key)

    @api.get("/gates", **LOOKS)
    def list_gates(*, open: bool | None = None, limit: Limit = 100, after: After = "") -> Page[GateAnswer]:  # noqa: A002 - the query's own word
        """Every segment's gate, by site and segment; only those that are open, or only those that are not."""
        fleet = office.inventory()
        found = (gate for one in _from(fleet.sites, after) for gate in _gates(fleet, one) if open in {None, gate.open})
        return page((gate_answer(one) for one in found if _place(_gate_key(one)) > _place(after)), limit, _gate_key)

    return api


def _from(sites: Sequence[Site], after: str) -> Iterator[Site]:
    """The sites from that on of which a row `site/name` was the last of a page."""
    return (sites[n] for n in range(bisect_left(sites, _place(after)[0], key=_key), len(sites)))


def _place(row: str) -> tuple[str, str]:
    """Where `site/name` stands: `a-b/x` comes after `a/y`, as their sites do."""
    site, _, name = row.partition("/")
    return site, name


def _gates(fleet: Inventory, site: Site) -> Iterator[Gate]:
    """A site's, by the names of its segments."""
    return (gate(site, segment, fleet.members) for segment in sorted(site.segments, key=lambda one: one.name))


def _key(site: Site) -> str:
    return site.key


def _is_by(line: Line, provider: str | None) -> bool:
    return provider is None or line.provider.casefold() == provider.casefold()


def _line_key(row: SiteLine) -> str:
    return f"{row.site}/{row.line.name}"


def _gate_key(gate: Gate | GateAnswer) -> str:
    return f"{gate.site}/{gate.segment}"
