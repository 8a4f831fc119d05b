"""Refuses, in one sentence, inventories and settings that the lab cannot show."""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import pairwise

from linjevakt.model.inventory import Inventory, Line, Static
from linjevakt_lab.errors import LabError, UnknownNameError
from linjevakt_lab.setting import Setting
from linjevakt_lab.topology import HOME


def refuse(inventory: Inventory, setting: Setting, own: Mapping[str, IPv4Network]) -> None:
    """Raise LabError for the first that is wrong; `own` are the networks, by name, that every lab uses itself."""
    for router in inventory.routers:
        if router.platform != "linux":
            raise LabError(f"{router.name} has platform {router.platform}: the lab can only show platform linux.")
    if not inventory.installation.hubs:
        raise LabError("The inventory has no hub, so its tunnels would lead nowhere: add one to installation.yaml.")
    _check_nats(inventory, setting)
    _check_names(inventory, setting)
    _check_networks({**own, **fixed_networks(inventory, setting)})


def fixed_networks(inventory: Inventory, setting: Setting) -> dict[str, IPv4Network]:
    """Return the networks that are not the lab's to choose: of fixed lines by `router.line`, of places by name."""
    lines = {
        f"{router}.{line.name}": line.addressing.address.network
        for router, line in _lines(inventory)
        if isinstance(line.addressing, Static)
    }
    return lines | {place.name: place.address.network for place in setting.places if place.address}


def _lines(inventory: Inventory) -> Iterator[tuple[str, Line]]:
    yield from ((hub.router.name, hub.line) for hub in inventory.installation.hubs)
    for site in inventory.sites:
        yield from ((site.router.name, line) for line in site.lines)


def _check_nats(inventory: Inventory, setting: Setting) -> None:
    lines = [f"{site.router.name}.{line.name}" for site in inventory.sites for line in site.lines]
    for name in setting.behind_nat:
        if name not in lines:
            raise UnknownNameError("line of a site (behind_nat)", name, lines)
    fronted = Counter(name.rpartition(".")[0] for name in setting.behind_nat)
    for name, times in fronted.items():
        if times > 1:
            raise LabError(f"behind_nat names two lines of {name}: the lab has one NAT (cpe-{name}) for a router.")


def _check_names(inventory: Inventory, setting: Setting) -> None:
    routers = {router.name for router in inventory.routers}
    sites = {site.router.name for site in inventory.sites}
    for name in setting.spare:
        if name in routers:
            raise LabError(f"{name} is in the inventory, so it is not spare: take it out of spare, or out of there.")
    for name in setting.extra_ports:
        if name not in sites:
            raise UnknownNameError("router of a site (extra_ports)", name, sites)
    for name, times in Counter(place.name for place in setting.places).items():
        if times > 1:
            raise LabError(f"{times} places are named {name}: each needs a name of its own.")
        if name == HOME:
            raise LabError(f"A place cannot be named {HOME}: that is where the inventory has each line.")


def _check_networks(networks: Mapping[str, IPv4Network]) -> None:
    """Refuse networks that share an address; sorted, some two neighbours do if any two do."""
    ordered = sorted(networks.items(), key=lambda named: named[1])
    for (first, wide), (second, other) in pairwise(ordered):
        if wide.overlaps(other):
            raise LabError(
                f"{first} and {second} are both in {wide}: in the lab each line and each place has its own network."
            )
