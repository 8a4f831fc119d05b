"""The wish to end early, as work sees it: it looks between two of its steps, and never ends in the middle of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

from linjevakt.model.errors import StoppedError
from linjevakt.model.saying import Saying

UNCHANGED: Final = Saying("nothing was changed")


class Stop:
    """One for a process, handed down from its edge; whoever starts work that nobody may end early keeps one unused."""

    def __init__(self) -> None:
        self._wanted = Event()
        self._under_way: set[str] = set()
        self._heeded = 0

    @property
    def wanted(self) -> bool:
        """Whether the work is to end at the next place where that leaves everything whole."""
        return self._wanted.is_set()

    @property
    def is_heeded(self) -> bool:
        """Whether the work at hand looks at the wish; else there is nothing that could be left half done."""
        return self._heeded > 0

    @property
    def under_way(self) -> tuple[str, ...]:
        """The routers that are being pushed to just now."""
        return tuple(sorted(self._under_way))

    def want(self) -> None:
        """From now on it is wanted, for good."""
        self._wanted.set()

    def check(self, whom: str = "", said: str = UNCHANGED) -> None:
        """Raises StoppedError when it is wanted; `said`: what that leaves behind `whom` (a router, an order)."""
        if self.wanted:
            ended = Saying("interrupted; {said}", said=said)
            raise StoppedError(Saying("{}: {}", whom, ended) if whom else ended)

    @contextmanager
    def heeded(self) -> Iterator["Stop"]:
        """Work that looks at the wish itself: nothing else ends it while the block runs."""
        self._heeded += 1
        try:
            yield self
        finally:
            self._heeded -= 1

    @contextmanager
    def pushing_to(self, router: str) -> Iterator[None]:
        """Remembers the router for those who leave while the block runs."""
        self._under_way.add(router)
        try:
            yield
        finally:
            self._under_way.discard(router)
