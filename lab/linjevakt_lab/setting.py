"""What a scenario adds to its inventory: NATs, other providers' cables, spare routers and further ports with a PC."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface
from typing import Self

from pydantic import Field, model_validator

from linjevakt.model.fields import Interface, Noun, Slug


class Behind(StrEnum):
    """How another provider addresses what is plugged in.

    dhcp: a public address is leased. nat: the provider's box leases a private one. cgnat: as nat, and that box has an
    address of the shared space (RFC 6598) behind the provider's own NAT. static: the customer must know its address.
    """

    DHCP = "dhcp"
    NAT = "nat"
    CGNAT = "cgnat"
    STATIC = "static"


class Place(Noun):
    """Another office: a cable of its provider hangs loose there. Only a static one has `address` and `gateway`."""

    name: Slug
    behind: Behind
    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        """Refuse an address where the provider gives one, and a static place without both ends' addresses."""
        if self.behind is not Behind.STATIC:
            if self.address or self.gateway:
                raise ValueError(f"{self.name}: an address and a gateway go with behind: static, not {self.behind}")
        elif not self.address or not self.gateway:
            raise ValueError(f"{self.name}: behind: static needs both address: (with prefix length) and gateway:")
        elif self.gateway not in self.address.network or self.gateway == self.address.ip:
            raise ValueError(f"{self.name}: gateway {self.gateway} must be another address of {self.address.network}")
        return self


class Setting(Noun):
    """The lab around an inventory.

    `behind_nat` names lines (`rtr-x.wan0`), `spare` factory-new routers that the inventory does not have, and
    `extra_ports` for each router the ports on which a PC waits though no segment has them.
    """

    behind_nat: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    spare: tuple[Slug, ...] = ()
    extra_ports: Mapping[Slug, tuple[Interface, ...]] = Field(default_factory=dict)
