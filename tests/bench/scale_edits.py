"""Edits at any size: how long a change of one site keeps the others waiting, and two hundred editors at once."""

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from statistics import median
from threading import Barrier, local

from sqlalchemy import event
from tests import prepared
from tests.registers import save_inventory

from linjevakt.inventory import generate
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Site
from linjevakt.store import Store

EDITORS = 200
CONTROLLERS = 2  # stores that the editors are spread over: a queue of one process alone would not be enough
_ROUNDS = 20
_GATES = ("BEGIN IMMEDIATE", "SELECT pg_advisory_xact_lock")


def measure(sites: int, url: str) -> dict[str, float]:
    """Milliseconds, seconds and MiB by what they say; `url` is an empty database, which keeps the fleet."""
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(prepared.checked(url))) for _ in range(CONTROLLERS)]
        stores[0].migrate()
        save_inventory(stores[0], generate(sites), "bench")
        keys = [site.key for site in stores[0].inventory().sites]
        return _alone(stores[0], keys[sites // 2]) | _at_once(stores, keys[:: max(1, sites // EDITORS)][:EDITORS])


def _alone(store: Store, key: str) -> dict[str, float]:
    """Of several changes of one site after the other, the middle one and the longest."""
    _moved(store, key, "0")
    held, whole = list[float](), list[float]()
    for floor in range(1, _ROUNDS + 1):
        with held_for(store) as spans:
            whole.append(_timed(lambda: _moved(store, key, f"{floor}")))  # noqa: B023 - called at once
        held += spans
    return {
        "one site: lock held, ms": 1000 * median(held),
        "one site: lock held at most, ms": 1000 * max(held),
        "one site: whole edit, ms": 1000 * median(whole),
    }


def _at_once(stores: list[Store], keys: list[str]) -> dict[str, float]:
    """All in the same moment, each another site."""
    start = Barrier(len(keys))

    def edit(n: int) -> float | None:
        start.wait()
        try:
            return _timed(lambda: _moved(stores[n % len(stores)], keys[n], "at once"))
        except ConflictError:  # refused for want of patience
            return None

    begun = time.monotonic()
    with ThreadPoolExecutor(len(keys)) as threads:
        waited = list(threads.map(edit, range(len(keys))))
    total = time.monotonic() - begun
    found = stores[0].register.now().inventory.sites
    written = sum(site.place.floor == "at once" for site in found)
    return {
        f"{len(keys)} at once: s": total,
        f"{len(keys)} at once: longest wait, s": max(span for span in waited if span is not None),
        f"{len(keys)} at once: refused": float(waited.count(None)),
        f"{len(keys)} at once: lost": float(len(keys) - waited.count(None) - written),
        "memory at most, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _moved(store: Store, key: str, floor: str) -> None:
    with store.register.edit(Author("bench", "another floor")) as draft:
        site = draft.find(EntityKind.SITE, key)
        assert isinstance(site, Site)
        draft.put(site.model_copy(update={"place": site.place.model_copy(update={"floor": floor})}))


@contextmanager
def held_for(store: Store) -> Iterator[list[float]]:
    """How long each edit in the block has the register's lock, in seconds: from getting it to having given it back."""
    spans, here = list[float](), local()
    engine = store._database.engine  # noqa: SLF001 - the lock is the database's; nothing else knows when it was got

    def got(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(_GATES):
            here.got = time.monotonic()

    def given_back(*_connection: object) -> None:
        if begun := here.__dict__.pop("got", None):
            spans.append(time.monotonic() - begun)

    event.listen(engine, "after_cursor_execute", got)
    event.listen(engine.pool, "reset", given_back)
    try:
        yield spans
    finally:
        event.remove(engine, "after_cursor_execute", got)
        event.remove(engine.pool, "reset", given_back)


def _timed(job: Callable[[], object]) -> float:
    begun = time.monotonic()
    job()
    return time.monotonic() - begun
