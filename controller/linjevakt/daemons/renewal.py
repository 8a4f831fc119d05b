"""By itself: renews certificates well before they end, a few routers at once, and brings out the revocation list."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from linjevakt.model.errors import BusyError, LinjevaktError
from linjevakt.model.record import Certificate, DeviceIdentity, Stage
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.trust import ca

log = structlog.get_logger(__name__)

AT_ONCE: Final = 4  # routers; 10,000 that are spread over 15 days are one in two minutes
REVERT_IN_S: Final = 60
_LOOK_S: Final = 10.0
_DUE_EVERY_S: Final = 300.0  # to ask who is due groups all certificates: 80 ms at 10,000 routers
_ASK_EVERY_S: Final = 600.0  # a hub may have been given another list behind our back
_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 6 * 3600.0  # a month holds many of those
_LONGEST_UNREFUSED_S: Final = 300.0  # while someone who was shut out is still let in
_TOLD_AT_ONCE: Final = 40  # routers in a look: thousands of sites that must refuse a hub keep no renewal waiting


@dataclass(frozen=True)
class _Attempt:
    """The last one at a router that failed: how many there were, and when the next one may be (monotonic, s)."""

    count: int
    again: float


class _Pauses:
    """Twice as long a pause after each failure at a router, at most `longest_s`."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._failed: dict[str, _Attempt] = {}

    def may(self, router: str) -> bool:
        found = self._failed.get(router)
        return found is None or time.monotonic() >= found.again

    def fail(self, router: str) -> None:
        found = self._failed.get(router)
        count = found.count + 1 if found else 1
        pause = min(self._longest_s, _FIRST_PAUSE_S * 2 ** min(count - 1, 20))
        self._failed[router] = _Attempt(count, time.monotonic() + pause)

    def end(self, router: str) -> None:
        self._failed.pop(router, None)


def due(fleet: Fleet) -> tuple[str, ...]:
    """The routers at work whose certificate's time has come, the one that ends first first."""
    soon = fleet.store.certificates.running(ends_by=fleet.now + ca.RENEW_FROM)
    ripe = {name: one for name, one in soon.items() if fleet.now >= ca.renewal(name, one.expires)}
    known = fleet.inventory.by_router
    silent = {
        health.router for health in fleet.store.healths.current(ripe) if not health.reachable
    } | fleet.boxes.find_without_hub().keys()
    found = [ripe[box.router] for box in fleet.store.devices.all(ripe) if _may_renew(ripe[box.router], box)]
    return tuple(one.router for one in sorted(found, key=_end) if one.router in known and one.router not in silent)


def _end(one: Certificate) -> float:
    return one.expires.timestamp()


def _may_renew(one: Certificate, device: DeviceIdentity) -> bool:
    """A router whose box was swapped, but not pushed to, runs no certificate of ours that we know of."""
    return device.stage is Stage.LIVE and one.box == device.serial


class Renewal:
    """Keeps nothing that matters: whatever dies is found due again, by this or by another controller."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._renewals, self._lists = _Pauses(_LONGEST_PAUSE_S), _Pauses(_LONGEST_UNREFUSED_S)
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

    def heard_of(self, routers: Iterable[str]) -> None:
        """These routers were away and have answered: nothing need wait longer for them."""
        for router in routers:
            self._renewals.end(router)
            self._lists.end(router)

    def _revocations(self) -> None:
        """Who was not seen to refuse whom it must is brought the list; now and then each hub is asked."""
        fleet = self._fleet
        if time.monotonic() >= self._asked + _ASK_EVERY_S and fleet.store.certificates.revoked_serials(fleet.now):
            self._asked = time.monotonic()
            revocation.ask(fleet)
        names = [router for router in revocation.behind(fleet) if self._lists.may(router)][:_TOLD_AT_ONCE]
        silent = revocation.enforce(fleet, only=names, patience_s=0.0)
        for one in silent:
            self._lists.fail(one.router)
        if silent:  # one line, however many they are
            log.warning("revocation not in force", routers=len(silent), reason=revocation.named(silent))
        for router in set(names) - {one.router for one in silent}:
            self._lists.end(router)
            log.info("revocation in force", router=router)

    def _due(self) -> Iterator[str]:
        if time.monotonic() < self._looked + _DUE_EVERY_S:
            return
        self._looked, busy = time.monotonic(), self._busy.copy()  # one that ends while we look is found as it was
        for router in due(self._fleet):
            if router not in busy and self._renewals.may(router):
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
            self._renewals.fail(router)
            log.exception("certificate not renewed", router=router)
        finally:
            self._busy.discard(router)

    def _renewed(self, router: str) -> str:
        """Empty when it runs a new certificate, proven; else why not."""
        result = self._fleet.pushing.push_trust(router, REVERT_IN_S, lambda _step: None, "certificate renewed")
        return "" if result.ok else f"{result.state}: {result.reason}"

    def _tell(self, router: str, reason: str) -> None:
        if reason:
            self._renewals.fail(router)
            log.warning("certificate not renewed", router=router, reason=reason)
        else:
            self._renewals.end(router)
            log.info("certificate renewed", router=router)
