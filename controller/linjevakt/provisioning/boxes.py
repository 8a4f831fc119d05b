"""The boxes that are routers: staged, revoked, shut out; what the database knows of them, and no router is asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from linjevakt.model.change import Candidate
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Certificate, Reason, Stage
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.drafting import Drafting
from linjevakt.provisioning.push import Clock
from linjevakt.store.certificates import Certificates
from linjevakt.store.devices import Devices
from linjevakt.trust import Vault
from linjevakt.trust.enrol import claimed, enrol, key_of


class Boxes:
    """By a router's name; raises NotFoundError for one that is not in the inventory, where a box is to be it."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs, and nothing that leads further
        self,
        dossiers: Dossiers,
        drafting: Drafting,
        vault: Vault,
        devices: Devices,
        certificates: Certificates,
        inventory: Callable[[], Inventory],
        clock: Clock,
    ) -> None:
        self._dossiers, self._drafting, self._vault = dossiers, drafting, vault
        self._devices, self._certificates = devices, certificates
        self._inventory, self._clock = inventory, clock

    def stage(self, router: str, box: Mapping[str, Any]) -> Candidate:
        """Pins what `linjevakt-agent identity --json` printed on the box; answers the configuration to start it with.

        Any other box that was the router is revoked. Raises InvalidInputError when that is no identity, ConflictError
        when it is another box than the one expected.
        """
        self.pin(router, box)
        self.revoke_others(router, Reason.SUPERSEDED)
        return self._drafting.candidate(self._dossiers.open(router), bootstrap=True)

    def pin(self, router: str, box: Mapping[str, Any]) -> None:
        """Makes the box the router; the former one may still come as it until it is revoked. Raises as `stage`."""
        enrol(self._vault, self._dossiers.open(router), claimed(box), self._clock.now())

    def bootstrap(self, router: str, box: Mapping[str, Any]) -> Candidate:
        """What to start a box with that is to be the router later on: another one may still be at work as it."""
        return self._drafting.first(self._dossiers.open(router), claimed(box))

    def read_ports(self, router: str) -> tuple[str, ...]:
        """The sockets of the box that the router is; none when that is not known."""
        return tuple(port for device in self._devices.all([router]) for port in device.ports)

    def read_serials(self) -> Mapping[str, str]:
        """The serial number of the box that each router is, by the router's name."""
        return self._devices.serials()

    def read_serial(self, router: str) -> str | None:
        """The serial number of the box that the router is; None when it was never staged."""
        return self._devices.serials([router]).get(router)

    def forget(self, router: str) -> None:
        """Ends the trust in a router that is no more, whatever box has come as it."""
        self._revoke(self._certificates.all(router=router), Reason.TERMINATED)
        self._devices.remove(router)

    def revoke_others(self, router: str, reason: Reason) -> tuple[Certificate, ...]:
        """Revokes the certificates that other boxes have for the router than the one that it is, or was staged as."""
        keys = {key_of(device) for device in self._devices.all([router])}
        others = [found for found in self._certificates.all(router=router) if found.key not in keys]
        return self._revoke(others, reason)

    def shut_out(self, serial: str) -> tuple[Certificate, ...]:
        """Revokes every certificate of a box that was stolen, and its keys for ever; a router that it is gets no more.

        Whose it was goes by its keys, under whatever serial number they came.
        Answers the certificates that had not ended; `revocation.enforce` makes others refuse them.
        """
        self._devices.shut_out(serial)
        return self.read_certificates(serial)

    def read_certificates(self, serial: str) -> tuple[Certificate, ...]:
        """The certificates of the box of that serial number, by its keys, that have not ended; the latest first."""
        return tuple(one for one in self._certificates.all(box=serial) if one.expires > self._clock.now())

    def is_shut_out(self, router: str) -> bool:
        """Whether the box that is the router was stolen, and no other one is in its place yet."""
        return any(one.stage is Stage.SHUT_OUT for one in self._devices.all([router]))

    def find_without_hub(self) -> Mapping[str, str]:
        """The sites' routers, and the hub of each, that the list of revoked certificates would leave without a tunnel.

        A box that was their hub is on it, and the one in its place has not been pushed to: it may not be there yet.
        """
        if not self._certificates.revoked_hubs(self._clock.now()):
            return {}
        live = {router for router, stage in self._devices.stages().items() if stage is Stage.LIVE}
        inventory = self._inventory()
        hubs = {site.router.name: inventory.hub_of(site).router.name for site in inventory.sites}
        return {router: hub for router, hub in hubs.items() if hub not in live}

    def _revoke(self, found: Iterable[Certificate], reason: Reason) -> tuple[Certificate, ...]:
        living = tuple(one for one in found if one.revoked is None and one.expires > self._clock.now())
        self._certificates.revoke((one.serial for one in living), reason)
        return living
