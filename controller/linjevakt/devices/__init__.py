"""The only room that knows NAPALM: a router as the rest of the controller sees it."""

from linjevakt.devices.connection import connect
from linjevakt.devices.device import (
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

__all__ = [
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
