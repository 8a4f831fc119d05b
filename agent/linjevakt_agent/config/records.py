"""What the store writes down about configurations: small JSON files, their shapes, how they are written and read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

Outcome = Literal["confirmed", "reverted", "rolled-back"]
T = TypeVar("T")


class Generation(msgspec.Struct, frozen=True):
    """A generation's `meta.json`; `parent` is the generation that was confirmed when this one was committed."""

    generation: int
    hash: str
    committed_at: str
    message: str = ""
    parent: int | None = None


class Candidate(msgspec.Struct, frozen=True):
    """The candidate's `meta.json`: what it hashes to and whose it is."""

    hash: str
    session: str
    loaded_at: str


class Pending(msgspec.Struct, frozen=True):
    """`pending.json`: `generation` is being put in force or waits for its confirmation; `base` is the way back.

    `deadline` (seconds of CLOCK_BOOTTIME) belongs to the state `waiting`.
    """

    generation: int
    base: int | None
    session: str
    state: Literal["applying", "waiting"] = "applying"
    deadline: float | None = None


class Last(msgspec.Struct, frozen=True):
    """`last.json`: how the last transaction ended."""

    outcome: Outcome
    reason: str
    at: str


def now() -> str:
    """Return the time as the contract writes it, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def encode(value: msgspec.Struct) -> str:
    """Return what such a file holds."""
    return msgspec.json.encode(value).decode() + "\n"


def read(path: Path, kind: type[T]) -> T | None:
    """Return what a file holds; None where there is none, or none that is whole."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError):  # not there, or no more: noise is no UTF-8, which is no DecodeError
        return None
