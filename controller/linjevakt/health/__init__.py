"""Asks routers how they are: SNMP rows in, `Health` values and metrics out."""

from typing import Protocol

from linjevakt.model.health import Health, SnmpTarget


class Poller(Protocol):
    """Whatever can ask one router how it is; no answer is a `Health` too, never an error."""

    def poll(self, target: SnmpTarget) -> Health:
        """One poll, retries included."""
        ...


__all__ = ["Poller"]
