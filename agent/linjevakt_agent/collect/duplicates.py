"""Who has been here with the identity of a router that is at work elsewhere, as a hub's agent writes it."""

from datetime import datetime
from pathlib import Path

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError


class Duplicate(msgspec.Struct, frozen=True):
    """A box that shows `router`'s certificate from `address` while the router itself is at work; times in UTC."""

    router: str
    address: str
    count: int
    first: datetime
    last: datetime


def file(paths: Paths) -> Path:
    """Where they stand: `[{"router", "address", "count", "first", "last"}]`."""
    return paths.run / "duplicates.json"


def read(paths: Paths) -> tuple[Duplicate, ...]:
    """All of them; none before there has been one. Raises CollectError."""
    path = file(paths)
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Duplicate, ...])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise CollectError(f"duplicates: {path}: {reason(error)}") from error


def rows(paths: Paths) -> dict[int, Duplicate]:
    """The same, numbered from 1. Raises CollectError."""
    return dict(enumerate(read(paths), start=1))
