"""Which configuration runs and whether it is confirmed, read from the store's files without touching them."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError
from linjevakt_agent.config.records import Generation, Pending

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """`hash` is empty when nothing runs; `revert_in_s` is 0 when nothing is pending."""

    state: Literal["confirmed", "pending", "none"]
    hash: str = ""
    revert_in_s: float = 0.0


def read(paths: Paths) -> Config:
    """The running configuration's state now. Raises CollectError."""
    try:
        running = _decode(paths.running / "meta.json", Generation)
        pending = _decode(paths.base / "pending.json", Pending)
        confirmed = _decode(paths.base / "confirmed/meta.json", Generation)
    except (OSError, ValueError) as error:
        raise CollectError(f"config: {paths.base}: {reason(error)}") from error
    return judge(running, confirmed, pending, time.clock_gettime(time.CLOCK_BOOTTIME))


def judge(running: Generation | None, confirmed: Generation | None, pending: Pending | None, now: float) -> Config:
    """The state from the store's files; `now` in seconds of CLOCK_BOOTTIME. Confirmed is what `confirmed` names."""
    if running is None:
        return Config("none")
    if confirmed and running.generation == confirmed.generation:
        return Config("confirmed", running.hash)
    deadline = pending.deadline if pending else None
    return Config("pending", running.hash, 0.0 if deadline is None else max(0.0, deadline - now))


def _decode(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
