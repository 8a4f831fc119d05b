"""A socket that gives a router so much time and so many octets, whatever the protocol above it makes of them.

Paramiko waits for each read anew and keeps all that arrives: endless banners, packets that say to be 4 GB long, data
past the window it granted. All of that passes here, and ends here.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from typing_extensions import Buffer, override

_KIB: Final = 1024
# The largest honest answer: a configuration of 8 MiB (the agent takes no larger one), each octet of it escaped in JSON.
ANSWER_LIMIT: Final = 16 * 1024 * _KIB
LOGIN_LIMIT: Final = 256 * _KIB  # octets; key exchange and login take some 5 KiB
_IDLE_LIMIT: Final = 64 * _KIB  # octets between two commands: keep-alives


class SpentError(Exception):
    """The router has had all its time (`slow`) or octets; `str()` says how much that was: `2 s`, `16 MiB`.

    No OSError: paramiko takes those for what passes.
    """

    def __init__(self, allowance: str, *, slow: bool) -> None:
        super().__init__(allowance)
        self.slow = slow


class Wire(socket.socket):
    """Dead from the moment when the allowance is spent: every `recv` and `send` raises SpentError."""

    spent: SpentError | None = None
    _octets, _seconds = LOGIN_LIMIT, float("inf")
    _left, _until = LOGIN_LIMIT, float("inf")

    @contextmanager
    def allowing(self, octets: int, seconds: float) -> Iterator[None]:
        """So much may be received, and so long may it take, while the block runs."""
        self._allow(octets, seconds)
        try:
            yield
        finally:
            self._allow(_IDLE_LIMIT, float("inf"))

    @property
    def seconds_left(self) -> float:
        """Until the allowance ends, and never less than nothing."""
        return max(0.0, self._until - time.monotonic())

    @override
    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As a socket's. Paramiko calls it ten times a second, also when nothing comes."""
        self._require_allowance()
        data = super().recv(min(size, self._left + 1), flags)
        self._left -= len(data)
        self._require_allowance()
        return data

    @override
    def send(self, data: Buffer, flags: int = 0, /) -> int:
        """As a socket's: a router that reads nothing holds us up as well."""
        self._require_allowance()
        return super().send(data, flags)

    def _allow(self, octets: int, seconds: float) -> None:
        self._octets, self._seconds = octets, seconds
        self._left, self._until = octets, time.monotonic() + seconds

    def _require_allowance(self) -> None:
        if self.spent is None and self._left < 0:
            self.spent = SpentError(_size(self._octets), slow=False)
        if self.spent is None and time.monotonic() > self._until:
            self.spent = SpentError(f"{self._seconds:g} s", slow=True)
        if self.spent:
            raise self.spent


def _size(octets: int) -> str:
    return f"{octets // _KIB**2} MiB" if octets >= _KIB**2 else f"{octets // _KIB} KiB"
