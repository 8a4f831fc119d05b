"""The service catalogue's nouns: what a service needs from firewall, proxy rules and line, and how it is probed."""

from enum import StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from linjevakt.model.fields import Day, Domain, Few, Noun, Port, Slug, Text
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying

ProbeKind = Literal["dns", "ntp", "http", "http_proxy", "tcp", "pac"]
Protocol = Literal["tcp", "udp"]
Ports = Annotated[tuple[Port, ...], Field(min_length=1, max_length=200)]


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ValueError(Saying("is no web address: write https://host/path"))
    return text


class Prerequisite(StrEnum):
    """What must be in place before a segment may order the service (domain.md section 9).

    `membership` is a valid one, its customer agreement included; `approved_supplier` is the row's `supplier`, with an
    agreement that has not run out.
    """

    MEMBERSHIP = "membership"
    HER_ID = "her_id"
    RECORD_SYSTEM = "record_system"
    ENTERPRISE_CERTIFICATE = "enterprise_certificate"
    APPROVED_SUPPLIER = "approved_supplier"


class Title(Phrase):
    """A short text in the two languages of the UI."""

    nb: Text
    en: Text


class Flow(Noun):
    """Traffic that a segment with the service may send; `to` names an `Endpoint` of the installation."""

    to: Slug
    protocol: Protocol
    ports: Ports


class Opening(Noun):
    """What the member opens in another firewall to use the service from the internet; it never crosses our routers."""

    address: IPv4Address
    protocol: Protocol
    ports: Ports


class Supplier(Noun):
    """A third party that delivers the service: approved since when, and the last day of its agreement, if any."""

    name: Text
    approved: Day
    agreement_until: Day | None = None


class Way(Noun):
    """The way that a browser takes: `direct`, or by `proxy`: the installation's `Service` of that key.

    `via: proxy` without `proxy` is by the proxies of the service that takes the whole internet.
    """

    via: Literal["direct", "proxy"]
    proxy: Slug | None = None

    @model_validator(mode="after")
    def _proxy_where_proxied(self) -> Self:
        if self.proxy and self.via == "direct":
            raise ValueError(Saying("`proxy` goes with `via: proxy`; `direct` has none"))
        return self

    @property
    def way(self) -> str:
        """In words: `direct`, `proxy` or the proxy's key."""
        return self.proxy or self.via


class PacRule(Way):
    """One rule of flex.pac: which hosts go which way; `internet` is everything that no other rule is about.

    The proxies of the internet are where the TCP flows of its row go.
    """

    match: Literal["host", "suffix", "internet"]
    value: Domain | None = None

    @model_validator(mode="after")
    def _value_where_matched(self) -> Self:
        if bool(self.value) == (self.match == "internet"):
            raise ValueError(Saying("`value` is the host or suffix that is matched; `internet` has none"))
        if self.proxy and self.match == "internet":
            raise ValueError(Saying("`internet` goes by all the proxies that the row's flows lead to; remove `proxy`"))
        return self

    def covers(self, host: str) -> bool:
        """Whether a host in lower case matches."""
        below = self.match == "suffix" and host.endswith(f".{self.value}")
        return self.match == "internet" or host == self.value or below


class PacTest(Way):
    """What flex.pac must answer a browser, where the service is ordered: in `service lint`, and after every push."""

    url: Annotated[Text, AfterValidator(_web_address)]

    @property
    def host(self) -> str:
        """The URL's host, in lower case."""
        return urlsplit(self.url).hostname or ""


class Probe(Noun):
    """How the service shows that it works; `server` names an `Endpoint` of the installation."""

    kind: ProbeKind
    target: Text
    server: Slug | None = None


class Service(Noun):
    """One row of the catalogue (domain.md section 9).

    `minimum_mbit` is needed both ways. `pac_tests` is the table that flex.pac must satisfy where the service is
    ordered. `notes` is what else the member must know or have, that no rule can check.
    """

    key: Slug
    title: Title
    flows: Annotated[tuple[Flow, ...], Few] = ()
    outside: Annotated[tuple[Opening, ...], Few] = ()
    pac: Annotated[tuple[PacRule, ...], Few] = ()
    pac_tests: Annotated[tuple[PacTest, ...], Few] = ()
    minimum_mbit: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 0
    requires: Annotated[tuple[Prerequisite, ...], Few] = ()
    supplier: Supplier | None = None
    notes: Annotated[tuple[Title, ...], Few] = ()
    probe: Probe | None = None

    @property
    def takes_internet(self) -> bool:
        """Whether the whole internet goes by this service's proxies."""
        return any(rule.match == "internet" for rule in self.pac)


Catalogue = dict[str, Service]
