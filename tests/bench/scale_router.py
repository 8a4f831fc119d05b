"""One router's order at any size: what the controller does before it logs in, for the last of so many sites."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from statistics import median

from tests.boxes import claim
from tests.registers import save_inventory

from linjevakt.devices import Device, Target
from linjevakt.inventory import generate, load_catalogue
from linjevakt.model.errors import UnreachableError
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

ROUNDS = 15


class _Door:
    """Where the controller would log in: nobody opens, and what was spent until then is told."""

    def __init__(self) -> None:
        self.reached = 0.0

    @contextmanager
    def connect(self, target: Target) -> Iterator[Device]:
        self.reached = time.process_time()
        raise UnreachableError(f"{target.router}: nobody is there")
        yield

    def spent(self, order: Callable[[], object]) -> float:
        """Milliseconds of CPU from the order to the login."""
        begun = time.process_time()
        with suppress(UnreachableError):
            order()
        return 1000 * (self.reached - begun)


def measure(sites: int, url: str) -> dict[str, float]:
    """Milliseconds of CPU, and reads of the register; `url` is an empty database.

    What stays is kept out of the garbage collector's way, as `linjevakt serve` does.
    """
    door = _Door()
    with closing(Store(url)) as store:
        store.migrate()
        save_inventory(store, generate(sites), "bench")
        fleet = Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None), connect=door.connect)
        router = fleet.inventory.sites[-1].router.name
        fleet.boxes.stage(router, claim("BENCH-1"))
        orders: dict[str, Callable[[], object]] = {
            "a plan up to the login": lambda: fleet.pushing.plan(router),
            "a push up to the login": lambda: fleet.pushing.push(router, 60, lambda _step: None),
        }
        spent = {f"{name}, ms CPU": _middle(door, order) for name, order in orders.items()}
        return {**spent, "reads of the register, a plan": _reads(store, orders["a plan up to the login"], door)}


def _middle(door: _Door, order: Callable[[], object]) -> float:
    door.spent(order)
    gc.collect()
    gc.freeze()
    return median(door.spent(order) for _ in range(ROUNDS))


def _reads(store: Store, order: Callable[[], object], door: _Door) -> float:
    """How often the register was asked how it is."""
    asked, now = 0, store.register.now

    def counting() -> object:
        nonlocal asked
        asked += 1
        return now()

    vars(store.register)["now"] = counting
    try:
        door.spent(order)
    finally:
        del vars(store.register)["now"]
    return asked
