"""A fleet in memory: a hub and two sites, each a router of its own, over a real store and vault."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.push.fake_router import FakeClock, FakeRouter

from linjevakt.devices import Device, Target
from linjevakt.devices.linjevakt import Loaded
from linjevakt.inventory import load_catalogue
from linjevakt.model.change import PushResult
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.inventory import Inventory
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

HUB, FJELLHEIM, SOLBAKKEN = "hub-oslo", "rtr-fjellheim", "rtr-solbakken"
BOXES = {HUB: "LV-0001", FJELLHEIM: "LV-0011", SOLBAKKEN: "LV-0012"}


class PlainRouter(FakeRouter):
    """Reads no fault into a configuration: a real firewall speaks of `invalid` packets."""

    def load(self, text: str, session: str) -> None:
        self.candidate = Loaded(hash=self._remember(text), session=session)


class Today(FakeClock):
    """Begins today: certificates and the database's own clock go by the same time."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = datetime.now(UTC)

    def now(self) -> datetime:
        return self._begun + timedelta(seconds=self.passed)


@dataclass
class Field:
    """Every router by its name."""

    clock: FakeClock
    store: Store
    routers: dict[str, PlainRouter]
    fleet: Fleet = field(init=False)
    answers: dict[str, Health] = field(default_factory=dict)
    """What each router says of itself over SNMP; one that is not here is silent."""

    def __post_init__(self) -> None:
        vault = Vault(self.store, SealKey.generate())
        self.fleet = Fleet(self.store, vault, load_catalogue(None), connect=self.connect, clock=self.clock, poller=self)

    @contextmanager
    def connect(self, target: Target) -> Iterator[Device]:
        with self.routers[target.router].connect(target) as device:
            yield device

    def poll(self, target: SnmpTarget) -> Health:
        """See linjevakt.health.Poller."""
        now = self.clock.now()
        silent = Health(target.router, now, reachable=False, detail="no answer to SNMP (timeout)")
        return replace(self.answers.get(target.router, silent), at=now)

    def cut(self, router: str, *, until: float = 1e9) -> None:
        """Nothing gets through from now on."""
        self.routers[router].dark.append((self.clock.passed, until))

    def mend(self, router: str) -> None:
        """It answers again."""
        self.routers[router].dark.clear()

    def push(self, router: str) -> PushResult:
        """As people do."""
        return self.fleet.pushing.push(router, 60, lambda _step: None)


def at_work(folder: Path, inventory: Inventory) -> Field:
    """Every router staged and pushed to."""
    clock = Today()
    store = prepared.checked(prepared.migrated(folder), clock=clock.now)
    save_inventory(store, inventory, "kari")
    made = Field(clock, store, {name: PlainRouter(clock) for name in BOXES})
    for router, serial in BOXES.items():
        made.fleet.boxes.stage(router, claim(serial))
        assert made.push(router).ok
    return made
