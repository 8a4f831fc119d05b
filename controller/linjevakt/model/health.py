"""A router's health as polled: one snapshot, comparable, without samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from linjevakt.model import clock
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret

ENTERPRISE: Final = 32473  # ours in OIDs and engine ids; reserved for documentation (RFC 5612)

# What a router may make us keep: of rows so many as a site can have, of what has changed so much as a person reads.
MOST_LINES: Final = 64
MOST_PROBES: Final = 5000
MOST_CHANGES: Final = 32


@dataclass(frozen=True)
class SnmpTarget:
    """Where and how to poll one router over SNMPv3 authPriv; `engine_id` and the localized keys in hex.

    `decoder` is the module that knows what it says (see `Platform`). Only a `hub` may say that somebody else has a
    router's key.
    """

    router: str
    address: str
    user: str
    engine_id: str
    auth_key: Secret
    privacy_key: Secret
    decoder: str
    port: int = 161
    hub: bool = False


@dataclass(frozen=True)
class LineHealth:
    """One line as the router sees it; `rtt_ms` None when unknown.

    `mtu` is the largest packet (octets) that it is said to carry, `path_mtu` what passes to the hub and back.
    """

    name: str
    kind: str
    state: str
    in_use: bool
    rtt_ms: float | None
    changes: int
    address: str
    path_mtu: int | None = None
    mtu: int | None = None

    @property
    def carries(self) -> str:
        """`path MTU 1400 of 1500`; empty for a line that carries what it is said to, or of which that is not known."""
        narrow = self.path_mtu and self.mtu and self.path_mtu < self.mtu
        return Saying("path MTU {} of {}", self.path_mtu, self.mtu) if narrow else ""


@dataclass(frozen=True)
class ProbeHealth:
    """The last run of one service probe; `result` ok, failed or unknown, `kind` empty from an older agent."""

    service: str
    segment: str
    result: str
    at: datetime | None
    milliseconds: float
    detail: str
    kind: str = ""

    @property
    def name(self) -> str:
        """Which it is: a service may be probed in more than one way."""
        return f"{self.service}/{self.segment}{f' ({self.kind})' if self.kind else ''}"


@dataclass(frozen=True)
class DuplicateHealth:
    """Somebody who shows `router`'s certificate to this hub from `address` while that router is at work elsewhere."""

    router: str
    address: str
    attempts: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Health:
    """One poll of one router; when `reachable` is False only `router`, `at` and `detail` mean something.

    `drift`: what is in force and not of the configuration with this hash, or lacking; empty when nothing is.
    """

    router: str
    at: datetime
    reachable: bool
    detail: str = ""
    agent_version: str = ""
    config_hash: str = ""
    config_state: str = ""
    revert_in_s: int = 0
    certificate_expires: datetime | None = None
    tunnel_up: bool = False
    tunnel_age_s: int = 0
    line_in_use: str = ""
    uptime_s: float = 0.0
    lines: tuple[LineHealth, ...] = ()
    probes: tuple[ProbeHealth, ...] = ()
    has_tunnel: bool = True
    duplicates: tuple[DuplicateHealth, ...] = ()
    storage: str = "writable"
    clock: datetime | None = None

    @property
    def clock_behind_s(self) -> float | None:
        """How many seconds its clock is behind ours, as far as the time that the answer takes lets one tell."""
        return (self.at - self.clock).total_seconds() if self.clock else None

    @property
    def clock_fault(self) -> str:
        """What is wrong with its clock; empty if nothing, or if it does not tell."""
        return clock.fault(self.clock, self.at, self.at) if self.clock else ""

    drift: str = ""

    @property
    def state(self) -> str:
        """`ok`, `degraded` (works, but not as ordered) or `down` (no answer, or not the tunnel that it should have)."""
        if not self.reachable or (self.has_tunnel and not self.tunnel_up):
            return "down"
        lines_up = all(line.state != "down" for line in self.lines)
        probes_ok = all(probe.result != "failed" for probe in self.probes)
        settled = self.config_state == "confirmed" and self.storage == "writable" and not self.clock_fault
        as_ordered = lines_up and probes_ok and settled and not self.drift and not self.duplicates
        return "ok" if as_ordered else "degraded"

    @property
    def tunnel(self) -> str:
        """`up`, `down`, or `none` on a router that has none (a hub)."""
        if not self.has_tunnel:
            return "none"
        return "up" if self.tunnel_up else "down"

    @property
    def condition(self) -> Mapping[str, str]:
        """What a person would call a change when it differs: no measurements, no counters."""
        return {
            "state": self.state,
            "tunnel": self.tunnel,
            "line in use": self.line_in_use,
            "disk": self.storage,
            **({"clock": "wrong"} if self.clock_fault else {}),
            "configuration": f"{self.config_state} {self.config_hash[:12]}".strip(),
            "changed by hand": "yes" if self.drift else "",
            **{f"line {line.name}": line.state for line in self.lines},
            **{f"path of {line.name}": line.carries for line in self.lines if line.carries},
            **{f"probe {probe.name}": probe.result for probe in self.probes},
            **{f"key of {found.router}": f"also at {found.address}" for found in reversed(self.duplicates)},
        }


def told(health: Health | None, *, shut_out: bool) -> str:
    """A router's state: that its box is `shut_out` goes before all, `unknown` is one that was never polled."""
    if shut_out:
        return "shut_out"
    return health.state if health else "unknown"


@dataclass(frozen=True)
class Transition:
    """One change of a router's condition; `changes` maps what changed to (before, after), "" for nothing."""

    router: str
    at: datetime
    before: str
    after: str
    changes: Mapping[str, tuple[str, str]]


def transition(before: Health | None, after: Health) -> Transition | None:
    """The change from `before` (None: never polled), None when there is none; details if both polls were answered."""
    if before is None or not (before.reachable and after.reachable):
        old, new = {"state": before.state if before else ""}, {"state": after.state}
    else:
        old, new = dict(before.condition), dict(after.condition)
    changes = {
        name: (old.get(name, ""), new.get(name, "")) for name in {**old, **new} if old.get(name) != new.get(name)
    }
    if not changes:
        return None
    return Transition(after.router, after.at, old["state"], new["state"], _told(changes))


def _told(changes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The first of many; transitions are kept for good, and a router may say something else each time it is asked."""
    told = dict(islice(changes.items(), MOST_CHANGES))
    more = len(changes) - len(told)
    return {**told, "others": ("", f"{more} more changes")} if more else told
