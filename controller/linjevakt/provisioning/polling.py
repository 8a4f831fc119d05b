"""Polls routers over SNMP, and remembers what they answer."""

from collections.abc import Callable

from linjevakt.health import Poller
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.inventory import Inventory
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.drafting import Drafting
from linjevakt.store.devices import Devices
from linjevakt.store.healths import Healths
from linjevakt.trust import Vault
from linjevakt.trust.snmp import MasterKeys


class Polling:
    """By a router's name; raises NotFoundError for one that is not in the inventory, or was never staged."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs, and nothing that leads further
        self,
        dossiers: Dossiers,
        drafting: Drafting,
        vault: Vault,
        devices: Devices,
        healths: Healths,
        inventory: Callable[[], Inventory],
        poller: Poller,
    ) -> None:
        self._dossiers, self._drafting, self._vault, self._devices = dossiers, drafting, vault, devices
        self._healths, self._inventory, self._poller = healths, inventory, poller

    def target(self, router: str) -> SnmpTarget:
        """How to poll it."""
        found = self._dossiers.open(router)
        return MasterKeys.of(self._vault).target(
            found.router, found.box, self._drafting.platform(found).decoder, hub=found.role == "hub"
        )

    def targets(self) -> tuple[SnmpTarget, ...]:
        """How to poll every router that is staged."""
        keys, inventory = MasterKeys.of(self._vault), self._inventory()
        staged = [device for device in self._devices.all() if device.router in inventory.by_router]
        routers = [inventory.router(one.router) for one in staged]
        decoders = {name: self._drafting.named(name).decoder for name in {router.platform for router in routers}}
        return tuple(
            keys.target(router, one, decoders[router.platform], hub=inventory.is_hub(router.name))
            for router, one in zip(routers, staged, strict=True)
        )

    def poll(self, router: str) -> Health:
        """Polls it now, and remembers the answer."""
        found = self._poller.poll(self.target(router))
        self._healths.save(found)
        return found
