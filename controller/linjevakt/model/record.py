"""What the controller remembers of its routers and of what it did to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from linjevakt.model.change import PushState
from linjevakt.model.fields import Text

# How long a router's certificate lives. An address that was given back must stay in quarantine for longer (`rules`).
CERTIFICATE_VALIDITY: Final = timedelta(days=90)
# One that ends so soon should have been renewed long ago: people are warned.
CERTIFICATE_ENDS_SOON: Final = timedelta(days=14)
_LEFTOVER_AFTER: Final = timedelta(minutes=5)  # beyond its timer, a push that holds no lease is over


class Stage(StrEnum):
    """How far a router has come: its keys are known (staged), or it has confirmed a push of ours (live).

    Shut out: its box was stolen, and is trusted no more until another one is staged in its place.
    """

    STAGED = "staged"
    LIVE = "live"
    SHUT_OUT = "shut_out"


class Reason(StrEnum):
    """Why a certificate was revoked before its end. A key that was stolen is never certified again."""

    STOLEN = "stolen"
    REPLACED = "replaced"
    TERMINATED = "terminated"
    SUPERSEDED = "superseded"


def _split(value: object) -> object:
    """Names in one text, as an order keeps them."""
    return tuple(value.split()) if isinstance(value, str) else value


PortName = Annotated[str, Field(pattern=r"^[!-~]{1,15}$")]  # IFNAMSIZ of the Linux kernel, without its end
Ports = Annotated[tuple[PortName, ...], Field(max_length=64), BeforeValidator(_split)]


@dataclass(frozen=True)
class BoxIdentity:
    """What a box says of itself (`linjevakt-agent identity --json`): request for a certificate (PEM), SSH host key.

    `ports` are its sockets; none: its agent is too old to tell.
    """

    csr: str
    ssh_host_key: str
    serial: Text
    ports: Ports = ()


@dataclass(frozen=True)
class DeviceIdentity:
    """A router's own keys as pinned at staging, and the certificate we gave it (PEM); `engine_id` in hex (RFC 3411).

    `ports` are the sockets of its box, as that told when it was staged; none: not known.
    """

    router: str
    serial: str
    host_key: str
    csr: str
    certificate: str
    certificate_serial: str
    certificate_expires: datetime
    engine_id: str
    stage: Stage
    enrolled: datetime
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """A certificate that was issued: serial number and SHA-256 of its key in hex, and the box that it was made for.

    `networks`: the prefixes that no other router's living certificate may name; none of a hub, whose names all of the
    inside. `confirmed`: when its router was first seen to run it. `revoked` and `reason`: it is refused since then.
    """

    serial: str
    router: str
    box: str
    key: str
    networks: tuple[IPv4Network, ...]
    issued: datetime
    expires: datetime
    confirmed: datetime | None = None
    revoked: datetime | None = None
    reason: Reason | None = None

    @property
    def is_of_hub(self) -> bool:
        """Whether sites look at it, too, when their tunnel begins."""
        return not self.networks


@dataclass(frozen=True)
class SeenList:
    """The serial numbers on the revocation list that a router was last seen to run, and when that was."""

    router: str
    seen: datetime
    serials: frozenset[str]


@dataclass(frozen=True)
class ShutOut:
    """A router whose box was stolen and not replaced yet: since when, and who was not seen to refuse it.

    `since` is None for a box that never had a certificate of those that are known.
    """

    router: str
    since: datetime | None
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How trust in routers stands: who is shut out, by name, and what each router was not seen to refuse yet.

    `unrefused` is how many revoked certificates that have not ended that is, 0 for a hub that refuses all it must;
    sites, who must refuse hubs, are in it only while they do not.
    """

    shut_out: Mapping[str, ShutOut]
    unrefused: Mapping[str, int]


def session_name(push: int, worker: str) -> str:
    """The name under which a push holds the router: it says who, and whoever settles the push can say it again."""
    return f"push-{push}-{worker}"


@dataclass(frozen=True)
class PushRecord:
    """One push as written down; `ended` is None while it runs, `worker` says who runs it: `host:pid:` and a token.

    While it runs it holds its router: until `until`, which its worker makes later as long as it lives, or until
    somebody has `broken` that (who, and why). `why`: what it is for. `revision`: the register's that it was made from;
    None for one from before that was written down.
    """

    id: int
    router: str
    state: PushState
    reason: str
    started: datetime
    ended: datetime | None
    worker: str
    revert_in_s: int
    candidate_hash: str
    plan_hash: str = ""
    diff: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)
    proof: tuple[Mapping[str, object], ...] = ()
    revision: int | None = None
    why: str | None = None
    until: datetime | None = None
    broken: str | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether its worker may still be at it."""
        return self.broken is None and now < self.held_until

    @property
    def held_until(self) -> datetime:
        """Until when, unless its worker says more; one that a program began which knew no leases, while it can last."""
        return self.until or self.started + timedelta(seconds=self.revert_in_s) + _LEFTOVER_AFTER

    @property
    def session(self) -> str:
        """The lock's name on the router while this push runs."""
        return session_name(self.id, self.worker)
