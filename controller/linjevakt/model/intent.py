"""The intent for one router: everything its templates need, resolved, and nothing else."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from linjevakt.model.inventory import Line
from linjevakt.model.secret import Secret


@dataclass(frozen=True)
class FlowIntent:
    """A resolved flow: `ports` may be empty (all)."""

    service: str
    to: IPv4Network
    protocol: Literal["tcp", "udp", "any"]
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class ProbeIntent:
    """A resolved probe; `server` as `host` or `host:port`."""

    service: str
    segment: str
    kind: str
    source: IPv4Address
    target: str
    server: str | None = None


@dataclass(frozen=True)
class SegmentIntent:
    """One LAN: addresses, DHCP range, services' flows, ordered blocks, guaranteed and ceiling rates in kbit/s."""

    name: str
    organisation: str
    interface: str
    parent: str | None
    vlan: int | None
    prefix: IPv4Network
    gateway: IPv4Address
    dhcp_first: IPv4Address
    dhcp_last: IPv4Address
    share: int
    flows: tuple[FlowIntent, ...] = ()
    blocks: tuple[FlowIntent, ...] = ()


@dataclass(frozen=True)
class PacIntent:
    """flex.pac's content: `host:port` of the proxies, what goes direct; first match wins, the rest goes by proxy."""

    proxies: tuple[str, ...]
    direct_hosts: tuple[str, ...]
    direct_suffixes: tuple[str, ...]
    direct_networks: tuple[IPv4Network, ...]
    proxied_hosts: tuple[str, ...] = ()
    proxied_suffixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tunnel:
    """The IKEv2 tunnel: who, to whom, and the selectors. A hub (`remote is None`) answers whoever our CA certified."""

    connection: str
    identity: str
    remote: IPv4Address | None
    remote_identity: str | None
    local_networks: tuple[IPv4Network, ...]
    remote_networks: tuple[IPv4Network, ...]


@dataclass(frozen=True)
class Identity:
    """What trust gives a router: certificates (PEM), who may log in, SNMP engine and localized keys (hex)."""

    certificate: str
    ca: str
    authorized_keys: tuple[str, ...]
    snmp_user: str
    snmp_engine_id: str
    secrets: dict[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class Intent:
    """One router's whole intent. A bootstrap intent (staging) has lines, tunnel and management, but no segments."""

    router: str
    platform: str
    role: Literal["site", "hub"]
    location: str
    contact: str
    management: IPv4Address
    management_networks: tuple[IPv4Network, ...]
    inside: tuple[IPv4Network, ...]
    lines: tuple[Line, ...]
    tunnel: Tunnel
    identity: Identity
    segments: tuple[SegmentIntent, ...] = ()
    inside_port: str | None = None
    inside_address: str | None = None
    up_kbit: int = 100_000
    down_kbit: int = 100_000
    pac: PacIntent | None = None
    pac_host: str = ""
    dns_servers: tuple[IPv4Address, ...] = ()
    ntp_servers: tuple[IPv4Address, ...] = ()
    probes: tuple[ProbeIntent, ...] = ()
