"""Does the system's turns in orders, each on a thread of its own, and again after a pause when there was trouble.

What was refused for what it is (`Trouble.certain`) has no pause: it is done again when something has changed.
"""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from linjevakt.model.entity import EntityKind
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.order import Order
from linjevakt.workorders.desk import Desk

log = structlog.get_logger(__name__)

THREADS: Final = 16  # most of them wait for a router to come home
_LOOK_S: Final = 1.0
_WAITING_S: Final = 15.0  # steps that wait for a day or an hour become ready without anybody writing anything
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=5)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, then twice as long each time, at most 5 min."""
    doublings = min(max(attempts, 1) - 1, 10)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << doublings))


@dataclass(frozen=True)
class _Attempt:
    """The last one at an order: how many there were, when it ended, and what it left."""

    count: int
    ended: datetime
    left: object


def _now() -> datetime:
    return datetime.now(UTC)


class Runner:
    """Keeps no order for itself: whatever dies is found ready again, by this or by another controller."""

    def __init__(self, desk: Desk, *, clock: Callable[[], datetime] = _now) -> None:
        self._desk, self._clock = desk, clock
        self._register = desk.fleet.store.register
        self._ready: tuple[int, ...] = ()
        self._seen: tuple[int, datetime] | None = None
        self._last: dict[int, _Attempt] = {}
        self._busy: set[int] = set()
        self._urgent: set[int] = set()

    def run(self, stop: threading.Event) -> None:
        """Goes on until `stop` is set; steps that have begun by then are ended, no new one begins."""
        with ThreadPoolExecutor(THREADS, "order") as pool:
            while not stop.is_set():
                for number in self._due():
                    self._busy.add(number)
                    pool.submit(self._advance, number, stop)
                stop.wait(_LOOK_S)
            pool.shutdown(wait=False, cancel_futures=True)

    def nudge(self, number: int, who: str) -> None:
        """Someone wants it tried at once."""
        log.info("order to be tried at once", order=number, who=who)
        self._urgent.add(number)

    def heard_of(self, routers: Collection[str]) -> None:
        """These routers were away and have answered: what waits for them need not wait longer."""
        try:
            now = self._register.now()
            sites = {site.key for router in routers if (site := now.inventory.site_at(router))}
        except LinjevaktError:  # away just now, or no inventory: the pauses are over soon enough
            return
        self._urgent.update(order.number for order in now.orders if order.is_open and order.site in sites)

    def _due(self) -> list[int]:
        """What is to be begun now."""
        try:
            self._look()
            free = [number for number in self._ready if number not in self._busy]
            return [number for number in free if self._is_due(number)]
        except LinjevaktError as error:
            log.warning("no orders to be read", reason=str(error))
        except Exception:  # a thread's edge: without this one fault would end all orders in silence
            log.exception("no orders to be read")
        return []

    def _look(self) -> None:
        """Asks the desk what is ready, when something was written or some time has passed."""
        now = self._clock()
        revision = self._register.revision()
        seen = revision.number if revision else 0
        if self._seen and self._seen[0] == seen and now < self._seen[1] + timedelta(seconds=_WAITING_S):
            return
        self._ready, self._seen = self._desk.ready(), (seen, now)
        for number in set(self._last) - set(self._ready) - self._busy:
            self._last.pop(number, None)

    def _is_due(self, number: int) -> bool:
        if number in self._urgent:
            return True
        order, last = self._desk.order(number), self._last.get(number)
        if last and last.left != self._picture(order):
            return True
        if last and order.trouble and order.trouble.certain:
            return False
        tried = last.ended if last else order.trouble.at if order.trouble else None
        return tried is None or self._clock() >= tried + pause(last.count if last else 1)

    def _advance(self, number: int, stop: threading.Event) -> None:
        self._urgent.discard(number)
        try:
            self._tell(self._desk.run(number, lambda step: self._hear(number, step), going=lambda: not stop.is_set()))
        except LinjevaktError as error:
            log.warning("order not advanced", order=number, reason=str(error))
        except Exception:  # a thread's edge: without this a fault would stay silent
            log.exception("order not advanced", order=number)
        finally:
            self._note(number)
            self._busy.discard(number)

    def _note(self, number: int) -> None:
        """Remembers the attempt, for the pause before the next one."""
        before = self._last.get(number)
        try:
            left: object = self._picture(self._desk.order(number))
        except LinjevaktError:  # the database is away: what it left is not known, and the pause counts
            left = before.left if before else None
        self._last[number] = _Attempt(before.count + 1 if before and before.left == left else 1, self._clock(), left)

    def _picture(self, order: Order) -> object:
        """What an attempt depends on: the order but for its trouble, its site and members, and the installation."""
        entities = self._register.now().entities
        site = entities.get((EntityKind.SITE, order.site or ""))
        members = {order.organisation, *(s.organisation for s in getattr(site, "segments", ()))}
        around = [found for name, found in entities.items() if name[0] is EntityKind.INSTALLATION or name[1] in members]
        return order.model_copy(update={"trouble": None}), site, around

    @staticmethod
    def _hear(number: int, step: str) -> None:
        log.info("order", order=number, step=step)

    @staticmethod
    def _tell(order: Order) -> None:
        if order.trouble:
            log.warning("order in trouble", order=order.number, step=order.step, reason=str(order.trouble.message))
        else:
            log.info("order", order=order.number, state=order.state, next=order.step)
