"""How long the web waits for a client, and for how many: uvicorn's HTTP/1.1 with an end to everything.

uvicorn gives a client all the time it wants for its request and for reading the answer, and takes connections until
there are no file descriptors left. Here who is waited for too long is cut off, and when all places are taken the client
that has been waited for longest makes room for a new one: an honest request is there at once and loses nothing.
"""

import asyncio
import logging
import resource
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_S: Final = 20.0  # for a whole request, and for an answer to be read: some MB over a slow line
_PLACES: Final = 512  # connections at once; a browser holds six, Prometheus one
_QUEUE: Final = 256  # connections that wait to be taken
_OTHERS: Final = 128  # descriptors for database, routers and whatever else the process has open

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Room:
    """How many connections there may be, and how many more may wait to be taken: each is a file descriptor."""

    places: int
    queue: int


@cache
def room() -> Room:
    """What this process has; raises its limit of file descriptors as far as is needed and it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _PLACES + _QUEUE + _OTHERS
    if soft < wanted and soft != resource.RLIM_INFINITY:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    quarter = wanted if soft == resource.RLIM_INFINITY else max(1, soft // 4)
    return Room(min(_PLACES, quarter), min(_QUEUE, quarter)) if soft < wanted else Room(_PLACES, _QUEUE)


class PatientProtocol(H11Protocol):
    """One connection."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Takes the place of another when there is none left."""
        super().connection_made(transport)
        self._attend()
        if len(self.connections) > room().places:
            log.warning("all %d places are taken: cut off who was waited for longest", room().places)
            _least_deserving(cast(set[PatientProtocol], self.connections), self).cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        super().connection_lost(exc)
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """More of a request; when it is whole, it is the client who waits."""
        super().data_received(data)
        self._attend()

    def on_response_complete(self) -> None:
        """The answer is on its way: the client has to read it, and may send the next request."""
        self._stop_waiting()
        super().on_response_complete()
        self._attend()

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        super().pause_writing()
        self._attend()

    def resume_writing(self) -> None:
        """It has read what was there."""
        super().resume_writing()
        self._attend()

    @property
    def is_waited_for(self) -> bool:
        """Whether the next thing to happen is the client's."""
        return self.cycle is None or self.cycle.more_body or self.cycle.response_complete or self.flow.write_paused

    @property
    def patience_ends(self) -> float:
        """By the loop's clock; never, while we are at work."""
        return self._timer.when() if self._timer else float("inf")

    def cut(self) -> None:
        """Ends the connection at once: who does not read would hold up an orderly end as well."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.abort()

    def _attend(self) -> None:
        """Waits for the client, from when it became its turn, or not any more."""
        if not self.is_waited_for:
            self._stop_waiting()
        elif self._timer is None:
            self._timer = self.loop.call_later(PATIENCE_S, self.cut)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


def _least_deserving(all_of_them: set[PatientProtocol], newcomer: PatientProtocol) -> PatientProtocol:
    """Of the address that lets us wait most often, who was waited for longest; the newcomer when nobody else is."""
    waited_for = [one for one in all_of_them if one.is_waited_for and one is not newcomer]
    often = Counter(_address(one) for one in waited_for)
    return min(waited_for, key=lambda one: (-often[_address(one)], one.patience_ends), default=newcomer)


def _address(protocol: PatientProtocol) -> str:
    return protocol.client[0] if protocol.client else ""
