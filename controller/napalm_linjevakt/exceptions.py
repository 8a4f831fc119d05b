"""Errors for which NAPALM has no class of its own."""

from napalm.base.exceptions import ConnectionException


def reason(error: Exception) -> str:
    """What went wrong, without the number and the path that `str` of an OSError has."""
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__


class HostKeyException(ConnectionException):  # type: ignore[misc]  # NAPALM ships without types
    """The device showed an SSH host key that is not the one pinned, or none was pinned."""
