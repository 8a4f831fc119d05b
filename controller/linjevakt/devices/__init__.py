"""The only room that knows NAPALM: a router as the rest of the controller sees it."""

from contextlib import AbstractContextManager

from linjevakt.devices.device import (
    ClockState,
    ConfigStatus,
    Connect,
    Device,
    Generation,
    LineOpenings,
    LineState,
    OpeningAnswer,
    Openings,
    Pending,
    ProbeAnswer,
    RawProof,
    Target,
    TunnelState,
)


def connect(target: Target) -> AbstractContextManager[Device]:
    """Log in, and hang up at the end. Raises UnreachableError, HostKeyError or AuthenticationError."""
    from linjevakt.devices import connection  # noqa: PLC0415 - NAPALM loads every driver it has: 0.6 s

    return connection.connect(target)


__all__ = [
    "ClockState",
    "ConfigStatus",
    "Connect",
    "Device",
    "Generation",
    "LineOpenings",
    "LineState",
    "OpeningAnswer",
    "Openings",
    "Pending",
    "ProbeAnswer",
    "RawProof",
    "Target",
    "TunnelState",
    "connect",
]
