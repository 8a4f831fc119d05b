"""Errors for which NAPALM has no class of its own."""

from napalm.base.exceptions import ConnectionException


class HostKeyException(ConnectionException):  # type: ignore[misc]  # NAPALM ships without types
    """The device showed an SSH host key that is not the one pinned, or none was pinned."""
