"""The API, version 1: all of the life of a connection, a module for each subject."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends

from linjevakt.office import Office
from linjevakt.office.uploads import Uploads
from linjevakt.web import guards
from linjevakt.web.api import (
    addresses,
    fleet,
    history,
    impact,
    imports,
    kinds,
    locks,
    orders,
    organisations,
    revoked,
    roles,
    sites,
    stock,
)
from linjevakt.web.api.orders import Nudge
from linjevakt.web.problems import documented
from linjevakt.workorders.desk import Desk

__all__ = ["TAGS", "Nudge", "routes"]

TAGS: Final = [
    {"name": "orders", "description": "Work orders, from wish to proven: the only way to change a connection."},
    {"name": "organisations", "description": "Members, their agreements, and what keeps their segments closed."},
    {"name": "sites", "description": "Connections, lines and gates, as they are or as they were."},
    {"name": "imports", "description": "An inventory as a folder of files, merged with what others saved."},
    {"name": "addresses", "description": "Pools, and who had which address when."},
    {"name": "stock", "description": "The boxes themselves, from the stock to a site and back."},
    {"name": "history", "description": "Who changed what, when and why; whom a failure would hit."},
    {"name": "roles", "description": "What each role may do, once people log in."},
    {"name": "fleet", "description": "Routers, their health, and what was pushed to them."},
]
_ALWAYS: Final = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def routes(desk: Desk, office: Office, clock: Callable[[], datetime], nudge: Nudge | None) -> APIRouter:
    """Every route of the API."""
    api = APIRouter(
        prefix="/api/v1",
        dependencies=[Depends(guards.accepts_json)],
        responses=documented(*_ALWAYS),
        max_body_size=guards.BODY_LIMIT,
    )
    api.include_router(orders.routes(desk, nudge))
    api.include_router(addresses.routes(office, clock))
    api.include_router(imports.routes(Uploads(office, desk.catalogue, desk.fleet.templates)))
    api.include_router(organisations.routes(desk, office))
    api.include_router(stock.routes(office, desk.fleet))
    for looked_up in (sites, history, impact, locks):
        api.include_router(looked_up.routes(office))
    for driven in (fleet, revoked):
        api.include_router(driven.routes(desk.fleet))
    for declared in (kinds, roles):
        api.include_router(declared.routes())
    return api
