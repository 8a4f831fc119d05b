"""Puts the web together: API, page, metrics, liveness; every answer with headers that let nothing in from elsewhere."""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from prometheus_client import CONTENT_TYPE_LATEST

from linjevakt import __version__
from linjevakt.office import Office
from linjevakt.web import api, guards, pages, problems
from linjevakt.workorders.desk import Desk

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ABOUT: Final = (
    "All of the life of a connection to the health network. **It knows no users yet**: whoever reaches it may do "
    "everything, so it listens on this machine only. Each write says `who` does it and the `reason`; both stay in "
    "the history. Errors are problem details (RFC 9457). Times are in UTC."
)


def _now() -> datetime:
    return datetime.now(UTC)


def create(
    desk: Desk,
    scraped: Callable[[], bytes],
    clock: Callable[[], datetime] = _now,
    *,
    hosts: Collection[str] = (),
    nudge: api.Nudge | None = None,
) -> FastAPI:
    """The application. It knows no users: let it listen on this machine only, or behind a proxy that does.

    `scraped` makes what Prometheus asks for. `hosts` are the names it answers to besides those of the loopback;
    `nudge` makes the system try an order at once.
    """
    office = Office.of(desk)
    app = FastAPI(
        title="Linjevakt",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.include_router(api.routes(desk, office, clock, nudge))
    app.include_router(pages.routes(desk.fleet, clock))
    for middleware in (guards.small, guards.for_hosts(hosts), _with_headers):  # the last one sees a request first
        app.middleware("http")(middleware)
    problems.install(app)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign] # as FastAPI's own guide says

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(scraped(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        office.require_database()
        return {"status": "ok"}

    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _described(app: FastAPI) -> dict[str, Any]:
    """The description of the API, with the schema of problems, which no route answers as a value."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=api.TAGS
        )
        schemas = made["components"]["schemas"]
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs") | {"Problem": problem}
        app.openapi_schema = made
    return app.openapi_schema
