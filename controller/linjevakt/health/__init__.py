"""Asks routers how they are: SNMP rows in, `Health` values and metrics out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linjevakt.model.health import Health, SnmpTarget

Value = None | str | bytes | int | float
Rows = Mapping[str, Value]
"""Dotted OID without leading dot -> value."""


class Poller(Protocol):
    """Whatever can ask one router how it is; no answer is a `Health` too, never an error."""

    def poll(self, target: SnmpTarget) -> Health:
        """One poll, retries included."""
        ...


@dataclass(frozen=True)
class Decoder:
    """What a platform's routers say over SNMP: which objects and tables to ask for, by OID, and what they mean.

    `decode` takes the target, when it was polled and its rows. Raises DeviceError for rows that are not its.
    """

    scalars: Sequence[str]
    tables: Sequence[str]
    decode: Callable[[SnmpTarget, datetime, Rows], Health]


__all__ = ["Decoder", "Poller", "Rows", "Value"]
