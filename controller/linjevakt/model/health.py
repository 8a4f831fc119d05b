"""A router's health as polled: one snapshot, comparable, without samples."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LineHealth:
    """One line as the router sees it; `rtt_ms` None when unknown."""

    name: str
    kind: str
    state: str
    in_use: bool
    rtt_ms: float | None
    changes: int
    address: str


@dataclass(frozen=True)
class ProbeHealth:
    """The last run of one service probe; `result` ok, failed or unknown."""

    service: str
    segment: str
    result: str
    at: datetime | None
    milliseconds: float
    detail: str


@dataclass(frozen=True)
class Health:
    """One poll of one router; when `reachable` is False only `router`, `at` and `detail` mean something."""

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

    @property
    def state(self) -> str:
        """`ok`, `degraded` (works, but not as ordered) or `down` (no answer or no tunnel)."""
        if not (self.reachable and self.tunnel_up):
            return "down"
        lines_up = all(line.state == "up" for line in self.lines)
        probes_ok = all(probe.result != "failed" for probe in self.probes)
        return "ok" if lines_up and probes_ok and self.config_state == "confirmed" else "degraded"
