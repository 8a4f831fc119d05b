"""The service catalogue's nouns: what a service needs from firewall, proxy rules and line, and how it is probed."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from linjevakt.model.inventory import Domain, Noun, Port, Slug, Text

ProbeKind = Literal["dns", "ntp", "http", "http_proxy", "tcp", "pac"]


class Prerequisite(StrEnum):
    """What an organisation must have first, beside its membership (domain.md section 9)."""

    HER_ID = "her_id"
    RECORD_SYSTEM = "record_system"
    ENTERPRISE_CERTIFICATE = "enterprise_certificate"


class Title(Noun):
    """A short text in the two languages of the UI."""

    nb: Text
    en: Text


class Flow(Noun):
    """Traffic that a segment with the service may send; `to` names a `Service` of the installation."""

    to: Slug
    protocol: Literal["tcp", "udp"]
    ports: Annotated[tuple[Port, ...], Field(min_length=1)]


class PacRule(Noun):
    """One rule of flex.pac: hosts that match go `direct` or by `proxy`; `internet` is everything else."""

    match: Literal["host", "suffix", "internet"]
    value: Domain | Literal[""] = ""
    via: Literal["direct", "proxy"]

    @model_validator(mode="after")
    def _value_where_matched(self) -> Self:
        if bool(self.value) == (self.match == "internet"):
            raise ValueError("`value` is the host or suffix that is matched; `internet` has none")
        return self


class CatalogueProbe(Noun):
    """How the service shows that it works; `server` names a `Service` of the installation."""

    kind: ProbeKind
    target: Text
    server: Slug | None = None


class CatalogueService(Noun):
    """One row of the catalogue (domain.md section 9).

    `minimum_mbit` is needed both ways. `notes` is what else the member must know or have, that no rule can check.
    """

    key: Slug
    title: Title
    flows: tuple[Flow, ...] = ()
    pac: tuple[PacRule, ...] = ()
    minimum_mbit: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    requires: tuple[Prerequisite, ...] = ()
    notes: tuple[Title, ...] = ()
    probe: CatalogueProbe | None = None


Catalogue = dict[str, CatalogueService]
