"""Those who ask the guard: each one's half-read request and half-sent answer, and what one user may take of us."""

import socket
import struct
import time
from collections.abc import Iterable

from linjevakt_agent.guard.client import LONGEST_REQUEST

ROOT = 0

MOST_CLIENTS = 64
"""Clients at once; the guard must keep file descriptors for putting a configuration back."""

MOST_OF_A_USER = 30
"""Clients of one user at once: nobody keeps the others, root above all, from asking."""

MOST_OCTETS_OF_A_USER = 2 * LONGEST_REQUEST
"""What is held of all requests and answers of one user's clients."""

PATIENCE_S = 10.0
"""For a client to say something, for a request to be whole once begun, and for an answer to be taken."""

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED
_CHUNK = 262144


class Client:
    """One connection; it is heard again when it has taken the answer. Methods raise OSError when it is gone."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)  # noqa: FBT003 - the standard library's way
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        self.connection = connection
        self.user: int = _CREDENTIALS.unpack(peer)[1]
        self.served = time.monotonic()
        self._heard = bytearray()
        self._owed = bytearray()
        self._until = time.monotonic() + PATIENCE_S

    @property
    def held(self) -> int:
        """Octets that we keep for it."""
        return len(self._heard) + len(self._owed)

    @property
    def to_do(self) -> bool:
        """Whether there is an answer to send or a whole request to carry out, before more is read."""
        return bool(self._owed) or self.asks

    @property
    def asks(self) -> bool:
        """Whether there is a whole request to carry out, and no answer to send first."""
        return not self._owed and b"\n" in self._heard

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() > self._until

    def wait(self, seconds: float) -> None:
        """Do not hold against it that we were busy with another for so long."""
        self._until += seconds

    def hear(self) -> None:
        """Take what it has sent. Raises ConnectionError when it has hung up, or is trickling."""
        began = not self._heard
        data = self.connection.recv(_CHUNK)
        self._heard += data
        if began:
            self._until = time.monotonic() + PATIENCE_S
        if not data or len(self._heard) > LONGEST_REQUEST or (self.late and not self.to_do):
            raise ConnectionAbortedError

    def request(self) -> bytes:
        """Return its next whole request, a line; it must `ask`."""
        end = self._heard.index(b"\n")
        line = bytes(self._heard[:end])
        del self._heard[: end + 1]
        self.served = time.monotonic()
        return line

    def answer(self, answer: bytes) -> None:
        """Send, as far as it reads."""
        self._owed += answer
        self._until = time.monotonic() + PATIENCE_S
        self.go_on()

    def go_on(self) -> None:
        """Send what is left of an answer, as far as it reads."""
        while self._owed:
            try:
                sent = self.connection.send(self._owed)
            except BlockingIOError:
                return
            del self._owed[:sent]
            self._until = time.monotonic() + PATIENCE_S


def turn(clients: Iterable[Client]) -> list[Client]:
    """Return whose requests come next: root's first, one of each user, of the client that was served longest ago."""
    asking = sorted((client for client in clients if client.asks), key=lambda client: client.served, reverse=True)
    of_users = {client.user: client for client in asking}
    return sorted(of_users.values(), key=lambda client: (client.user != ROOT, client.served))


def has_room(clients: Iterable[Client], user: int) -> bool:
    """Whether one more of `user` may come."""
    users = [client.user for client in clients]
    return len(users) < MOST_CLIENTS and users.count(user) < MOST_OF_A_USER


def takes_too_much(clients: Iterable[Client], user: int) -> bool:
    """Whether what `user` has us hold is more than one may."""
    return sum(client.held for client in clients if client.user == user) > MOST_OCTETS_OF_A_USER
