"""The parts of provisioning, wired together over one store; whoever needs one of them asks for that part."""

from datetime import datetime
from pathlib import Path
from typing import Final

from linjevakt import devices, pac
from linjevakt.health import Poller
from linjevakt.health.gufo import GufoPoller
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Inventory
from linjevakt.model.stop import Stop
from linjevakt.provisioning.boxes import Boxes
from linjevakt.provisioning.doors import Doors
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.drafting import Drafting
from linjevakt.provisioning.lease import Leases
from linjevakt.provisioning.polling import Polling
from linjevakt.provisioning.proof import Evaluate
from linjevakt.provisioning.push import Clock, WallClock
from linjevakt.provisioning.pushing import Pushing
from linjevakt.provisioning.settling import Settling
from linjevakt.store import Store
from linjevakt.trust import Vault

_APART: Final = pac.Apart()  # what a router serves is what it says, not what we sent


class Fleet:
    """Boxes and trust in them, logging in, pushes, what became of pushes, polls."""

    def __init__(  # noqa: PLR0913 - the composition root wires everything here
        self,
        store: Store,
        vault: Vault,
        catalogue: Catalogue,
        templates: Path | None = None,
        *,
        poller: Poller | None = None,
        connect: devices.Connect = devices.connect,
        clock: Clock | None = None,
        stop: Stop | None = None,
        evaluate: Evaluate = _APART,
    ) -> None:
        clock, self.templates = clock or WallClock(), templates
        self.store, self.stop, self._clock = store, stop or Stop(), clock
        dossiers = Dossiers(store.register, store.devices)
        leases = Leases(store.pushes, clock)
        drafting = Drafting(vault, catalogue, templates, clock)
        self.boxes = Boxes(dossiers, drafting, vault, store.devices, store.certificates, store.inventory, clock)
        self.doors = Doors(dossiers, drafting, vault, store.certificates, connect, clock)
        self.settling = Settling(dossiers, self.doors, store.pushes, store.devices, leases, clock, self.stop)
        opened = dossiers, drafting, self.doors, self.settling, leases
        self.pushing = Pushing(*opened, store, evaluate, clock, self.stop)
        known = vault, store.devices, store.healths, store.inventory
        self.polling = Polling(dossiers, drafting, *known, poller or GufoPoller())

    @property
    def inventory(self) -> Inventory:
        """The inventory as last saved. Raises NotFoundError when there is none."""
        return self.store.inventory()

    @property
    def now(self) -> datetime:
        """The time of day, UTC."""
        return self._clock.now()

    def routers(self) -> tuple[str, ...]:
        """Every router's name, hubs first."""
        return tuple(router.name for router in self.inventory.routers)

    def hubs(self) -> tuple[str, ...]:
        """Every hub's router; none while there is no inventory."""
        try:
            return tuple(hub.router.name for hub in self.store.register.now().installation.hubs)
        except NotFoundError:
            return ()
