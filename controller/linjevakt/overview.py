"""The fleet as one list: what the inventory, the last poll, the last push and the register of trust say of a router."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from linjevakt.model import lookup
from linjevakt.model.health import DuplicateHealth, Health, told
from linjevakt.model.inventory import Inventory, Router
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord, ShutOut
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet


@dataclass(frozen=True)
class Witness:
    """What is known of a router without its help: all there is while it does not answer.

    `shut_out`: its box was stolen. `unrefused`: of a hub, how many revoked certificates it was not seen to refuse.
    `down_since`: it has been down since then. `hub` and `hub_state` are those of a site, as last polled; `copies` are
    those who show its certificate to that hub from elsewhere. The hub hears no reason why a router does not come: that
    is told by the router alone.
    """

    shut_out: ShutOut | None
    unrefused: int
    down_since: datetime | None
    hub: str
    hub_state: str
    copies: tuple[DuplicateHealth, ...]


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
    witness: Witness

    @property
    def certificate_expires(self) -> datetime | None:
        """When the certificate that it runs ends, as it told at the last poll, or else when it was last pushed to."""
        polled = self.health.certificate_expires if self.health and self.health.reachable else None
        return polled or (self.certificate.expires if self.certificate else None)

    @property
    def certificate_revoked(self) -> datetime | None:
        """Since when the certificate that it runs is revoked: all that a box had that was shut out are."""
        if self.witness.shut_out:
            return self.witness.shut_out.since
        runs_it = self.certificate and self.certificate.expires == self.certificate_expires
        return self.certificate.revoked if self.certificate and runs_it else None

    def days_left(self, now: datetime) -> int | None:
        """Whole days until the certificate that it runs ends, none if it is revoked; None where none is known."""
        if self.certificate_revoked:
            return 0
        return (self.certificate_expires - now).days if self.certificate_expires else None

    @property
    def state(self) -> str:
        """`shut_out`; else `ok`, `degraded`, `down`, or `unknown` when it was never polled."""
        return told(self.health, shut_out=self.witness.shut_out is not None)


def keys(fleet: Fleet) -> Mapping[str, str]:
    """Every router's name by `role/name`: sorted, hubs come first, then all by name."""
    return {f"{_role(site)}/{router.name}": router.name for router, _hub, site, *_ in _places(fleet.inventory)}


def overviews(fleet: Fleet, routers: Collection[str] | None = None) -> tuple[Overview, ...]:
    """Every router of the inventory, hubs first; `routers`: these alone."""
    devices = {device.router: device for device in fleet.store.devices.all(routers)}
    hubs = [hub.router.name for hub in fleet.inventory.installation.hubs]  # they know of their sites
    healths = {one.router: one for one in fleet.store.healths.current(None if routers is None else {*routers, *hubs})}
    pushes = {push.router: push for push in fleet.store.pushes.last(routers)}
    certificates = fleet.store.certificates.running(routers)
    witnesses = _Witnesses(fleet, healths)
    return tuple(
        Overview(
            router,
            _role(site),
            site,
            name,
            owner,
            devices.get(router.name),
            healths.get(router.name),
            pushes.get(router.name),
            certificates.get(router.name),
            witnesses.of(router.name, hub),
        )
        for router, hub, site, name, owner in _places(fleet.inventory)
        if routers is None or router.name in routers
    )


def overview(fleet: Fleet, router: str) -> Overview:
    """One router. Raises NotFoundError."""
    for found in overviews(fleet, [router]):
        return found
    raise lookup.no_router(router, fleet.routers())


def witness(fleet: Fleet, router: str) -> Witness:
    """What is known of one router without its help; of one that has left the inventory, without a hub."""
    inventory = fleet.inventory
    site = inventory.site_at(router)
    hub = inventory.hub_of(site).router.name if site else ""
    healths = {health.router: health for health in fleet.store.healths.current([router, hub])}
    return _Witnesses(fleet, healths).of(router, hub)


class _Witnesses:
    """Reads once what is the same for all."""

    def __init__(self, fleet: Fleet, healths: Mapping[str, Health]) -> None:
        self._standing, self._healths = revocation.standing(fleet), healths
        self._since = fleet.store.healths.since(
            [health.router for health in healths.values() if health.state == "down"]
        )

    def of(self, router: str, hub: str) -> Witness:
        seen = self._healths.get(hub)
        return Witness(
            shut_out=self._standing.shut_out.get(router),
            unrefused=self._standing.unrefused.get(router, 0),
            down_since=self._since.get(router),
            hub=hub,
            hub_state=told(seen, shut_out=hub in self._standing.shut_out) if hub else "",
            copies=tuple(copy for copy in seen.duplicates if copy.router == router) if seen else (),
        )


def _role(site: str) -> Literal["hub", "site"]:
    return "site" if site else "hub"


def _places(inventory: Inventory) -> Iterator[tuple[Router, str, str, str, str]]:
    """Each router with its hub, site, site's name and owner, empty for a hub."""
    for hub in inventory.installation.hubs:
        yield hub.router, "", "", "", ""
    for site in inventory.sites:
        place = site.key, site.place.name, inventory.member(site.owner).name
        yield site.router, inventory.hub_of(site).router.name, *place
