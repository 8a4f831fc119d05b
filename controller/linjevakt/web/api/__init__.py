"""The API, version 1: all of the life of a connection, a module for each subject."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends

from linjevakt.web import guards
from linjevakt.web.api import (
    addresses,
    fleet,
    history,
    impact,
    kinds,
    locks,
    orders,
    organisations,
    revoked,
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
    {"name": "addresses", "description": "Pools, and who had which address when."},
    {"name": "stock", "description": "The boxes themselves, from the stock to a site and back."},
    {"name": "history", "description": "Who changed what, when and why; whom a failure would hit."},
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


def routes(desk: Desk, clock: Callable[[], datetime], nudge: Nudge | None) -> APIRouter:
    """Every route of the API."""
    api = APIRouter(
        prefix="/api/v1",
        dependencies=[Depends(guards.accepts_json)],
        responses=documented(*_ALWAYS),
        max_body_size=guards.BODY_LIMIT,
    )
    api.include_router(orders.routes(desk, nudge))
    api.include_router(addresses.routes(desk, clock))
    for subject in (kinds, organisations, sites, stock, history, impact, fleet, locks, revoked):
        api.include_router(subject.routes(desk))
    return api
