"""The inventory's nouns: organisations, sites and places, lines, segments, routers, hubs and services."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import chain
from typing import Annotated, Literal

from pydantic import Field

from linjevakt.model import lookup
from linjevakt.model.fields import (
    Day,
    Domain,
    Email,
    Few,
    Interface,
    LineName,
    Noun,
    OrganisationNumber,
    Phone,
    Port,
    Slug,
    Text,
)


class Category(StrEnum):
    """Member category (domain.md section 2)."""

    SPECIALIST = "specialist"
    MUNICIPALITY = "municipality"
    COUNTY = "county"
    PRIVATE_HOSPITAL = "private_hospital"
    OTHER = "other"


class LineKind(StrEnum):
    """Who delivers the transport (domain.md section 1)."""

    OWN_ISP = "own_isp"
    NHN_DELIVERED = "nhn_delivered"
    MOBILE = "mobile"


class AgreementName(StrEnum):
    """The agreements that make a membership (domain.md section 3); each is a field of it."""

    TERMS = "terms"
    DATA_PROCESSING = "data_processing"
    CUSTOMER = "customer"


class Agreement(Noun):
    """One accepted agreement: when, by whom, and why that person may sign (domain.md section 3: nobody else can)."""

    accepted: Day
    by: Text
    capacity: Literal["general_manager", "signature_right"]


class Freeze(Noun):
    """A practice that is closed for a while: from when, and since when its register entry and EDI account are inactive.

    `reopen` is the day the member expects to be back, if it knows (domain.md section 7).
    """

    since: Day
    register_inactive: Day
    edi_inactive: Day
    reopen: Day | None = None


class Exclusion(Noun):
    """A service that the network has closed for a member; without `service` all of them (domain.md section 8)."""

    service: Slug | None = None
    since: Day
    reason: Text


class Membership(Noun):
    """The three agreements that every organisation number needs before it may carry traffic (domain.md section 3).

    `frozen` while the practice is closed, `ended` from the last day of a membership that is no more.
    """

    terms: Agreement | None = None
    data_processing: Agreement | None = None
    customer: Agreement | None = None
    frozen: Freeze | None = None
    ended: Day | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the agreements that are not accepted yet."""
        return tuple(name.value for name in AgreementName if getattr(self, name) is None)


class Contact(Noun):
    """Whom to call."""

    name: Text
    phone: Phone
    email: Email | None = None


class Organisation(Noun):
    """A legal entity with its 9-digit organisation number (mod-11), its membership and what it has in place.

    `her_id` is the identifier in the address register, `register_note` what is to be known of its entry there,
    `record_system` the approved record system, `enterprise_certificate` the last day of the certificate (domain.md
    sections 2 and 9), `administrator` the one who manages its users (section 11).
    """

    number: OrganisationNumber
    name: Text
    category: Category = Category.OTHER
    membership: Membership = Membership()
    contacts: Annotated[tuple[Contact, ...], Few] = ()
    her_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    record_system: Text | None = None
    enterprise_certificate: Day | None = None
    administrator: Contact | None = None
    register_note: Text | None = None
    exclusions: Annotated[tuple[Exclusion, ...], Few] = ()


class Place(Noun):
    """Where a router stands, floor and room included (domain.md section 3)."""

    key: Slug
    name: Text
    street: Text
    postcode: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    city: Text
    municipality: Text
    floor: Text
    room: Text


class Static(Noun):
    """A fixed WAN address with prefix length, and the ISP's gateway in the same network."""

    method: Literal["static"] = "static"
    address: IPv4Interface
    gateway: IPv4Address


class Dhcp(Noun):
    """The WAN address comes by DHCP, behind NAT or not."""

    method: Literal["dhcp"] = "dhcp"


class Pppoe(Noun):
    """The WAN address comes by dialling in (RFC 2516), where the router's platform can: `platform.toml` says so."""

    method: Literal["pppoe"] = "pppoe"


Addressing = Annotated[Static | Dhcp | Pppoe, Field(discriminator="method")]


