"""The service catalogue's nouns: what a service needs from firewall, proxy rules and line, and how it is probed."""

from typing import Annotated, Literal

from pydantic import Field

from linjevakt.model.inventory import Noun, Slug, Text

ProbeKind = Literal["dns", "ntp", "http", "http_proxy", "tcp", "pac"]


class Title(Noun):
    """The service's name in the two languages of the UI."""

    nb: Text
    en: Text


class Flow(Noun):
    """Traffic that a segment with the service may send; `to` names a `Service` of the installation."""

    to: Slug
    protocol: Literal["tcp", "udp"]
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...]


class PacRule(Noun):
    """One rule of flex.pac: hosts that match go `direct` or by `proxy`; `internet` is everything else."""

    match: Literal["host", "suffix", "internet"]
    value: str = ""
    via: Literal["direct", "proxy"]


class CatalogueProbe(Noun):
    """How the service shows that it works; `server` names a `Service` of the installation."""

    kind: ProbeKind
    target: str
    server: Slug | None = None


class CatalogueService(Noun):
    """One row of the catalogue (domain.md section 9). `minimum_mbit` is needed both ways."""

    key: Slug
    title: Title
    flows: tuple[Flow, ...] = ()
    pac: tuple[PacRule, ...] = ()
    minimum_mbit: Annotated[float, Field(ge=0)] = 0
    requires: tuple[Text, ...] = ()
    probe: CatalogueProbe | None = None


Catalogue = dict[str, CatalogueService]
