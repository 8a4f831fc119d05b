"""Who changed what, when, why, and under which order."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from linjevakt.model.actor import Actor
from linjevakt.model.entity import EntityKind, Version
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Installation, Organisation, Site
from linjevakt.model.order import LARGEST_NUMBER, Order
from linjevakt.office import Office
from linjevakt.office.history import versions
from linjevakt.web.api.common import LOOKS, Word

Some = Annotated[int, Query(ge=1, le=500, description="At most so many, newest first.")]
OfOrder = Annotated[int | None, Query(alias="order", ge=1, le=LARGEST_NUMBER, description="Only what it changed.")]


class Change(BaseModel):
    """What a revision made of one entity; `entity` null: it removed it; `actor` null: before that was kept."""

    kind: EntityKind
    key: str
    revision: int
    at: datetime
    who: str
    actor: Actor | None
    why: str
    order: int | None
    entity: Installation | Organisation | Site | Equipment | Order | None


def routes(office: Office) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["history"])

    @api.get("/history", **LOOKS)
    def list_history(
        kind: EntityKind | None = None, key: Word = None, order: OfOrder = None, limit: Some = 100
    ) -> tuple[Change, ...]:
        """What was changed, newest first: of a kind, of one entity (`kind` and `key`), or by an order."""
        return tuple(map(_change, versions(office, kind, key, order=order, limit=limit)))

    return api


def _change(version: Version) -> Change:
    made = version.revision
    return Change(
        kind=version.kind,
        key=version.key,
        revision=made.number,
        at=made.saved,
        who=made.who,
        actor=made.actor,
        why=made.why,
        order=made.order,
        entity=version.entity,
    )
