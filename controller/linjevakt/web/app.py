"""Puts the web together: API, page, metrics, liveness; every answer with headers that let nothing in from elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from linjevakt import __version__
from linjevakt.fleet import Fleet
from linjevakt.web import api, pages, problems

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def _now() -> datetime:
    return datetime.now(UTC)


def create(fleet: Fleet, registry: CollectorRegistry, clock: Callable[[], datetime] = _now) -> FastAPI:
    """The application. It knows no users: let it listen on this machine only, or behind a proxy that does."""
    app = FastAPI(
        title="Linjevakt", version=__version__, openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None
    )
    app.include_router(api.routes(fleet))
    app.include_router(pages.routes(fleet, clock))
    app.middleware("http")(_with_headers)
    problems.install(app)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        fleet.store.revision()  # raises when the database is away
        return {"status": "ok"}

    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
