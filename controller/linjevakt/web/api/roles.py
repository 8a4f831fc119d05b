"""What each role may do. Nobody is asked for it before people log in."""

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt.model.actor import GRANTS, Permission, Role
from linjevakt.web.api.common import LOOKS


class RoleAnswer(BaseModel):
    """One role; a route's permission is the `x-permission` of its description, a step's stands in `/kinds`."""

    role: Role
    permissions: tuple[Permission, ...]


def routes() -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["roles"])

    @api.get("/roles", **LOOKS)
    def list_roles() -> tuple[RoleAnswer, ...]:
        """Every role, and what it will be asked for when people log in."""
        return tuple(RoleAnswer(role=role, permissions=tuple(sorted(may))) for role, may in GRANTS.items())

    return api
