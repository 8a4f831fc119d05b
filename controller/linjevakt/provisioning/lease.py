"""What this process pushes to is its own for as long as its heart beats: one beat for all of its pushes."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

from linjevakt.model.errors import BusyError, ConflictError, LinjevaktError
from linjevakt.model.record import PushRecord
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop
from linjevakt.provisioning.push import Clock

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=20)  # how long a router waits for the worker of another machine that has died
BEAT_S: Final = 5.0  # three may go missing, as when others keep the database busy for 10 s
_LOOK_S: Final = 1.0


class Locks(Protocol):
    """What is written down of who holds what (the store's `Pushes`)."""

    def renew(self, worker: str, until: datetime) -> frozenset[int]:
        """The pushes that are the worker's own still, which they now are until then."""

    def let_go(self, push: int) -> None:
        """Nobody is at it any more."""

    def running(self, router: str) -> PushRecord | None:
        """The push that holds, or has held, the router."""


class Leases:
    """The pushes of this process."""

    def __init__(self, locks: Locks, clock: Clock) -> None:
        self._locks, self._clock = locks, clock
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"  # containers may share the rest
        self._held: set[int] = set()
        self._changed = threading.Condition()
        self._heart: threading.Thread | None = None

    @property
    def until(self) -> datetime:
        """Until when a lease is good that begins, or beats, just now (UTC)."""
        return self._clock.now() + LEASE

    @contextmanager
    def kept(self, push: int) -> Iterator[None]:
        """Keeps the router of a push that has begun while the block runs; a fault in it leaves the router free."""
        self._keep(push)
        try:
            yield
        except BaseException:
            with suppress(LinjevaktError):  # then it is free when the lease ends
                self._locks.let_go(push)
            raise
        finally:
            with self._changed:
                self._held.discard(push)
                self._changed.notify_all()

    def require(self, push: int, router: str) -> None:
        """Raises ConflictError when somebody has taken the router from the push: the last look before it is changed."""
        if push not in self._locks.renew(self.worker, self.until):
            found = self._locks.running(router)
            why = found.broken if found and found.broken else Saying("its lease had run out")
            raise ConflictError(Saying("The push to {router} does not hold it any more: {why}", router=router, why=why))

    def wait_for(self, last: PushRecord, stop: Stop) -> None:
        """Returns when nobody is at a push any more. Raises BusyError as soon as its worker is seen to live."""
        while last.is_held(self._clock.now()):
            if last.id in self._held or last.held_until > self.until:  # nobody else waits for more than a lease
                raise _busy(last)
            stop.check(last.router)
            self._clock.sleep(_LOOK_S)
            now = self._locks.running(last.router)
            if now is None or (now.id, now.until) != (last.id, last.until):
                if now is None or now.broken:
                    return
                raise _busy(now)

    def _keep(self, push: int) -> None:
        with self._changed:
            self._held.add(push)
            if self._heart is None:
                self._heart = threading.Thread(target=self._beat, name="lease", daemon=True)
                self._heart.start()

    def _beat(self) -> None:
        while self._wait():
            try:
                self._locks.renew(self.worker, self.until)
            except LinjevaktError as error:  # the next beat may come in time
                log.warning("leases of %d pushes not renewed: %s", len(self._held), error)
            except Exception:  # a thread's edge: without this one fault would stop the heart for all pushes to come
                log.exception("leases of %d pushes not renewed", len(self._held))

    def _wait(self) -> bool:
        """Until the next beat; False when there is nothing left to hold."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, BEAT_S)
            if not self._held:
                self._heart = None
            return bool(self._held)


def _busy(push: PushRecord) -> BusyError:
    return BusyError(
        Saying(
            "A push to {router} runs already, by {worker}. Wait until it has ended; `linjevakt lock list` shows it.",
            router=push.router,
            worker=push.worker,
        )
    )
