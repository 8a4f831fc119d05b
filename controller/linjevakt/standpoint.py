"""From where routers are reached: of one that does not answer it is told if it lets nobody in from this machine."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from linjevakt import devices
from linjevakt.health import Poller
from linjevakt.model.errors import UnreachableError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.saying import Saying, together

_ANY_PORT = 9  # nothing is sent


def source(address: str) -> IPv4Address | None:
    """The address that this machine would come to that one from; None without a way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nothing:
        try:
            nothing.connect((address, _ANY_PORT))
        except OSError:
            return None
        return IPv4Address(nothing.getsockname()[0])


class Standpoint:
    """Logins and polls that tell, once they have failed, that this machine is none of the installation's controllers.

    `controllers` is asked then. A machine behind a NAT may be one all the same, so nothing is refused beforehand.
    """

    def __init__(
        self,
        controllers: Callable[[], Sequence[IPv4Network]],
        connect: devices.Connect,
        poller: Poller,
        source: Callable[[str], IPv4Address | None] = source,
    ) -> None:
        self._asked, self._connect, self._poller, self._source = controllers, connect, poller, source

    @contextmanager
    def connect(self, target: devices.Target) -> Iterator[devices.Device]:
        """See devices.connect."""
        try:
            with self._connect(target) as device:
                yield device
        except UnreachableError as error:
            if not self._is_elsewhere(target.address):
                raise
            raise UnreachableError(Saying("{}; {}", error, self._remedy())) from error

    def poll(self, target: SnmpTarget) -> Health:
        """See Poller. Raises UnreachableError from elsewhere, for silence says nothing of the router then."""
        found = self._poller.poll(target)
        if not found.reachable and self._is_elsewhere(target.address):
            raise UnreachableError(Saying("{}: {}; {}", target.router, found.detail, self._remedy()))
        return found

    def _is_elsewhere(self, address: str) -> bool:
        """A router on this very machine is one of a test."""
        ours = self._source(address)
        return ours is None or not (ours.is_loopback or any(ours in network for network in self._controllers))

    def _remedy(self) -> Saying:
        return Saying(
            "routers let in {controllers} alone (`controllers` of the installation), and this machine is not there: "
            "run it there; for a lab as `lab linjevakt ...`",
            controllers=together(", ", self._controllers),
        )

    @cached_property
    def _controllers(self) -> Sequence[IPv4Network]:
        return self._asked()
