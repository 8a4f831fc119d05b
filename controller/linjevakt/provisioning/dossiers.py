"""Opens the dossier of a router: one read of the register, and one of the boxes."""

from linjevakt.model.dossier import Dossier, dossier
from linjevakt.store.devices import Devices
from linjevakt.store.register import Register


class Dossiers:
    """What is known of a router by its name, as it is now."""

    def __init__(self, register: Register, devices: Devices) -> None:
        self._register, self._devices = register, devices

    def open(self, router: str) -> Dossier:
        """One router's. Raises NotFoundError for one that is not in the inventory."""
        now = self._register.now()
        now.inventory.router(router)  # who asks for one that is not there hears that, whatever else is wrong
        device = next(iter(self._devices.all([router])), None)
        return dossier(now.inventory, router, revision=now.revision, device=device)

    def names(self) -> tuple[str, ...]:
        """Every router's name, hubs first."""
        return tuple(router.name for router in self._register.now().inventory.routers)
