"""The fleet as one list: what the inventory, the last poll and the last push say of each router."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from linjevakt.fleet import Fleet
from linjevakt.model.errors import NotFoundError
from linjevakt.model.health import Health
from linjevakt.model.inventory import Inventory, Router
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord


@dataclass(frozen=True)
class Overview:
    """One router; None where nothing is known yet. A hub has neither site nor owner.

    `certificate` is the newest that the router was seen to run; a newer one may wait for a push.
    """

    router: Router
    role: Literal["hub", "site"]
    site: str
    site_name: str
    owner: str
    device: DeviceIdentity | None
    health: Health | None
    push: PushRecord | None
    certificate: Certificate | None

    @property
    def certificate_expires(self) -> datetime | None:
        """When the certificate that it runs ends, as it told at the last poll, or else when it was last pushed to."""
        polled = self.health.certificate_expires if self.health and self.health.reachable else None
        return polled or (self.certificate.expires if self.certificate else None)

    def days_left(self, now: datetime) -> int | None:
        """Whole days until the certificate that it runs ends; None where none is known."""
        return (self.certificate_expires - now).days if self.certificate_expires else None

    @property
    def state(self) -> str:
        """`ok`, `degraded`, `down`, or `unknown` when it was never polled."""
        return self.health.state if self.health else "unknown"


def overviews(fleet: Fleet) -> tuple[Overview, ...]:
    """Every router of the inventory, hubs first."""
    devices = {device.router: device for device in fleet.store.devices()}
    healths = {health.router: health for health in fleet.store.health()}
    pushes = {push.router: push for push in fleet.store.last_pushes()}
    certificates = fleet.store.running_certificates()
    return tuple(
        Overview(
            router,
            role,
            site,
            name,
            owner,
            devices.get(router.name),
            healths.get(router.name),
            pushes.get(router.name),
            certificates.get(router.name),
        )
        for router, role, site, name, owner in _places(fleet.inventory)
    )


def overview(fleet: Fleet, router: str) -> Overview:
    """One router. Raises NotFoundError."""
    for found in overviews(fleet):
        if found.router.name == router:
            return found
    raise NotFoundError(f"there is no router {router!r} in the inventory")


def _places(inventory: Inventory) -> Iterator[tuple[Router, Literal["hub", "site"], str, str, str]]:
    names = {organisation.number: organisation.name for organisation in inventory.organisations}
    for hub in inventory.installation.hubs:
        yield hub.router, "hub", "", "", ""
    for connection in inventory.connections:
        yield connection.router, "site", connection.key, connection.site.name, names[connection.owner]
