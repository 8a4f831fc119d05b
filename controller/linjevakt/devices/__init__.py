"""A router as the rest of the controller sees it: one protocol, and an adapter module for each family of platforms."""

from contextlib import AbstractContextManager

from linjevakt.devices.device import (
    ClockState,
    Connect,
    Device,
    Lined,
    LineOpenings,
    LineState,
    Openable,
    OpeningAnswer,
    Openings,
    Pending,
    ProbeAnswer,
    Provable,
    RawProof,
    Reaching,
    Target,
    TunnelState,
)
from linjevakt.platforms import part


def connect(target: Target) -> AbstractContextManager[Device]:
    """Log in, and hang up at the end. Raises UnreachableError, HostKeyError or AuthenticationError.

    Raises TemplateError for an adapter that is none.
    """
    found: Connect = part(target.adapter, "connect")  # loaded no sooner: NAPALM has every driver it knows, 0.6 s
    return found(target)


__all__ = [
    "ClockState",
    "Connect",
    "Device",
    "LineOpenings",
    "LineState",
    "Lined",
    "Openable",
    "OpeningAnswer",
    "Openings",
    "Pending",
    "ProbeAnswer",
    "Provable",
    "RawProof",
    "Reaching",
    "Target",
    "TunnelState",
    "connect",
]
