"""The fleet as one list: what the inventory, the last poll, the last push and the register of trust say of a router."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from linjevakt import reach
from linjevakt.model.health import DuplicateHealth, Health, told
from linjevakt.model.inventory import Hub, Inventory, Router, Site
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


def overviews(fleet: Fleet, routers: Collection[str] | None = None) -> tuple[Overview, ...]:
    """Every router of the inventory, hubs first; `routers`: those of these that it has, in their order."""
    inventory = fleet.inventory
    ends = inventory.by_router
    names = tuple(ends) if routers is None else tuple(name for name in routers if name in ends)
    some = None if routers is None else names
    devices = {device.router: device for device in fleet.store.devices.all(some)}
    witnesses = _Witnesses(fleet, some)
    pushes = {push.router: push for push in fleet.store.pushes.last(some)}
    certificates = fleet.store.certificates.running(some)
    return tuple(
        Overview(
            *_place(inventory, ends[name]),
            devices.get(name),
            witnesses.healths.get(name),
            pushes.get(name),
            certificates.get(name),
            witnesses.of(name, _hub(inventory, ends[name])),
        )
        for name in names
    )


def overview(fleet: Fleet, router: str) -> Overview:
    """One router. Raises NotFoundError."""
    for found in overviews(fleet, [router]):
        return found
    raise reach.no_router(fleet.inventory, router)


def witness(fleet: Fleet, router: str) -> Witness:
    """What is known of one router without its help; of one that has left the inventory, without a hub."""
    inventory = fleet.inventory
    end = inventory.by_router.get(router)
    return _Witnesses(fleet, [router]).of(router, _hub(inventory, end) if end else "")


class _Witnesses:
    """Reads once what is the same for all: how the routers are (`routers`: these alone), and how their hubs are."""

    def __init__(self, fleet: Fleet, routers: Collection[str] | None) -> None:
        asked = None if routers is None else {*routers, *fleet.hubs()}  # hubs know of their sites
        self._standing = revocation.standing(fleet, routers)
        self.healths = {one.router: one for one in fleet.store.healths.current(asked)}
        down = [health.router for health in self.healths.values() if health.state == "down"]
        self._since = fleet.store.healths.since(down)

    def of(self, router: str, hub: str) -> Witness:
        seen = self.healths.get(hub)
        return Witness(
            shut_out=self._standing.shut_out.get(router),
            unrefused=self._standing.unrefused.get(router, 0),
            down_since=self._since.get(router),
            hub=hub,
            hub_state=told(seen, shut_out=hub in self._standing.shut_out) if hub else "",
            copies=tuple(copy for copy in seen.duplicates if copy.router == router) if seen else (),
        )


def _place(inventory: Inventory, end: Hub | Site) -> tuple[Router, Literal["hub", "site"], str, str, str]:
    """A router with its role, site, site's name and owner, empty for a hub."""
    if isinstance(end, Hub):
        return end.router, "hub", "", "", ""
    return end.router, "site", end.key, end.place.name, inventory.members[end.owner].name


def _hub(inventory: Inventory, end: Hub | Site) -> str:
    """The router of the hub that the end's tunnel leads to; empty for a hub."""
    return "" if isinstance(end, Hub) else inventory.hub_of(end).router.name
