"""Polls the whole fleet round after round, spread evenly over each round, on a few threads."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Final

import structlog

from linjevakt.health import Poller
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.health import Health, SnmpTarget, Transition

log = structlog.get_logger(__name__)

THREADS: Final = 32
_BATCH: Final = 500  # polls in one transaction
_LOOK_S: Final = 0.2
_AWAY: Final = frozenset({"", "down"})


class Watch:
    """Polls what `targets` answers each `every_s` seconds; `record` gets the results, `observe` each poll's seconds."""

    def __init__(
        self,
        targets: Callable[[], Sequence[SnmpTarget]],
        poller: Poller,
        record: Callable[[Sequence[Health]], None],
        *,
        every_s: float = 30.0,
        observe: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._targets, self._poller, self._record = targets, poller, record
        self._every_s, self._observe = every_s, observe
        self._done: SimpleQueue[Health] = SimpleQueue()
        self._busy: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Polls until `stop` is set; what cannot be read or recorded is logged and tried again in the next round."""
        recorder = threading.Thread(target=self._keep_recording, args=(stop,), name="health-recorder")
        recorder.start()
        with ThreadPoolExecutor(THREADS, "health-poller") as pool:
            while not stop.is_set():
                self._round(pool, stop)
            pool.shutdown(wait=False, cancel_futures=True)
        recorder.join()

    def _round(self, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        begun = time.monotonic()
        targets = self._known()
        for number, target in enumerate(targets):
            if stop.wait(max(0.0, begun + number * self._every_s / len(targets) - time.monotonic())):
                return
            if target.router not in self._busy:
                self._busy.add(target.router)
                pool.submit(self._poll, target)
        stop.wait(max(0.0, begun + self._every_s - time.monotonic()))

    def _known(self) -> Sequence[SnmpTarget]:
        try:
            return self._targets()
        except LinjevaktError as error:
            log.warning("nothing to poll", reason=str(error))
            return ()

    def _poll(self, target: SnmpTarget) -> None:
        begun = time.monotonic()
        try:
            self._done.put(self._poller.poll(target))
        except Exception:  # a thread's edge: without this a fault in the poller would stay silent
            log.exception("poll failed", router=target.router)
        finally:
            self._busy.discard(target.router)
            self._observe(time.monotonic() - begun)

    def _keep_recording(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._record_some()
        self._record_some()

    def _record_some(self) -> None:
        batch = self._take()
        try:
            if batch:
                self._record(batch)
        except LinjevaktError as error:
            log.warning("health not recorded", polls=len(batch), reason=str(error))
        except Exception:  # a thread's edge: without this one fault would end all recording
            log.exception("health not recorded", polls=len(batch))

    def _take(self) -> list[Health]:
        batch: list[Health] = []
        try:
            batch.append(self._done.get(timeout=_LOOK_S))
            while len(batch) < _BATCH:
                batch.append(self._done.get_nowait())
        except Empty:
            pass
        return batch


class Recorder:
    """Writes down what polls have found, tells of what has changed, and of whom was heard again."""

    def __init__(
        self,
        save: Callable[[Sequence[Health]], Sequence[Transition]],
        waiting: Sequence[Callable[[Sequence[str]], None]],
    ) -> None:
        self._save, self._waiting = save, waiting

    def __call__(self, healths: Sequence[Health]) -> None:
        """Of one batch."""
        changes = self._save(healths)
        _tell(*changes)
        back = [change.router for change in changes if change.before in _AWAY and change.after not in _AWAY]
        for heard_of in self._waiting if back else ():
            heard_of(back)


def _tell(*transitions: Transition) -> None:
    for change in transitions:
        log.info("condition changed", router=change.router, before=change.before, after=change.after, **_words(change))


def _words(change: Transition) -> dict[str, str]:
    return {name.replace(" ", "_"): f"{before} -> {after}" for name, (before, after) in change.changes.items()}
