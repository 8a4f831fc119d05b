"""The agent's own configuration files as types: what `network.toml`, `agent.toml` and `secrets.toml` may say."""

from typing import Annotated, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
InterfaceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9.-]{0,14}\Z")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
LineKind = Literal["own_isp", "nhn_delivered", "mobile"]
Method = Literal["static", "dhcp"]
Policy = Literal["put_back", "tell"]
ProbeKind = Literal["dns", "ntp", "http", "http_proxy", "tcp", "pac"]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value that refuses fields it does not know, so that a misspelt setting is an error and not a silence."""


class Management(Strict, frozen=True):
    """The address (IPv4, a /32 on the loopback interface) at which SSH and SNMP answer."""

    address: str


class Addressing(Strict, frozen=True, omit_defaults=True):
    """How a line gets its address; `address` (with prefix length) and `gateway` go with `method = "static"`."""

    method: Method
    address: str | None = None
    gateway: str | None = None

    def __str__(self) -> str:
        return self.method if self.address is None else f"{self.method} {self.address}"


class Link(Strict, frozen=True):
    """One interface that the configuration claims: a physical one, or VLAN `vlan` on `parent` (IEEE 802.1Q).

    `mtu` is the largest packet that its provider says it carries.
    """

    name: InterfaceName
    parent: InterfaceName | None = None
    vlan: Annotated[int, msgspec.Meta(ge=1, le=4094)] | None = None


class Line(Link, frozen=True, kw_only=True):
    """One WAN; `name` is the interface. How it is configured to be addressed, and how else it may be."""

    kind: LineKind
    method: Method
    priority: Annotated[int, msgspec.Meta(ge=1, le=8)]
    address: str | None = None
    gateway: str | None = None
    mtu: Annotated[int, msgspec.Meta(ge=576, le=1500)] | None = None
    alternative: tuple[Addressing, ...] = ()

    @property
    def table(self) -> int:
        """The routing table that holds this line's own default route."""
        return 100 + self.priority

    @property
    def addressing(self) -> Addressing:
        """How it is addressed."""
        return Addressing(method=self.method, address=self.address, gateway=self.gateway)

    @property
    def addressings(self) -> tuple[Addressing, ...]:
        """Every addressing that the line may have, the configured one first."""
        return self.addressing, *self.alternative

    def addressed(self, by: Addressing) -> "Line":
        """Return the line as it is when `by` is in force."""
        return msgspec.structs.replace(self, method=by.method, address=by.address, gateway=by.gateway)


class LanPort(Link, frozen=True, kw_only=True):
    """One LAN segment's interface, and the router's addresses there."""

    addresses: tuple[str, ...]


class Route(Strict, frozen=True):
    """A static route; `unreachable` keeps inside traffic from leaking in clear text when the tunnel is down."""

    prefix: str
    type: Literal["unreachable", "via"]
    metric: Annotated[int, msgspec.Meta(ge=0, le=4294967295)] = 0
    via: str | None = None


class Watch(Strict, frozen=True):
    """How each line is probed: an IKE packet to `target` every `interval_ms`, down after `missed` without answer.

    `tunnel_mtu` is the largest packet in the tunnel, as long as every line carries what becomes of it.
    """

    target: str
    port: Port = 500
    interval_ms: Annotated[int, msgspec.Meta(ge=20, le=60000)] = 150
    missed: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    backup_interval_ms: Annotated[int, msgspec.Meta(ge=20, le=600000)] = 1000
    recover_after_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 3.0
    tunnel_mtu: Annotated[int, msgspec.Meta(ge=512, le=1438)] = 1400


class Network(Strict, frozen=True):
    """`network.toml`; no line may be given an address of the `reserved` networks, which are others' inside."""

    management: Management
    reserved: tuple[str, ...] = ()
    line: tuple[Line, ...] = ()
    port: tuple[LanPort, ...] = ()
    route: tuple[Route, ...] = ()
    watch: Watch | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        """Lines and ports."""
        return (*self.line, *self.port)

    @property
    def vlans(self) -> tuple[Link, ...]:
        """Those of the links that are made, on a parent."""
        return tuple(link for link in self.links if link.parent)

    @property
    def parents(self) -> frozenset[str]:
        """The interfaces that carry VLANs, whether or not they are links themselves."""
        return frozenset(link.parent for link in self.links if link.parent)


class System(Strict, frozen=True):
    """What sysContact and sysLocation (SNMPv2-MIB) say."""

    contact: str = ""
    location: str = ""


class Tunnel(Strict, frozen=True):
    """The name of the IKE connection in `swanctl.conf` that leads to the hub."""

    connection: Name


class SnmpUser(Strict, frozen=True):
    """An SNMPv3 user with authPriv; its localized keys stand in `secrets.toml`."""

    name: Name
    auth: Literal["sha256", "sha512"] = "sha256"
    privacy: Literal["aes128", "aes256"] = "aes128"


class Snmp(Strict, frozen=True):
    """Where the SNMPv3 responder listens and who may ask; `engine_id` is hexadecimal (RFC 3411, 5 to 32 octets)."""

    listen: str
    engine_id: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2}){5,32}\Z")]
    port: Port = 161
    user: tuple[SnmpUser, ...] = ()


class Probe(Strict, frozen=True):
    """One check that a service works for a segment; run every `every_s` seconds and whenever a proof asks."""

    service: Name
    segment: Name
    kind: ProbeKind
    source: str
    target: str
    server: str | None = None
    every_s: Annotated[float, msgspec.Meta(ge=1, le=86400)] = 30.0
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 3.0


class Revoked(Strict, frozen=True):
    """A certificate that is good no more: its serial number, as `ca.crl` lists it, and whose it was (IKE identity)."""

    serial: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{1,40}$")]
    router: Name

    @property
    def number(self) -> int:
        """The serial number."""
        return int(self.serial, 16)


class Agent(Strict, frozen=True):
    """`agent.toml`; `drift` says what the guard does about what was changed by hand."""

    router: Name
    snmp: Snmp
    drift: Policy = "put_back"
    system: System = System()
    tunnel: Tunnel | None = None
    probe: tuple[Probe, ...] = ()
    revoked: tuple[Revoked, ...] = ()


Secrets = dict[str, str]
