"""Hears from the kernel, through rtnetlink, that links, addresses or routes have changed; what, `ip` is asked for."""

import errno
import socket
from pathlib import Path

_NETLINK_ROUTE = 0
_LINK, _ADDRESS, _ROUTE = 0x1, 0x10, 0x40  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE (rtnetlink(7))


_DEVICES = Path("/sys/class/net")


def times_plugged(interface: str) -> int:
    """How often the kernel has seen its carrier come; so a cable that was out for a blink is noticed as well.

    0 when the kernel does not say (before Linux 4.16).
    """
    try:
        return int((_DEVICES / interface / "carrier_up_count").read_text())
    except (OSError, ValueError):
        return 0


class LinkEvents:
    """A socket that becomes readable with every change; it needs no reading of what it says."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _NETLINK_ROUTE)
        self._socket.bind((0, _LINK | _ADDRESS | _ROUTE))

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def drain(self) -> bool:
        """Whether anything has changed since the last call."""
        changed = False
        while True:
            try:
                self._socket.recv(65536)
            except BlockingIOError:
                return changed
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # more has happened than the socket could hold
                    raise
            changed = True

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
