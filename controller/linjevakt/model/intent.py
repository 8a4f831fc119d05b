"""The intent for one router: everything its templates need, resolved, and nothing else."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from linjevakt.model.inventory import Line
from linjevakt.model.secret import Secret


@dataclass(frozen=True)
class FlowIntent:
    """A resolved flow: `ports` may be empty (all). `service` is the catalogue key, or why a member ordered a block."""

    service: str
    to: IPv4Network
    protocol: Literal["tcp", "udp", "any"]
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class RuleIntent:
    """One outbound rule of a segment; the first that matches decides, and what none matches may go inside."""

    verdict: Literal["accept", "drop"]
    flow: FlowIntent


@dataclass(frozen=True)
class ProbeIntent:
    """A resolved probe; `server` as `host` or `host:port`; `target` empty for `pac`, of which the platform knows."""

    service: str
    segment: str
    kind: str
    source: IPv4Address
    target: str
    server: str | None = None


@dataclass(frozen=True)
class SegmentIntent:
    """One LAN: addresses, DHCP range, services' flows, blocks, guaranteed rates in kbit/s (ceiling: the line's)."""

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
    up_kbit: int = 0
    down_kbit: int = 0

    @property
    def rules(self) -> tuple[RuleIntent, ...]:
        """Blocks and flows, the narrowest destination first, a block before a flow to the same destination.

        So "block everything" leaves the services that the member has ordered, while a block of one service's
        address stops it. Without blocks there is nothing to tell apart: outbound is open (domain.md section 9).
        """
        if not self.blocks:
            return ()
        blocks = [RuleIntent("drop", block) for block in self.blocks]
        flows = [RuleIntent("accept", flow) for flow in self.flows]
        return tuple(sorted(blocks + flows, key=lambda rule: -rule.flow.to.prefixlen))


@dataclass(frozen=True)
class PacRuleIntent:
    """One rule of the PAC file on a host name: exactly `value`, or `value` and everything under it; what it answers."""

    match: Literal["host", "suffix"]
    value: str
    answer: str


@dataclass(frozen=True)
class PacCase:
    """What the PAC file must answer a browser for `url`, because `service` was ordered."""

    service: str
    url: str
    answer: str


@dataclass(frozen=True)
class PacIntent:
    """The PAC file's content: the first of `rules` that matches answers, else `answer`; inside networks go direct.

    An answer is what browsers take: `DIRECT`, or `PROXY host:port; ...`. `cases` is what the file must satisfy.
    """

    answer: str
    rules: tuple[PacRuleIntent, ...]
    direct_networks: tuple[IPv4Network, ...]
    cases: tuple[PacCase, ...] = ()


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
class Revoked:
    """A certificate on the revocation list: its serial number in hex, and the router that it is of."""

    serial: str
    router: str


@dataclass(frozen=True)
class Identity:
    """What trust gives a router: certificates (PEM), who may log in, SNMP engine and localized keys (hex).

    `crl`: the revocation list (PEM), empty before the first one; `revoked`: who is on it.
    """

    certificate: str
    ca: str
    authorized_keys: tuple[str, ...]
    snmp_user: str
    snmp_engine_id: str
    secrets: dict[str, Secret] = field(default_factory=dict)
    crl: str = ""
    revoked: tuple[Revoked, ...] = ()


@dataclass(frozen=True)
class Intent:
    """One router's whole intent. A bootstrap intent (staging) has lines, tunnel and management, but no segments.

    `management_networks` may log in to and poll the router; `fleet` holds every router's management address. No line
    of a site may be given an address of the `reserved` networks: services and controllers have them. `revision`: the
    register's, that it was made from.
    """

    router: str
    platform: str
    role: Literal["site", "hub"]
    location: str
    contact: str
    management: IPv4Address
    management_networks: tuple[IPv4Network, ...]
    fleet: IPv4Network
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
    reserved: tuple[IPv4Network, ...] = ()
    probes: tuple[ProbeIntent, ...] = ()
    revision: int = 0