class Line(Noun):
    """One WAN of a site. Rates in Mbit/s. `business` is the owner's word that the subscription is a business one.

    `name` is the interface: a port of the router (`wan0`), or a VLAN on one where the provider tags it (`wan0.102`).
    `alternatives` is how else the provider may address it: the router tries them in turn while the line does not work.
    `mtu` is the largest IPv4 packet, in octets, that the provider says it carries; the router finds less by itself.
    """

    name: LineName
    kind: LineKind
    provider: Text
    addressing: Addressing = Dhcp()
    alternatives: Annotated[tuple[Addressing, ...], Few] = ()
    priority: Annotated[int, Field(ge=1, le=8)] = 1
    down_mbit: Annotated[int, Field(ge=1, le=100_000)] = 100
    up_mbit: Annotated[int, Field(ge=1, le=100_000)] = 100
    mtu: Annotated[int, Field(ge=576, le=1500)] | None = None
    business: bool = False
    fault_phone: Phone | None = None

    @property
    def port(self) -> str:
        """The router's port that the line is plugged into."""
        return self.name.partition(".")[0]

    @property
    def vlan(self) -> int | None:
        """The VLAN on the port; None for a line that is not tagged, which some makes write as `.0`."""
        tag = self.name.partition(".")[2]
        return int(tag or 0) or None


class Block(Noun):
    """An outbound block that the member has ordered (domain.md section 9: nothing outbound is blocked by default)."""

    to: IPv4Network
    protocol: Literal["tcp", "udp", "any"] = "any"
    ports: Annotated[tuple[Port, ...], Few] = ()
    reason: Text


class Segment(Noun):
    """One organisation's LAN: a port or a VLAN on it, a prefix (its first host is the router), a share of the line."""

    name: Slug
    organisation: OrganisationNumber
    port: Interface
    vlan: Annotated[int, Field(ge=1, le=4094)] | None = None
    prefix: IPv4Network
    share: Annotated[int, Field(ge=1, le=100)] = 100
    services: Annotated[tuple[Slug, ...], Few] = ("internet", "dns", "ntp")
    blocks: Annotated[tuple[Block, ...], Few] = ()

    @property
    def interface(self) -> str:
        """The interface's name on the router."""
        return f"{self.port}.{self.vlan}" if self.vlan else self.port

    @property
    def gateway(self) -> IPv4Address:
        """The router's own address in the segment: the prefix's first host."""
        return self.prefix.network_address + 1


class Sharing(Noun):
    """The owner's written confirmation that an organisation may share the line (domain.md section 6)."""

    organisation: OrganisationNumber
    confirmed: Day
    document: Text


class Router(Noun):
    """A customer router: identity, platform folder, management address (/32) inside the tunnel."""

    name: Slug
    platform: Slug = "linux"
    management: IPv4Address
    serial: Text | None = None


class Site(Noun):
    """Owner + place + router + lines + the segments of those who share it: one connection to the health network.

    Files, register and API have always called the place `site`, and go on doing so.

    `hub` names the router of the hub that the tunnel leads to; without it, the installation's first.
    `ended` is the last day of a connection that was terminated: it carries nothing, but its router is not back yet.
    """

    owner: OrganisationNumber
    place: Annotated[Place, Field(alias="site")]
    router: Router
    lines: Annotated[tuple[Line, ...], Few]
    segments: Annotated[tuple[Segment, ...], Few]
    sharing: Annotated[tuple[Sharing, ...], Few] = ()
    hub: Slug | None = None
    ended: Day | None = None

    @property
    def key(self) -> str:
        """The site's key: one connection a site."""
        return self.place.key


class Hub(Noun):
    """The other end of the tunnels: a router of the fleet too."""

    router: Router
    line: Line
    inside_port: Interface
    inside_address: IPv4Interface


class Endpoint(Noun):
    """An address of a service behind the hub, that catalogue rows name by `key`."""

    key: Slug
    address: IPv4Address
    port: Port | None = None
    names: Annotated[tuple[Domain, ...], Few] = ()


class Pool(Noun):
    """Where new segments get their prefixes from, each of `prefix_length` unless the order says another."""

    key: Slug
    network: IPv4Network
    prefix_length: Annotated[int, Field(ge=8, le=30)] = 24


