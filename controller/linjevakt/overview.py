"""The fleet as one list: what the inventory, the last poll, the last push and the register of trust say of a router."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from linjevakt.model import lookup
from linjevakt.model.change import PushState
from linjevakt.model.health import DuplicateHealth, Health, Transition, told
from linjevakt.model.inventory import Hub, Inventory, Router, Site
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord, ShutOut, Stage
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet

_NO_TERMS: Final = (None, None)
WORST_FIRST: Final = ("shut_out", "down", "degraded", "unknown", "ok")
"""The states of a router."""


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
        return _ends(self.health, self.certificate.expires if self.certificate else None)

    @property
    def certificate_revoked(self) -> datetime | None:
        """Since when the certificate that it runs is revoked: all that a box had that was shut out are."""
        terms = (self.certificate.expires, self.certificate.revoked) if self.certificate else _NO_TERMS
        return _revoked(self.witness.shut_out, self.health, terms)

    def days_left(self, now: datetime) -> int | None:
        """Whole days until the certificate that it runs ends, none if it is revoked; None where none is known."""
        if self.certificate_revoked:
            return 0
        return (self.certificate_expires - now).days if self.certificate_expires else None

    @property
    def state(self) -> str:
        """`shut_out`; else `ok`, `degraded`, `down`, or `unknown` when it was never polled."""
        return told(self.health, shut_out=self.witness.shut_out is not None)


@dataclass(frozen=True)
class Row:
    """What a list shows of one router; the two moments are those of `Overview.certificate_expires` and `_revoked`.

    `site_name` is empty for a hub; `push` is how the last one ended, and when it began.
    """

    router: str
    site_name: str
    stage: Stage | None
    state: str
    line_in_use: str
    push: tuple[PushState, datetime] | None
    certificate_expires: datetime | None
    certificate_revoked: datetime | None


def rows(fleet: Fleet) -> Iterator[Row]:
    """Every router of the inventory, hubs first; of 10,000 no more is read than is shown."""
    now, store = fleet.store.register.now(), fleet.store
    names = {hub.router.name: "" for hub in now.installation.hubs}
    names |= {site.router.name: site.place.name for site in now.sites.values()}
    gone, stages = revocation.standing(fleet).shut_out, store.devices.stages()
    healths = {health.router: health for health in store.healths.current()}
    pushes, terms = store.pushes.outcomes(), store.certificates.terms()
    for router, site_name in names.items():
        health, its = healths.get(router), terms.get(router, _NO_TERMS)
        yield Row(
            router,
            site_name,
            stages.get(router),
            told(health, shut_out=router in gone),
            health.line_in_use if health else "",
            pushes.get(router),
            _ends(health, its[0]),
            _revoked(gone.get(router), health, its),
        )


def _ends(health: Health | None, known: datetime | None) -> datetime | None:
    polled = health.certificate_expires if health and health.reachable else None
    return polled or known


def _revoked(
    gone: ShutOut | None, health: Health | None, terms: tuple[datetime | None, datetime | None]
) -> datetime | None:
    expires, revoked = terms
    return gone.since if gone else revoked if expires == _ends(health, expires) else None


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


@dataclass(frozen=True)
class Extract:
    """Some of many routers: `counts` is how many of the whole fleet are in each state, `number` how many were meant."""

    counts: Mapping[str, int]
    number: int
    rows: tuple[Overview, ...]


def extract(fleet: Fleet, *, state: str | None = None, text: str = "", start: int = 0, limit: int = 100) -> Extract:
    """The routers in a state, whose name, site or owner has the text in it; the worst first, `limit` from `start` on.

    Of all the others no more is read than their state.
    """
    inventory, states = fleet.inventory, _states(fleet)
    meant = [
        name
        for name, end in inventory.by_router.items()
        if state in {None, states[name]} and _is_meant(inventory, end, text.casefold())
    ]
    meant.sort(key=lambda name: WORST_FIRST.index(states[name]))
    return Extract(Counter(states.values()), len(meant), overviews(fleet, meant[start : start + limit]))


def _states(fleet: Fleet) -> Mapping[str, str]:
    """Every router's state, as `told` has it."""
    polled, stages = fleet.store.healths.states(), fleet.store.devices.stages()
    gone = {router for router, stage in stages.items() if stage is Stage.SHUT_OUT}
    return {name: "shut_out" if name in gone else polled.get(name, "unknown") for name in fleet.inventory.by_router}


def _is_meant(inventory: Inventory, end: Hub | Site, text: str) -> bool:
    if not text or text in end.router.name:
        return True
    return isinstance(end, Site) and any(
        text in name.casefold() for name in (end.key, end.place.name, inventory.members[end.owner].name)
    )


def overview(fleet: Fleet, router: str) -> Overview:
    """One router. Raises NotFoundError."""
    for found in overviews(fleet, [router]):
        return found
    raise lookup.no_router(router, fleet.routers())


def transitions(fleet: Fleet, router: str, limit: int) -> tuple[Transition, ...]:
    """How a router's condition has changed, newest first. Raises NotFoundError."""
    if router not in fleet.routers():
        raise lookup.no_router(router, fleet.routers())
    return fleet.store.healths.transitions(router, limit=limit)


def pushes(fleet: Fleet, router: str | None, limit: int) -> tuple[PushRecord, ...]:
    """The latest pushes, newest first; of one router, in the inventory or not any more."""
    return fleet.store.pushes.latest(router, limit=limit)


def healths(fleet: Fleet, after: str, limit: int) -> tuple[Health, ...]:
    """The last poll of the routers whose names come after that one, by name."""
    return fleet.store.healths.after(after, limit)


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
