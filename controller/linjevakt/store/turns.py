"""Whose turn it is among threads: one is let in at a time, in the order in which they came."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from linjevakt.model.errors import BusyError
from linjevakt.model.saying import Saying


class Turns:
    """Neither `threading.Lock` nor SQLite's lock is fair: whoever comes late may go first, and some never go."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Event] = deque()

    @contextmanager
    def take(self, patience_s: float) -> Iterator[None]:
        """The block is alone. Raises BusyError when its turn does not come in time."""
        mine = Event()
        with self._lock:
            self._waiting.append(mine)
            self._call()
        try:
            if not mine.wait(patience_s):
                raise busy(patience_s)
            yield
        finally:
            with self._lock:
                self._waiting.remove(mine)
                self._call()

    def _call(self) -> None:
        """Lets the first one in."""
        if self._waiting:
            self._waiting[0].set()


def busy(patience_s: float) -> BusyError:
    """What is said to one who has waited in vain."""
    said = Saying("Others have kept the database busy for {seconds} s. Try again.", seconds=f"{patience_s:g}")
    return BusyError(said)
