"""Linjevakt's on-box agent: configuration as a transaction, a watch on every line, health over SNMPv3."""

from datetime import UTC, datetime

__version__ = "0.1.0"
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""Before the day when this version was made, no clock of a box that runs it is right; set with the version."""
