"""Takes the census of the fleet: what register, pins and pushes say; no router is asked."""

from collections.abc import Iterator

from linjevakt.model.census import Census, OpenOrder, RouterFacts
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Inventory, Line
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store.snapshot import Snapshot


class Taker:
    """Of one fleet; who is in the inventory is found out anew when that has changed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._counted: tuple[Inventory | None, tuple[RouterFacts, ...]] = None, ()

    def take(self) -> Census:
        """The fleet now; an installation without an inventory has nobody."""
        fleet, now = self._fleet, self._fleet.store.register.now()
        orders = tuple(
            OpenOrder(order.number, order.kind, order.site or "", order.trouble.at if order.trouble else None)
            for order in now.orders
            if order.is_open
        )
        staged = frozenset(fleet.store.devices.stages())
        return Census(fleet.now, self._there(now), staged, fleet.store.pushes.proven_hashes(), orders)

    def _there(self, now: Snapshot) -> tuple[RouterFacts, ...]:
        try:
            inventory = now.inventory
        except NotFoundError:
            return ()
        if inventory is not self._counted[0]:
            self._counted = inventory, tuple(_routers(inventory))
        return self._counted[1]


def _routers(inventory: Inventory) -> Iterator[RouterFacts]:
    for hub in inventory.installation.hubs:
        yield RouterFacts(hub.router.name, "hub", "", hub.router.name, ())
    for site in inventory.sites:
        lines = tuple(_line(line) for line in site.lines)
        yield RouterFacts(site.router.name, "site", site.key, inventory.hub_of(site).router.name, lines)


def _line(line: Line) -> tuple[str, str, str]:
    return line.name, line.kind.value, line.provider
