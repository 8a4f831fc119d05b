"""Organisations: what is known of a member, its agreements, and what keeps its segments closed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Response
from fastapi import Body as Sent
from pydantic import BaseModel, Field

from linjevakt.model.actor import Permission
from linjevakt.model.fields import Day, OrganisationNumber, Text
from linjevakt.model.gate import gates_of, of_member
from linjevakt.model.inventory import Agreement, AgreementName, Category, Contact, Organisation
from linjevakt.model.phrase import Phrase
from linjevakt.office import Office, organisations
from linjevakt.web.api.common import LOOKS, After, Limit, Page, Write, following, page, writes
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


def routes(desk: Desk, office: Office) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["organisations"])

    @api.get("/organisations", **LOOKS)
    def list_organisations(limit: Limit = 100, after: After = "") -> Page[Organisation]:
        """Every organisation with its membership, by number."""
        found = following(office.inventory().organisations, after, lambda one: one.number)
        return page(found, limit, lambda one: one.number)

    @api.get("/organisations/{number}", **LOOKS)
    def show_organisation(number: Number) -> Organisation:
        """One organisation."""
        return office.inventory().member(number)

    @api.put("/organisations/{number}", **writes(Permission.REGISTER, _CREATED))
    def put_organisation(
        number: Number, details: Annotated[Details, Sent(examples=[_EXAMPLE])], response: Response
    ) -> Organisation:
        """Makes this what is known of it, or takes it in as new; agreements, freezes and exclusions stay."""
        made, is_new = organisations.put(desk, number, details.besides(), details.author())
        response.status_code = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return made

    @api.patch("/organisations/{number}", **writes(Permission.REGISTER))
    def change_organisation(
        number: Number, changes: Annotated[Changes, Sent(examples=[{**_SAID, "her_id": 80123}])]
    ) -> Organisation:
        """Changes some of what is known of it."""
        given = {name: value for name, value in changes.besides().items() if name in changes.model_fields_set}

        def changed(found: Organisation) -> Organisation:
            return Organisation.model_validate(found.model_dump() | given)

        return organisations.change(desk, number, changed, changes.author()).organisation

    @api.post("/organisations/{number}/agreements", **writes(Permission.REGISTER))
    def accept_agreement(number: Number, told: Annotated[Accepted, Sent(examples=[_AGREEMENT])]) -> Organisation:
        """Writes down that the organisation has accepted one of the three agreements."""
        agreement = Agreement(accepted=told.accepted, by=told.by, capacity=told.capacity)
        said, accepted = told.author(), {told.agreement: agreement}
        return organisations.agree(desk, number, accepted, said, corrects=told.corrects).organisation

    @api.get("/organisations/{number}/gate", **LOOKS)
    def show_organisation_gate(number: Number) -> MemberGate:
        """What must be in place before the organisation's segments may carry traffic."""
        inventory = office.inventory()
        missing = tuple(of_member(inventory.member(number)))
        found = tuple(map(gate_answer, gates_of(inventory, number)))
        return MemberGate(organisation=number, open=not missing, missing=missing, segments=found)

    return api


_SAID = {"who": "Kari Nordmann", "reason": "Ny HER-id"}
_CREATED: Final[Mapping[int | str, Any]] = {
    HTTPStatus.CREATED.value: {"model": Organisation, "description": "It is new."}
}
