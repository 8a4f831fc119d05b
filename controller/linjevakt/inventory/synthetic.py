"""Generates synthetic fleets of any size, for lab and bench: a larger fleet contains the smaller one."""

from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import count, islice

from linjevakt import resources
from linjevakt.inventory.folder import Folder
from linjevakt.model.errors import InvalidInputError, InventoryError
from linjevakt.model.inventory import (
    Agreement,
    Contact,
    Dhcp,
    Installation,
    Inventory,
    Line,
    LineKind,
    Membership,
    Organisation,
    Place,
    Router,
    Segment,
    Sharing,
    Site,
    Static,
)
from linjevakt.model.rules.organisations import check_digit
from linjevakt.model.saying import Saying

LARGEST = 20_000

_SHARED_EVERY = 10  # a few hundred shared sites among thousands (domain.md section 12)
_SHARES = (50, 30, 20)
_FIRST_PREFIX = IPv4Network("10.1.0.0/24")
_FIRST_MANAGEMENT = 10  # the pool's first addresses are for hubs
_LAB_WANS = IPv4Network("198.51.100.0/25")
_MORE_WANS = IPv4Network("198.18.0.0/15")  # RFC 2544, when the documentation range is used up
_SIGNED = date(2025, 1, 15)
_PLACES = (
    ("Nordvik", "9016", "Tromsø"),
    ("Solbakken", "0150", "Oslo"),
    ("Granli", "7010", "Trondheim"),
    ("Elvebakken", "3015", "Drammen"),
    ("Fagerheim", "5003", "Bergen"),
    ("Strandheim", "4006", "Stavanger"),
    ("Bjerkeli", "2815", "Gjøvik"),
)
_PRACTICES = ("legekontor", "tannlegekontor", "fysioterapi", "legesenter", "apotek")
_PEOPLE = ("Ingrid Vik", "Amir Dahl", "Kari Strand", "Jonas Berg", "Mari Lunde")


def generate(sites: int) -> Inventory:
    """A valid fleet on the example's installation, every tenth site shared by three organisations.

    Raises InvalidInputError when `sites` is not between 1 and `LARGEST`.
    """
    if not 1 <= sites <= LARGEST:
        raise InvalidInputError(Saying("{} sites cannot be generated. Choose 1 to {}", sites, LARGEST))
    organisations = map(_organisation, count(), _numbers())
    prefixes = _networks(_FIRST_PREFIX)
    statics = _static_lines()
    members: list[Organisation] = []
    found: list[Site] = []
    for n in range(sites):
        here = tuple(islice(organisations, 3 if n % _SHARED_EVERY == _SHARED_EVERY - 1 else 1))
        members += here
        found.append(_site(n, here, prefixes, statics))
    return Inventory(
        installation=_installation(),
        organisations=tuple(members),
        sites=tuple(sorted(found, key=lambda site: site.key)),
    )


def _installation() -> Installation:
    folder = Folder(resources.inventory() / "example")
    installation = folder.read("installation.yaml", Installation)
    if installation is None:
        raise InventoryError(folder.issues)
    return installation


def _site(
    n: int, members: tuple[Organisation, ...], prefixes: Iterator[IPv4Network], statics: Iterator[Static]
) -> Site:
    place, postcode, city = _PLACES[n % len(_PLACES)]
    key = f"{place.lower()}-{n + 1:05}"
    shares = _SHARES if len(members) > 1 else (100,)
    return Site(
        owner=members[0].number,
        place=Place(
            key=key,
            name=members[0].name,
            street=f"{place}veien {n % 90 + 1}",
            postcode=postcode,
            city=city,
            municipality=city,
            floor=f"{n % 4 + 1}. etg.",
            room=f"{100 + n % 400}",
        ),
        router=Router(name=f"rtr-{key}", management=IPv4Address("10.250.0.0") + _FIRST_MANAGEMENT + n),
        lines=(_first_line(n, statics), _mobile(n)),
        segments=tuple(
            Segment(name=f"lan-{m}", organisation=member.number, port=f"lan{m}", prefix=next(prefixes), share=share)
            for m, (member, share) in enumerate(zip(members, shares, strict=True))
        ),
        sharing=tuple(
            Sharing(organisation=member.number, confirmed=_SIGNED, document=f"Delingserklæring {n + 1}")
            for member in members[1:]
        ),
    )


def _first_line(n: int, statics: Iterator[Static]) -> Line:
    """In turn: own provider with a fixed address, delivered by NHN, own provider with DHCP."""
    kind = LineKind.NHN_DELIVERED if n % 3 == 1 else LineKind.OWN_ISP
    own = kind is LineKind.OWN_ISP
    return Line(
        name="wan0",
        kind=kind,
        provider="Fjordfiber" if own else "Norsk helsenett",
        addressing=next(statics) if n % 3 == 0 else Dhcp(),
        business=own,
        fault_phone="990 00 900" if own else None,
    )


def _mobile(n: int) -> Line:
    provider = ("Telenor", "Telia")[n % 2]
    return Line(name="wan1", kind=LineKind.MOBILE, provider=provider, priority=2, down_mbit=40, up_mbit=10)


def _organisation(n: int, number: str) -> Organisation:
    place = _PLACES[n % len(_PLACES)][0]
    person = _PEOPLE[n % len(_PEOPLE)]
    signed = Agreement(accepted=_SIGNED, by=person, capacity="general_manager")
    return Organisation(
        number=number,
        name=f"{place} {_PRACTICES[n % len(_PRACTICES)]} {n + 1}",
        membership=Membership(terms=signed, data_processing=signed, customer=signed),
        contacts=(Contact(name=person, phone=f"+47 990 {n // 100 % 100:02} {n % 100:03}"),),
    )


def _numbers() -> Iterator[str]:
    """Valid synthetic organisation numbers, which begin with 2 or 3."""
    for first_eight in count(31_000_000):
        digit = check_digit(str(first_eight))
        if digit is not None:
            yield f"{first_eight}{digit}"


def _networks(first: IPv4Network) -> Iterator[IPv4Network]:
    """The network and all that follow it, of the same size."""
    return (IPv4Network((int(first.network_address) + n * first.num_addresses, first.prefixlen)) for n in count())


def _static_lines() -> Iterator[Static]:
    for range_ in (_LAB_WANS, _MORE_WANS):
        for network in range_.subnets(new_prefix=30):
            yield Static(address=IPv4Interface((int(network[2]), 30)), gateway=network[1])
