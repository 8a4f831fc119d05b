"""Organisations: what is known of a member, its agreements, and what keeps its segments closed."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi import Body as Sent
from pydantic import BaseModel, Field

from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.fields import Day, OrganisationNumber, Text
from linjevakt.model.gate import gates_of, of_member
from linjevakt.model.inventory import Agreement, AgreementName, Category, Contact, Organisation
from linjevakt.model.phrase import Phrase
from linjevakt.office.organisations import agree
from linjevakt.store.draft import Draft
from linjevakt.web.api.common import WRITES, After, Limit, Page, Write, page
from linjevakt.web.api.sites import GateAnswer, gate_answer
from linjevakt.workorders.desk import Desk

Number = Annotated[OrganisationNumber, Path(examples=["310000019"])]
_HerId = Annotated[int, Field(ge=1, le=2**31 - 1)]
_EXAMPLE = {
    "who": "Kari Nordmann",
    "reason": "Innmelding",
    "name": "Fjellheim legekontor",
    "category": "other",
    "contacts": [{"name": "Daglig leder", "phone": "+47 99 00 00 01", "email": "leder@example.no"}],
    "her_id": 80123,
}
_AGREEMENT = {
    "who": "Kari Nordmann",
    "reason": "Signert avtale mottatt",
    "agreement": "data_processing",
    "accepted": "2026-01-05",
    "by": "Nora Nordmann",
    "capacity": "general_manager",
}


class Details(Write):
    """What is known of an organisation; its agreements, freezes and exclusions have ways of their own."""

    name: Text
    category: Category = Category.OTHER
    contacts: tuple[Contact, ...] = ()
    her_id: _HerId | None = None
    record_system: Text | None = None
    enterprise_certificate: Day | None = None
    administrator: Contact | None = None
    register_note: Text | None = None


class Changes(Details):
    """The fields that change; null takes out what need not be there (RFC 7396)."""

    name: Text = ""


class Accepted(Write):
    """An agreement that was accepted, by someone who may sign for the organisation (domain.md section 3)."""

    agreement: AgreementName
    accepted: Day
    by: Text
    capacity: Literal["general_manager", "signature_right"]
    corrects: Annotated[bool, Field(description="What is recorded was wrong: this takes its place.")] = False


class MemberGate(BaseModel):
    """What the organisation itself lacks, and each of its segments, with what keeps it closed."""

    organisation: OrganisationNumber
    open: bool
    missing: tuple[Phrase, ...]
    segments: tuple[GateAnswer, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["organisations"])

    @api.get("/organisations")
    def list_organisations(limit: Limit = 100, after: After = "") -> Page[Organisation]:
        """Every organisation with its membership, by number."""
        found = (one for one in desk.fleet.inventory.organisations if one.number > after)
        return page(found, limit, lambda one: one.number)

    @api.get("/organisations/{number}")
    def show_organisation(number: Number) -> Organisation:
        """One organisation."""
        return _find(desk, number)

    @api.put("/organisations/{number}", **_PUT)
    def put_organisation(
        number: Number, details: Annotated[Details, Sent(examples=[_EXAMPLE])], response: Response
    ) -> Organisation:
        """Makes this what is known of it, or takes it in as new; agreements, freezes and exclusions stay."""
        with desk.fleet.store.register.edit(Author(details.who, details.reason)) as draft:
            known = draft.find(EntityKind.ORGANISATION, number)
            kept = known.model_dump(include={"membership", "exclusions"}) if known else {}
            made = _written(draft, {"number": number, **kept, **_fields(details)})
        response.status_code = HTTPStatus.OK if known else HTTPStatus.CREATED
        return made

    @api.patch("/organisations/{number}", **WRITES)
    def change_organisation(
        number: Number, changes: Annotated[Changes, Sent(examples=[{**_SAID, "her_id": 80123}])]
    ) -> Organisation:
        """Changes some of what is known of it."""
        with desk.fleet.store.register.edit(Author(changes.who, changes.reason)) as draft:
            known = draft.inventory.member(number)
            given = {name: value for name, value in _fields(changes).items() if name in changes.model_fields_set}
            return _written(draft, known.model_dump() | given)

    @api.post("/organisations/{number}/agreements", **WRITES)
    def accept_agreement(number: Number, told: Annotated[Accepted, Sent(examples=[_AGREEMENT])]) -> Organisation:
        """Writes down that the organisation has accepted one of the three agreements."""
        agreement, author = (
            Agreement(accepted=told.accepted, by=told.by, capacity=told.capacity),
            Author(told.who, told.reason),
        )
        return agree(desk, number, {told.agreement: agreement}, author, corrects=told.corrects).organisation

    @api.get("/organisations/{number}/gate")
    def show_organisation_gate(number: Number) -> MemberGate:
        """What must be in place before the organisation's segments may carry traffic."""
        member = _find(desk, number)
        missing = tuple(of_member(member))
        found = tuple(map(gate_answer, gates_of(desk.fleet.inventory, number)))
        return MemberGate(organisation=number, open=not missing, missing=missing, segments=found)

    return api


_SAID = {"who": "Kari Nordmann", "reason": "Ny HER-id"}
_PUT: dict[str, Any] = {
    **WRITES,
    "responses": WRITES["responses"] | {HTTPStatus.CREATED.value: {"model": Organisation, "description": "It is new."}},
}


def _find(desk: Desk, number: str) -> Organisation:
    return desk.fleet.inventory.member(number)


def _fields(told: Write) -> dict[str, Any]:
    return told.model_dump(exclude={"who", "reason"})


def _written(draft: Draft, fields: dict[str, Any]) -> Organisation:
    made = Organisation.model_validate(fields)
    draft.put(made)
    return made
