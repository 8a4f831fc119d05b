"""What the controller remembers of its routers and of what it did to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from linjevakt.model.change import PushState
from linjevakt.model.inventory import Text


class Stage(StrEnum):
    """How far a router has come: its keys are known (staged), or it has confirmed a push of ours (live)."""

    STAGED = "staged"
    LIVE = "live"


@dataclass(frozen=True)
class BoxIdentity:
    """What a box says of itself (`linjevakt-agent identity --json`): request for a certificate (PEM), SSH host key."""

    csr: str
    ssh_host_key: str
    serial: Text


@dataclass(frozen=True)
class DeviceIdentity:
    """A router's own keys as pinned at staging, and the certificate we gave it (PEM); `engine_id` in hex (RFC 3411)."""

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


def session_name(push: int, worker: str) -> str:
    """The name under which a push holds the router: it says who, and whoever settles the push can say it again."""
    return f"push-{push}-{worker}"


@dataclass(frozen=True)
class PushRecord:
    """One push as written down; `ended` is None while it runs, `worker` is `host:pid` of who runs it."""

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

    @property
    def session(self) -> str:
        """The lock's name on the router while this push runs."""
        return session_name(self.id, self.worker)
