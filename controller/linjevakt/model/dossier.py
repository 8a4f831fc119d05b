"""A router, resolved once from one revision of the register: what it is, whose, and where its tunnel leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from linjevakt.model import lookup
from linjevakt.model.inventory import Hub, Installation, Inventory, Organisation, Router, Site
from linjevakt.model.record import DeviceIdentity


@dataclass(frozen=True)
class Dossier:
    """One router, with all that its intent, its plan and its push ask of the register.

    `end` is the hub or the site that it is, `hub` where its tunnel leads (itself for a hub), `members` who own or share
    the site, owner first, and `behind` how many sites a hub has. `device`: its box; None while none was ever staged.
    """

    revision: int
    installation: Installation
    end: Hub | Site
    hub: Hub
    members: Mapping[str, Organisation]
    behind: int
    device: DeviceIdentity | None = None

    @property
    def router(self) -> Router:
        """The router itself."""
        return self.end.router

    @property
    def name(self) -> str:
        """The router's name."""
        return self.end.router.name

    @property
    def site(self) -> Site | None:
        """The site that it is the router of; None for a hub's."""
        return self.end if isinstance(self.end, Site) else None

    @property
    def role(self) -> Literal["hub", "site"]:
        """What the router is."""
        return "site" if self.site else "hub"

    @property
    def box(self) -> DeviceIdentity:
        """The box that it is. Raises NotFoundError when none was ever staged."""
        if self.device is None:
            raise lookup.not_staged(self.name)
        return self.device


def dossier(inventory: Inventory, router: str, *, revision: int = 0, device: DeviceIdentity | None = None) -> Dossier:
    """The dossier of a router. Raises NotFoundError for one that is not there.

    `revision`: the one that the inventory is of; 0 for one that is in no register, as a folder's.
    """
    end = inventory.at(router)
    if isinstance(end, Hub):
        return Dossier(revision, inventory.installation, end, end, {}, len(inventory.behind(router)), device)
    numbers = (end.owner, *(segment.organisation for segment in end.segments))
    members = {number: inventory.member(number) for number in numbers}
    return Dossier(revision, inventory.installation, end, inventory.hub_of(end), members, 0, device)
