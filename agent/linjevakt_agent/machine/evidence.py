"""What a box knows of the time without asking anybody, and what its clock should say then. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

TOLERANCE = timedelta(seconds=60)
"""How far a clock may stray from the time counted on since it was last known right; a quartz takes a week for it."""


class Sign(NamedTuple):
    """A moment, and what stands for it."""

    at: datetime
    what: str


class Correction(NamedTuple):
    """What the clock said, what it is to say, and why."""

    was: datetime
    to: datetime
    why: str


@dataclass(frozen=True)
class Evidence:
    """What is known of the time.

    `past`: moments that are certainly over, for they are signed by the CA, or are the software's own date.
    `kept`: when the clock was last known right, before this boot; written down by this box itself.
    `ends`: until when what the tunnel needs is good: a working router's certificate has not ended.
    `reckoned`: the time now, counted on from when the clock was known right in this boot.
    """

    past: tuple[Sign, ...]
    kept: datetime | None = None
    ends: tuple[Sign, ...] = ()
    reckoned: datetime | None = None

    @property
    def floor(self) -> Sign:
        """The newest of what is over; `kept` is one of them unless it lies behind all the certificates' ends."""
        kept = self.kept and Sign(self.kept, "the clock was last known right")
        believed = [kept] if kept and all(kept.at <= end.at for end in self.ends) else []
        return max([*self.past, *believed])

    def correction(self, now: datetime) -> Correction | None:
        """Return what the clock should be set to; None while nothing says that it is wrong.

        What has been counted on in this boot goes before all else. A clock behind the floor is lifted to it. One that
        is past an end goes back to the floor, if that is not past it too: whether the certificate has truly ended is
        judged by the hub, whose clock is good.
        """
        if self.reckoned:
            strayed = abs(now - self.reckoned) > TOLERANCE
            return Correction(now, self.reckoned, "so much has passed since it was known right") if strayed else None
        floor = self.floor
        if now < floor.at:
            return Correction(now, floor.at, f"then {floor.what}")
        end = min(self.ends, default=None)
        if end and floor.at < end.at < now:
            return Correction(now, floor.at, f"{end.what} on {end.at:%Y-%m-%d}; then {floor.what}")
        return None
