"""How the box's clock is, as `run` last found it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from linjevakt_agent.base.paths import Paths

FILE = "clock.json"
"""In `/run/linjevakt` the State; in `/var/lib/linjevakt` the Kept."""


class Kept(msgspec.Struct, frozen=True):
    """When a time server last found the clock right."""

    at: datetime


class State(msgspec.Struct, frozen=True):
    """`behind_s`: how far the clock is behind `server`, None if no time server answers.

    `known_right` (Unix time) and `known_right_boottime` (seconds of CLOCK_BOOTTIME) are one moment in which a time
    server found the clock right; `corrected` tells what was done about it without one.
    """

    behind_s: float | None = None
    server: str | None = None
    known_right: float | None = None
    known_right_boottime: float | None = None
    corrected: str = ""

    @property
    def right(self) -> bool:
        """Whether it has been known right since the box was switched on."""
        return self.known_right is not None


def state(paths: Paths) -> State:
    """The state in this boot; that of nobody who has looked yet if there is none, or none that can be read."""
    try:
        return msgspec.json.decode((paths.run / FILE).read_bytes(), type=State)
    except (OSError, ValueError):
        return State()


def kept(paths: Paths) -> datetime | None:
    """When the clock was last known right, as the disk has it."""
    try:
        return msgspec.json.decode((paths.base / FILE).read_bytes(), type=Kept).at.astimezone(UTC)
    except (OSError, ValueError, OverflowError):  # the last: at the calendar's ends there is no other zone
        return None


def row(paths: Paths) -> dict[str, Any]:
    """The same as the contract's section 2 has it: `{"behind_s", "detail"}`."""
    found = state(paths)
    return {"behind_s": found.behind_s, "detail": "; ".join(filter(None, (_compared(found), found.corrected)))}


def _compared(found: State) -> str:
    if found.behind_s is None:
        return "not compared: no time server answers"
    if abs(found.behind_s) < 1:
        return f"right, says {found.server}"
    return f"WRONG: {abs(found.behind_s):.0f} s {'behind' if found.behind_s > 0 else 'ahead of'} {found.server}"
