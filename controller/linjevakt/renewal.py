"""Renews certificates well before they end, a few routers at once, and brings hubs the revocation list, by itself."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from linjevakt import intent, revocation
from linjevakt.fleet import Fleet
from linjevakt.model.errors import BusyError, LinjevaktError
from linjevakt.model.record import Certificate, DeviceIdentity, Stage
from linjevakt.trust import ca

log = structlog.get_logger(__name__)

AT_ONCE: Final = 4  # routers; 10,000 that are spread over 15 days are one in two minutes
REVERT_IN_S: Final = 60
_LOOK_S: Final = 10.0
_DUE_EVERY_S: Final = 300.0  # to ask who is due reads the whole fleet
_ASK_EVERY_S: Final = 600.0  # a hub may have been given another list behind our back
_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 6 * 3600.0


@dataclass(frozen=True)
class _Attempt:
    """The last one at a router that failed: how many there were, and when the next one may be (monotonic, s)."""

    count: int
    again: float


def due(fleet: Fleet) -> tuple[str, ...]:
    """The routers at work whose certificate's time has come, the one that ends first first."""
    running, inventory = fleet.store.running_certificates(), fleet.inventory
    known = frozenset(router.name for router in inventory.routers)
    silent = {health.router for health in fleet.store.health() if not health.reachable}
    found = [
        (running[device.router], device)
        for device in fleet.store.devices()
        if device.router in known - silent and device.stage is Stage.LIVE and device.router in running
    ]
    return tuple(one.router for one in sorted((one for one, box in found if _is_due(fleet, one, box)), key=_end))


def _end(one: Certificate) -> float:
    return one.expires.timestamp()


def _is_due(fleet: Fleet, one: Certificate, device: DeviceIdentity) -> bool:
    """A router whose box was swapped, but not pushed to, runs no certificate of ours that we know of."""
    return one.box == device.serial and fleet.now >= ca.renewal(one.router, one.expires)


def waits_for_people(fleet: Fleet, router: str) -> bool:
    """Whether its prefixes are to change: a new certificate alone would cut off, or open, what nobody pushed."""
    one = fleet.store.running_certificates()[router]
    if not one.networks:  # a hub's are all of the inside
        return False
    return frozenset(one.networks) != frozenset(intent.prefixes(fleet.inventory, router))


class Renewal:
    """Keeps nothing that matters: whatever dies is found due again, by this or by another controller."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._failed: dict[str, _Attempt] = {}
        self._busy: set[str] = set()
        self._looked, self._asked = -_DUE_EVERY_S, -_ASK_EVERY_S

    def run(self, stop: threading.Event) -> None:
        """Goes on until `stop` is set; a push that has begun by then is ended, no new one begins."""
        with ThreadPoolExecutor(AT_ONCE, "renewal") as pool:
            while not stop.is_set():
                try:
                    self._revocations()
                    for router in self._due():
                        self._busy.add(router)
                        pool.submit(self._renew, router, stop)
                except LinjevaktError as error:
                    log.warning("no certificates to be read", reason=str(error))
                except Exception:  # a thread's edge: without this one fault would end all renewals in silence
                    log.exception("no certificates to be read")
                stop.wait(_LOOK_S)
            pool.shutdown(wait=False, cancel_futures=True)

    def _revocations(self) -> None:
        """Every hub that was not seen to refuse whom it must is brought the list; now and then each one is asked."""
        if time.monotonic() >= self._asked + _ASK_EVERY_S and self._fleet.store.revoked():
            self._asked = time.monotonic()
            revocation.ask(self._fleet)
        hubs = [hub for hub in revocation.behind(self._fleet) if self._may(hub)]
        for silent in revocation.enforce(self._fleet, only=hubs, patience_s=0.0):
            self._fail(silent.hub)
            log.warning("revocation not in force", hub=silent.hub, reason=silent.reason)
        for hub in set(hubs) - set(revocation.behind(self._fleet)):
            self._failed.pop(hub, None)
            log.info("revocation in force", hub=hub)

    def _due(self) -> Iterator[str]:
        if time.monotonic() < self._looked + _DUE_EVERY_S:
            return
        self._looked = time.monotonic()
        for router in due(self._fleet):
            if router not in self._busy and self._may(router):
                yield router

    def _renew(self, router: str, stop: threading.Event) -> None:
        try:
            if not stop.is_set():
                self._tell(router, self._renewed(router))
        except BusyError as error:  # someone is just pushing to it, perhaps this very certificate
            log.info("renewal waits", router=router, reason=str(error))
        except LinjevaktError as error:
            self._tell(router, str(error))
        except Exception:  # a thread's edge: without this a fault would stay silent
            self._fail(router)
            log.exception("certificate not renewed", router=router)
        finally:
            self._busy.discard(router)

    def _renewed(self, router: str) -> str:
        """Empty when it runs a new certificate, proven; else why not."""
        if waits_for_people(self._fleet, router):
            return f"its prefixes are to change, which is people's to push: `linjevakt push {router}` renews it too"
        result = self._fleet.push_trust(router, REVERT_IN_S, lambda _step: None, "certificate renewed")
        return "" if result.ok else f"{result.state}: {result.reason}"

    def _tell(self, router: str, reason: str) -> None:
        if reason:
            self._fail(router)
            log.warning("certificate not renewed", router=router, reason=reason)
        else:
            self._failed.pop(router, None)
            log.info("certificate renewed", router=router)

    def _may(self, router: str) -> bool:
        return router not in self._failed or time.monotonic() >= self._failed[router].again

    def _fail(self, router: str) -> None:
        """Twice as long a pause after each failure, at most six hours: a month holds many of those."""
        count = self._failed[router].count + 1 if router in self._failed else 1
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(count - 1, 20))
        self._failed[router] = _Attempt(count, time.monotonic() + pause)
