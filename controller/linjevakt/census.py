"""Takes the census of the fleet: what register, pins and pushes say; no router is asked."""

from collections.abc import Iterator

from linjevakt.model.census import Census, OpenOrder, RouterFacts
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Inventory, Line
from linjevakt.provisioning.fleet import Fleet


def take(fleet: Fleet) -> Census:
    """The fleet now; an installation without an inventory has nobody."""
    now = fleet.store.register.now()
    try:
        routers = tuple(_routers(now.inventory))
    except NotFoundError:
        routers = ()
    orders = tuple(
        OpenOrder(order.number, order.kind, order.site or "", order.trouble.at if order.trouble else None)
        for order in now.orders
        if order.is_open
    )
    return Census(
        fleet.now, routers, frozenset(fleet.store.devices.stages()), fleet.store.pushes.proven_hashes(), orders
    )


def _routers(inventory: Inventory) -> Iterator[RouterFacts]:
    for hub in inventory.installation.hubs:
        yield RouterFacts(hub.router.name, "hub", "", hub.router.name, ())
    for site in inventory.sites:
        lines = tuple(_line(line) for line in site.lines)
        yield RouterFacts(site.router.name, "site", site.key, inventory.hub_of(site).router.name, lines)


def _line(line: Line) -> tuple[str, str, str]:
    return line.name, line.kind.value, line.provider
