"""What can be ordered: each kind with its steps, what each step asks, and the schema of the wish."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from linjevakt.model.actor import Permission
from linjevakt.model.order import PARTIES, Party
from linjevakt.model.phrase import Phrase
from linjevakt.web.api.common import LOOKS, Name
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.machine import kind_named
from linjevakt.workorders.step import Answer, Kind, Step


class KindStep(BaseModel):
    """One step of a kind.

    `permission`: what it takes of whoever does it, or writes it down;
    `automatic`: the system goes on by itself; `conditional`: not every order has it; `final`: no cancelling after it.
    """

    key: str
    by: Party
    party: Phrase
    title: Phrase
    answers: tuple[Answer, ...]
    permission: Permission
    automatic: bool
    conditional: bool
    final: bool


class KindAnswer(BaseModel):
    """One kind of order."""

    kind: str
    title: Phrase
    about: Literal["site", "new site", "organisation"]
    steps: tuple[KindStep, ...]


class KindDescription(KindAnswer):
    """`wish` is the JSON schema of what to order."""

    wish: dict[str, Any]


def routes() -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["orders"])

    @api.get("/kinds", **LOOKS)
    def list_kinds() -> tuple[KindAnswer, ...]:
        """Every kind of order."""
        return tuple(KindAnswer(**_fields(kind)) for kind in KINDS.values())

    @api.get("/kinds/{kind}", **LOOKS)
    def show_kind(kind: Name) -> KindDescription:
        """One kind of order, with the JSON schema of its wish."""
        found = kind_named(kind)
        return KindDescription(**_fields(found), wish=found.wish.model_json_schema())

    return api


def _fields(kind: Kind) -> dict[str, Any]:
    steps = tuple(_step(step) for step in kind.steps)
    return {"kind": kind.key, "title": kind.title, "about": kind.about, "steps": steps}


def _step(step: Step) -> KindStep:
    shared = {name: getattr(step, name) for name in KindStep.model_fields if name != "party"}
    return KindStep(party=PARTIES[step.by], **shared)
