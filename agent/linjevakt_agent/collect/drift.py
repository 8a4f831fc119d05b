"""What of the box is not as its configuration says, as the guard last saw it."""

import time
from pathlib import Path

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError
from linjevakt_agent.force.drift import Difference

STALE_S = 180.0
"""The guard looks several times a minute, but an apply may take it that long."""


class Drift(msgspec.Struct, frozen=True):
    """`looked` in seconds of CLOCK_BOOTTIME; `held` says why nothing is put back, empty where it is."""

    looked: float
    held: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def detail(self) -> str:
        """What differs, in one line; empty when nothing does."""
        return "; ".join(map(str, self.differences))


def file(paths: Paths) -> Path:
    """Where the guard writes it."""
    return paths.run / "drift.json"


def read(paths: Paths) -> Drift:
    """What differs now; nothing before the guard's first look. Raises CollectError when it looks no more."""
    path = file(paths)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Drift)
    except FileNotFoundError:
        return Drift(0.0)
    except (OSError, ValueError) as error:
        raise CollectError(f"drift: {path}: {reason(error)}") from error
    if (age := time.clock_gettime(time.CLOCK_BOOTTIME) - found.looked) > STALE_S:
        raise CollectError(f"drift: the guard has not looked for {age:.0f} s")
    return found
