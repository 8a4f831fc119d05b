"""What a site's firewall and its provider must let through for one line, computed from the inventory.

Every platform wraps its tunnel in UDP 4500 from the first packet on, so UDP 500 and bare ESP may stay closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from linjevakt.model.catalogue import Catalogue, Service
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import Noun, Port
from linjevakt.model.inventory import Addressing, Dhcp, Inventory, Line, LineKind, Organisation, Site, Static
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying

_KINDS = {
    LineKind.NHN_DELIVERED: Phrase(nb="levert av NHN (nhn_delivered)", en="delivered by NHN (nhn_delivered)"),
    LineKind.MOBILE: Phrase(nb="ruterens mobile linje (mobile)", en="the router's mobile line (mobile)"),
}


class Opening(Noun):
    """What is to be let out; the answers to it come back by themselves. `ports` are the target's; ESP has none."""

    protocol: Literal["udp", "tcp", "esp"]
    ports: tuple[Port, ...] = ()
    source: Phrase
    target: Phrase
    why: Phrase
    required: bool = True


@dataclass(frozen=True)
class SiteLine:
    """One line of one site, in the inventory that it is part of."""

    inventory: Inventory
    site: Site
    line: Line

    @property
    def name(self) -> str:
        """`ROUTER.LINE`, as people say it."""
        return f"{self.site.router.name}.{self.line.name}"

    @property
    def owner(self) -> Organisation:
        """Whose line it is."""
        return self.inventory.member(self.site.owner)

    @property
    def hub(self) -> IPv4Address:
        """Where the tunnel leads to. Raises InvalidInputError when that has no fixed address."""
        hub = self.inventory.hub_of(self.site)
        if not isinstance(hub.line.addressing, Static):
            raise InvalidInputError(
                Saying("hub {hub} needs a line with a static address: sites call it there", hub=hub.router.name)
            )
        return hub.line.addressing.address.ip

    @property
    def ways(self) -> tuple[Addressing, ...]:
        """How the line may be addressed, the usual way first."""
        return (self.line.addressing, *self.line.alternatives)


def of_line(place: SiteLine) -> tuple[Opening, ...]:
    """What the line needs: the tunnel to the site's hub, and its own address where the provider gives it by DHCP.

    Raises InvalidInputError for a line that is not the member's own.
    """
    if place.line.kind is not LineKind.OWN_ISP:
        raise InvalidInputError(
            Saying(
                "{line} is {kind}: Norsk helsenett keeps it open itself, so nobody needs a letter. Letters are for "
                "lines of the member's own provider (own_isp).",
                line=place.name,
                kind=_KINDS[place.line.kind],
            )
        )
    source, target = _router(place), _same(place.hub)
    openings = [
        Opening(protocol="udp", ports=(4500,), source=source, target=target, why=_NATT),
        Opening(protocol="udp", ports=(500,), source=source, target=target, why=_IKE, required=False),
        Opening(protocol="esp", source=source, target=target, why=_ESP, required=False),
    ]
    if any(isinstance(way, Dhcp) for way in place.ways):
        openings.append(Opening(protocol="udp", ports=(67,), source=_CLIENT, target=_DHCP_SERVER, why=_DHCP))
    return tuple(openings)


def of_services(place: SiteLine, catalogue: Catalogue) -> tuple[Opening, ...]:
    """What a site that has outbound traffic blocked must open for services that are used from both sides.

    Those are the catalogue's rows with an `outside`, such as remote support (domain.md section 9); empty for a site
    that blocks nothing.
    """
    if not any(segment.blocks for segment in place.site.segments):
        return ()
    return tuple(opening for row in catalogue.values() for opening in _of_service(place.inventory, row))


def _of_service(inventory: Inventory, row: Service) -> Iterator[Opening]:
    known = {service.key: service.address for service in inventory.installation.endpoints}
    why = Phrase(nb=row.title.nb, en=row.title.en)
    for flow in row.flows if row.outside else ():
        if flow.to in known:
            target = _same(known[flow.to])
            yield Opening(protocol=flow.protocol, ports=flow.ports, source=_INSIDE, target=target, why=why)
    for way in row.outside:
        target = _same(way.address)
        yield Opening(protocol=way.protocol, ports=way.ports, source=_OUTSIDE, target=target, why=why)


def _router(place: SiteLine) -> Phrase:
    """The router, by every address that it may have."""
    fixed = [str(way.address.ip) for way in place.ways if isinstance(way, Static)]
    lent = any(isinstance(way, Dhcp) for way in place.ways)
    return Phrase(
        nb="ruteren: " + " / ".join([*fixed, *(["adressen fra DHCP"] if lent else [])]),
        en="the router: " + " / ".join([*fixed, *(["its address by DHCP"] if lent else [])]),
    )


def _same(value: IPv4Address) -> Phrase:
    return Phrase(nb=str(value), en=str(value))


_IKE = Phrase(
    nb="Brukes ikke: nøkkelutvekslingen går også på UDP 4500. Kan være stengt.",
    en="Not used: the key exchange takes UDP 4500 too. May stay closed.",
)
_NATT = Phrase(
    nb="Tunnelen: nøkkelutveksling (IKEv2) og kryptert trafikk (ESP) pakket i UDP, også uten NAT.",
    en="The tunnel: key exchange (IKEv2) and encrypted traffic (ESP) wrapped in UDP, without NAT too.",
)
_ESP = Phrase(
    nb="Brukes ikke: tunnelen pakkes alltid i UDP 4500. Kan være stengt.",
    en="Not used: the tunnel is always wrapped in UDP 4500. May stay closed.",
)
_DHCP = Phrase(
    nb="Ruteren får adressen sin av leverandøren (DHCP).", en="The router gets its address from the provider (DHCP)."
)
_CLIENT = Phrase(nb="ruteren, port 68", en="the router, port 68")
_DHCP_SERVER = Phrase(nb="leverandørens DHCP-tjener", en="the provider's DHCP server")
_INSIDE = Phrase(nb="PC-er på Helsenettet", en="PCs on Helsenettet")
_OUTSIDE = Phrase(nb="PC-er på internett", en="PCs on the internet")
