"""The fleet page: rendered here, nothing fetched from elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Query
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from linjevakt.model.errors import NotFoundError
from linjevakt.model.health import Health
from linjevakt.model.record import CERTIFICATE_ENDS_SOON
from linjevakt.model.saying import in_language
from linjevakt.overview import WORST_FIRST, Extract, Overview, Witness, extract
from linjevakt.provisioning.fleet import Fleet
from linjevakt.web import language
from linjevakt.web.api.common import LOOKS

OSLO: Final = ZoneInfo("Europe/Oslo")
_REFRESH_S: Final = 30
_STALE: Final = timedelta(minutes=5)  # ten polls of `linjevakt serve` as it comes
_ROWS: Final = 100  # of a page
_LAST_PAGE: Final = 10_000
_FORMATS: Final = {"nb": "%d.%m.%Y kl. %H:%M", "en": "%d %b %Y %H:%M"}
_DATES: Final = {"nb": "%d.%m.%Y", "en": "%d %b %Y"}

State = Literal["shut_out", "down", "degraded", "unknown", "ok"]

_ENVIRONMENT = Environment(
    loader=PackageLoader("linjevakt.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def routes(fleet: Fleet, clock: Callable[[], datetime]) -> APIRouter:
    """The page and its style sheet."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/", **LOOKS)
    def page(  # noqa: PLR0913, PLR0917 - each is a part of the address, by name
        lang: str | None = None,
        refresh: Annotated[int, Query(ge=0)] = _REFRESH_S,
        state: State | None = None,
        q: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=_LAST_PAGE)] = 1,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        chosen = language.choose(lang, accept_language)
        asked = Asked(chosen, refreshing=refresh > 0, state=state, text=q.strip(), page=page)
        html = _render(_found(fleet, asked), asked, clock())
        return HTMLResponse(html, headers={"Content-Language": chosen, "Vary": "Accept-Language"})

    @pages.get("/style.css", **LOOKS)
    def style() -> Response:
        return Response(_ENVIRONMENT.get_template("style.css").render(), media_type="text/css")

    return pages


@dataclass(frozen=True)
class Asked:
    """What the address of the page says."""

    lang: str
    refreshing: bool
    state: str | None
    text: str
    page: int

    def address(self, **changes: Any) -> str:
        """The same with something else in it; another page of it is asked for by `page` alone."""
        own = {"lang": self.lang, "refresh": _REFRESH_S if self.refreshing else 0, "state": self.state, "q": self.text}
        return "?" + urlencode({name: value for name, value in (own | changes).items() if value not in {None, ""}})


def _found(fleet: Fleet, asked: Asked) -> Extract:
    start = (asked.page - 1) * _ROWS
    try:
        return extract(fleet, state=asked.state, text=asked.text, start=start, limit=_ROWS)
    except NotFoundError:  # a new installation: the page says so
        return Extract({}, 0, ())


def _render(found: Extract, asked: Asked, now: datetime) -> str:
    lang, words = asked.lang, language.WORDS[asked.lang]
    first = (asked.page - 1) * _ROWS
    return _ENVIRONMENT.get_template("fleet.html").render(
        asked=asked,
        found=found,
        words=words,
        other=language.OTHER[lang],
        summary=words["summary"].format(
            total=sum(found.counts.values()), **{state: found.counts.get(state, 0) for state in WORST_FIRST}
        ),
        states=[state for state in WORST_FIRST if found.counts.get(state)],
        span=words["span"].format(first=first + 1, last=first + len(found.rows), number=found.number),
        has_more=first + len(found.rows) < found.number,
        shown=words["as_of" if asked.refreshing else "stopped"].format(at=_local(now, _FORMATS[lang])),
        refresh_s=_REFRESH_S,
        at=lambda moment: _local(moment, _FORMATS[lang]),
        reasons=lambda row: _reasons(row, lang, lambda moment: _local(moment, _FORMATS[lang])),
        stale=lambda moment: now - moment > _STALE,
        ends_soon=lambda moment: moment - now < CERTIFICATE_ENDS_SOON,
        day=lambda moment: _local(moment, _DATES[lang]),
        said=lambda text: in_language(text, lang),
        proven=lambda proof: words["proven"].format(ok=sum(bool(leg["ok"]) for leg in proof), all=len(proof)),
    )


def _reasons(row: Overview, lang: str, at: Callable[[datetime], str]) -> Iterator[str]:
    """Why a router is not in order, beyond its tunnel, which has a column."""
    words = language.WORDS[lang]
    yield from _witnessed(row.witness, words, at)
    if row.health:
        yield from _polled(row.health, words, lang)
        if not row.health.reachable and not row.witness.shut_out:
            yield words["told_there"]


def _witnessed(witness: Witness, words: language.Words, at: Callable[[datetime], str]) -> Iterator[str]:
    """What is known without the router's help."""
    if witness.shut_out:
        if witness.shut_out.since:
            yield words["shut_out_since"].format(at=at(witness.shut_out.since))
        for hub in witness.shut_out.waiting:
            yield words["not_in_force"].format(hub=hub)
    if witness.unrefused:
        yield words["unrefused"].format(number=witness.unrefused)
    if witness.down_since:
        yield words["down_since"].format(at=at(witness.down_since))
        if witness.hub_state == "down":
            yield words["hub_down"].format(hub=witness.hub)
        for copy in witness.copies:
            yield words["duplicate"].format(router=copy.router, address=copy.address, attempts=copy.attempts)


def _polled(health: Health, words: language.Words, lang: str) -> Iterator[str]:
    if health.detail:
        yield in_language(health.detail, lang)
    for line in health.lines:
        if line.state == "down":
            yield f"{line.name} ({words[f'kind_{line.kind}']}): {words['state_down']}"
    for probe in health.probes:
        if probe.result == "failed":
            yield f"{probe.service}, {probe.segment}: {probe.detail}"
    for copy in health.duplicates:
        yield words["duplicate"].format(router=copy.router, address=copy.address, attempts=copy.attempts)
    if health.config_state == "pending":
        yield words["pending"]
    if health.drift:
        yield words["drift"].format(drift=in_language(health.drift, lang))


def _local(moment: datetime, pattern: str) -> str:
    return moment.astimezone(OSLO).strftime(pattern)
