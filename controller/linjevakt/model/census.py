"""What the metrics know of the fleet without any router's help: who there is, what was pushed, what orders wait for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class RouterFacts:
    """A router of the inventory; a hub has no `site`, and is its own `hub`. `lines`: (name, kind, provider)."""

    router: str
    role: str
    site: str
    hub: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class OpenOrder:
    """A work order with something left to do; `trouble`: since when the system cannot do its step."""

    number: int
    kind: str
    site: str
    trouble: datetime | None


@dataclass(frozen=True)
class Census:
    """The fleet now; `pushed` tells the hash of what each router was last proven to run."""

    now: datetime
    routers: tuple[RouterFacts, ...] = ()
    staged: frozenset[str] = frozenset()
    pushed: Mapping[str, str] = field(default_factory=dict)
    orders: tuple[OpenOrder, ...] = ()
