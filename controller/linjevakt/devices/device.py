"""What a router can be asked and told: `Device` by every one, the capabilities by those that have them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from typing import Annotated, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from linjevakt.model.change import Sent, Standing
from linjevakt.model.errors import shortened
from linjevakt.model.health import MOST_LINES, MOST_PROBES
from linjevakt.model.secret import Secret
from linjevakt.model.text import one_line

# What a router may make us keep: of a text so much as a person reads, of rows so many as a site can have.
Told = Annotated[str, AfterValidator(shortened)]
Lines = Field(max_length=MOST_LINES)
Probes = Field(max_length=MOST_PROBES)
Body = Annotated[str, Field(max_length=2 * 1024 * 1024)]  # browsers take a PAC file of 1 MiB


class Answer(BaseModel):
    """A part of a router's answer; a newer agent may say more than we read.

    What it says is shown and kept, so it comes in as plain text of one line, all but the fields in `verbatim`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    verbatim: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*")
    @classmethod
    def _in_plain_text(cls, value: object, info: ValidationInfo) -> object:
        return one_line(value) if isinstance(value, str) and info.field_name not in cls.verbatim else value


class Pending(Answer):
    """A commit that the router undoes by itself in `revert_in_s` unless confirmed; None: it does not say when.

    `session` is empty where the router does not say whose it is.
    """

    session: Told = ""
    revert_in_s: float | None = None


class TunnelState(Answer):
    """The tunnel to the hub, and the line that it rides on."""

    up: bool
    line: Told | None = None
    detail: Told = ""


class LineState(Answer):
    """One line; `up` is None before the first measurement, `method` from an agent that is too old to tell.

    `carrier_changes`: how often its cable has come and gone since the router started; None as `method`.
    """

    name: Told
    up: bool | None
    in_use: bool
    address: Told | None = None
    method: Literal["static", "dhcp"] | None = None
    detail: Told = ""
    carrier_changes: int | None = None


class ProbeAnswer(Answer):
    """One service probe, run when it was asked for; `body` holds the PAC file that a `pac` probe fetched, to be run."""

    verbatim = frozenset({"body"})
    service: Told
    segment: Told
    kind: Told
    ok: bool
    ms: float
    detail: Told = ""
    body: Body = ""


class StorageState(Answer):
    """Whether the router's disk takes writes (`writable`, else `read-only`, `full`, `failing`), and what to do."""

    state: Told = "writable"
    detail: Told = ""


class ClockState(Answer):
    """The box's clock against its time server; `behind_s` is None while none answers."""

    behind_s: float | None
    detail: Told = ""


class RawProof(Answer):
    """What the router itself sees, just now; `tunnel` is None where none is configured (a hub).

    `boot` is another one each time that the router starts, `at` its clock; None, as `clock`, from an agent that is too
    old to tell.
    """

    config_hash: Told
    pending: bool
    boot: Told | None = None
    tunnel: TunnelState | None
    lines: Annotated[tuple[LineState, ...], Lines]
    probes: Annotated[tuple[ProbeAnswer, ...], Probes]
    storage: StorageState = StorageState()
    at: datetime | None = None
    clock: ClockState | None = None


class OpeningAnswer(Answer):
    """One opening, tried now; `open` is None when it could not be tried, `ms` the round trip.

    `required`: whether the tunnel needs it.
    """

    protocol: Literal["udp", "esp"]
    port: int | None
    open: bool | None
    ms: float | None = None
    detail: Told = ""
    required: bool = True

    @property
    def name(self) -> str:
        """`udp 500` or `esp`."""
        return f"{self.protocol} {self.port}" if self.port else self.protocol


class LineOpenings(Answer):
    """One line's openings; `address` is None on a line that has none."""

    name: Told
    address: Told | None
    openings: Annotated[tuple[OpeningAnswer, ...], Lines]

    @property
    def passable(self) -> bool:
        """Whether all that the tunnel needs is open."""
        return all(one.open for one in self.openings if one.required)


class Openings(Answer):
    """What the firewalls on the way to `target` let through; one row, the line asked about."""

    target: Told
    lines: tuple[LineOpenings]


@dataclass(frozen=True)
class Target:
    """How to log in to a router; `session` names the lock on it (empty: random); `timeout_s` holds for each command.

    `adapter` is the module that does (see `Platform`). It lets nobody in whose host key is not `host_key`.
    """

    router: str
    adapter: str
    address: str
    user: str
    private_key: Secret
    host_key: str
    timeout_s: float = 30.0
    session: str = ""
    port: int = 22


class Device(Protocol):
    """An open connection to one router. Every method raises the DeviceError that fits, and nothing else.

    That a method returns is no proof: whoever calls it asks afterwards how it stands.
    """

    def load(self, text: Secret, *, replace: bool) -> None:
        """Make `text` the candidate. Raises RefusedError (not valid) or LockedError."""

    def compare(self) -> str:
        """What the candidate would change, as the router tells; empty when nothing does."""

    def commit(self, revert_in_s: int | None, message: str) -> None:
        """Put the candidate in force, with a revert timer on the router. Raises ApplyError when that fails."""

    def confirm(self) -> None:
        """Stop the revert timer."""

    def rollback(self) -> None:
        """Undo the pending commit."""

    def discard(self) -> None:
        """Throw the candidate away, if there is one, and let go of the lock.

        Raises LockedError when it is another session's.
        """

    def standing(self, sent: Sent) -> Standing:
        """What has become of a commit of ours, looked up on the router."""

    def pending(self) -> Pending | None:
        """The commit that waits for its confirmation, whoever made it."""

    def running_hash(self) -> str:
        """A hash of the running configuration: another one when that changes; empty on a router that has none."""

    def running(self) -> Secret:
        """The running configuration, whole, with its secrets; empty on a router that has none."""


@runtime_checkable
class Provable(Protocol):
    """A router with an agent that proves the site from within."""

    def prove(self) -> RawProof:
        """Run every probe now."""


@runtime_checkable
class Openable(Protocol):
    """A router that can try what the firewalls on its way let through."""

    def openings(self, line: str) -> Openings:
        """Try now what is open on one line; its row is the only one."""


@runtime_checkable
class Lined(Protocol):
    """A router that tells of its lines, though it has no agent."""

    def lines(self) -> tuple[LineState, ...]:
        """Those of the configuration that runs."""


@runtime_checkable
class Reaching(Protocol):
    """A router that tries for us whether it reaches somebody, though it has no agent."""

    def reach(self, to: IPv4Address, source: IPv4Address) -> float | None:
        """The round trip in milliseconds, from that address of its own; None without an answer."""


Connect = Callable[[Target], AbstractContextManager[Device]]