class Installation(Noun):
    """What is the same for the whole fleet. `controllers` is where logins to routers come from, and polls.

    `management` is the pool of the routers' own addresses, which are their ends of the tunnels; `pools` are those of
    segments. An address that was given back is not used again for `quarantine_days`, which is longer than any
    certificate lives that names it.
    """

    test: bool = False
    inside: Annotated[tuple[IPv4Network, ...], Field(min_length=1, max_length=200)]
    inside_domains: Annotated[tuple[Domain, ...], Few] = ("nhn.no",)
    pac_host: Domain = "config.nhn.no"
    management: IPv4Network
    pools: Annotated[tuple[Pool, ...], Few] = ()
    quarantine_days: Annotated[int, Field(ge=0, le=3650)] = 120
    controllers: Annotated[tuple[IPv4Network, ...], Field(min_length=1, max_length=200)]
    support_phone: Phone = "02017"
    hubs: Annotated[tuple[Hub, ...], Field(min_length=1, max_length=200)]
    endpoints: Annotated[tuple[Endpoint, ...], Few, Field(alias="services")]


class Inventory(Noun):
    """The whole fleet, already validated as one; what is asked for by name is found by an index, made once."""

    installation: Installation
    organisations: tuple[Organisation, ...]
    sites: tuple[Site, ...]

    @cached_property
    def routers(self) -> tuple[Router, ...]:
        """Every router of the fleet, hubs first."""
        return tuple(end.router for end in self.by_router.values())

    @cached_property
    def by_router(self) -> Mapping[str, Hub | Site]:
        """The two kinds of end by the name of its router, hubs first."""
        ends: Iterable[Hub | Site] = chain(self.installation.hubs, self.sites)
        return {end.router.name: end for end in ends}

    @cached_property
    def by_key(self) -> Mapping[str, Site]:
        """The sites by key."""
        return {site.key: site for site in self.sites}

    @cached_property
    def members(self) -> Mapping[str, Organisation]:
        """The organisations by number."""
        return {organisation.number: organisation for organisation in self.organisations}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Every router as `hub/NAME` or `site/NAME`, sorted: hubs come first, then all by name."""
        kinds = (("hub" if isinstance(end, Hub) else "site", name) for name, end in self.by_router.items())
        return tuple(sorted(f"{kind}/{name}" for kind, name in kinds))

    @cached_property
    def _of_member(self) -> Mapping[str, tuple[Site, ...]]:
        found: dict[str, list[Site]] = {}
        for site in self.sites:
            for number in dict.fromkeys((site.owner, *(segment.organisation for segment in site.segments))):
                found.setdefault(number, []).append(site)
        return {number: tuple(sites) for number, sites in found.items()}

    @cached_property
    def _behind(self) -> Mapping[str, tuple[Site, ...]]:
        found: dict[str, list[Site]] = {}
        for site in self.sites:
            found.setdefault(self.hub_of(site).router.name, []).append(site)
        return {hub: tuple(sites) for hub, sites in found.items()}

    def at(self, router: str) -> Hub | Site:
        """What the router is: a hub, or a site's. Raises NotFoundError."""
        if router not in self.by_router:
            raise lookup.no_router(router, self.by_router)
        return self.by_router[router]

    def router(self, name: str) -> Router:
        """One router. Raises NotFoundError."""
        return self.at(name).router

    def site(self, key: str) -> Site:
        """One site. Raises NotFoundError."""
        if key not in self.by_key:
            raise lookup.no_site(key, self.by_key)
        return self.by_key[key]

    def site_at(self, router: str) -> Site | None:
        """The site of that router; None for a hub's, and for one that is not there."""
        found = self.by_router.get(router)
        return found if isinstance(found, Site) else None

    def member(self, number: str) -> Organisation:
        """One organisation. Raises NotFoundError."""
        if number not in self.members:
            raise lookup.no_organisation(number, self.members)
        return self.members[number]

    def sites_of(self, number: str) -> tuple[Site, ...]:
        """The sites that an organisation owns or shares."""
        return self._of_member.get(number, ())

    def is_hub(self, router: str) -> bool:
        """Whether a hub's router is called so."""
        return isinstance(self.by_router.get(router), Hub)

    def hub_of(self, site: Site) -> Hub:
        """The hub that the connection's tunnel leads to: the one it names, else the first."""
        named = (hub for hub in self.installation.hubs if hub.router.name == site.hub)
        return next(named, self.installation.hubs[0])

    def behind(self, hub: str) -> tuple[Site, ...]:
        """The sites whose tunnels lead to the hub of that router."""
        return self._behind.get(hub, ())
