"""The fleet's routers as hosts with groups: addresses and what is known of them, never a secret."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from linjevakt import platforms
from linjevakt.model.inventory import Hub, Inventory, Line, Router, Site
from linjevakt.model.record import Stage
from linjevakt.office import outside
from linjevakt.settings import Settings
from linjevakt.trust.ssh import USER

PLANNED: Final = "planned"  # in the inventory, its keys not known yet


@dataclass(frozen=True)
class Host:
    """One router: `address` is that of its management, `driver` NAPALM's name for its platform, `data` plain values."""

    name: str
    address: str
    driver: str
    groups: tuple[str, ...]
    data: Mapping[str, Any]
    user: str = USER


def hosts(settings: Settings) -> tuple[Host, ...]:
    """Every router of the store's inventory, hubs first.

    Raises NotFoundError when there is no inventory, StorageError when the database is away.
    """
    inventory, stages = outside.inventory_and_stages(settings.url)
    drivers = {name: platform.driver for name, platform in platforms.every(settings.templates).items()}
    return tuple(_hosts(inventory, stages, drivers))


def group(kind: str, value: str) -> str:
    """A group's name, of letters, digits and underscores only: Ansible takes no others."""
    return re.sub(r"[^a-z0-9]", "_", f"{kind}_{value}".lower())


def _hosts(inventory: Inventory, stages: Mapping[str, Stage], drivers: Mapping[str, str]) -> Iterator[Host]:
    for router, lines, facts in _routers(inventory):
        state = stages.get(router.name, PLANNED)
        kinds = {group("line_kind", line.kind) for line in lines}
        hub = {group("hub", facts["hub"])} if facts["hub"] else set()
        groups = {group("platform", router.platform), group("state", state), group("role", facts["role"])}
        yield Host(
            name=router.name,
            address=str(router.management),
            driver=drivers.get(router.platform, router.platform),
            groups=tuple(sorted(kinds | hub | groups)),
            data={**facts, "platform": router.platform, "state": str(state), "lines": [_line(line) for line in lines]},
        )


def _routers(inventory: Inventory) -> Iterator[tuple[Router, tuple[Line, ...], dict[str, Any]]]:
    for hub in inventory.installation.hubs:
        yield hub.router, (hub.line,), _of_hub()
    for site in inventory.sites:
        hub = inventory.hub_of(site)
        yield site.router, site.lines, _of_site(site, hub, inventory.member(site.owner).name)


def _of_hub() -> dict[str, Any]:
    nothing = dict.fromkeys(("site", "site_name", "owner", "owner_name", "hub", "municipality"))
    return {"role": "hub", **nothing, "segments": []}


def _of_site(site: Site, hub: Hub, owner_name: str) -> dict[str, Any]:
    return {
        "role": "site",
        "site": site.key,
        "site_name": site.place.name,
        "owner": site.owner,
        "owner_name": owner_name,
        "hub": hub.router.name,
        "municipality": site.place.municipality,
        "segments": [
            {"name": segment.name, "organisation": segment.organisation, "prefix": str(segment.prefix)}
            for segment in site.segments
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"name": line.name, "kind": str(line.kind), "provider": line.provider, "priority": line.priority}
