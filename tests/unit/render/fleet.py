"""A small fleet in code: one hub, a shared site with two lines, a site closed but for its services."""

from datetime import date
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from linjevakt.model.catalogue import Catalogue, Flow, PacRule, Probe, Service, Title
from linjevakt.model.intent import Identity
from linjevakt.model.inventory import (
    Agreement,
    Block,
    Dhcp,
    Endpoint,
    Hub,
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
from linjevakt.model.secret import Secret

PEM = "-----BEGIN CERTIFICATE-----\nU1lOVEhFVElD\nTk9UIEEgQ0VSVElGSUNBVEU=\n-----END CERTIFICATE-----\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFN5bnRoZXRpY1N5bnRoZXRpY1N5bnRoZXRpY1N5bnRo controller@example"

SERVICES = (
    Endpoint(key="dns", address=IPv4Address("10.255.0.20"), port=53),
    Endpoint(key="ntp", address=IPv4Address("10.255.0.20"), port=123),
    Endpoint(key="proxy", address=IPv4Address("10.255.0.30"), port=3128),
    Endpoint(key="proxy-fallback", address=IPv4Address("10.255.0.31"), port=3128),
    Endpoint(key="web", address=IPv4Address("10.255.0.40"), port=80, names=("portal.nhn.example",)),
)


def service(key: str, *, flows: tuple[Flow, ...], pac: tuple[PacRule, ...] = (), probe: Probe) -> Service:
    return Service(key=key, title=Title(nb=key, en=key), flows=flows, pac=pac, probe=probe)


CATALOGUE: Catalogue = {
    row.key: row
    for row in (
        service(
            "internet",
            flows=(
                Flow(to="proxy", protocol="tcp", ports=(3128,)),
                Flow(to="proxy-fallback", protocol="tcp", ports=(3128,)),
            ),
            pac=(PacRule(match="internet", via="proxy"),),
            probe=Probe(kind="http_proxy", target="http://www.example.com/", server="proxy"),
        ),
        service(
            "dns",
            flows=(Flow(to="dns", protocol="udp", ports=(53,)), Flow(to="dns", protocol="tcp", ports=(53,))),
            probe=Probe(kind="dns", target="portal.nhn.example", server="dns"),
        ),
        service(
            "ntp",
            flows=(Flow(to="ntp", protocol="udp", ports=(123,)),),
            probe=Probe(kind="ntp", target="10.255.0.20"),
        ),
        service(
            "portal",
            flows=(Flow(to="web", protocol="tcp", ports=(80, 443)),),
            pac=(
                PacRule(match="suffix", value="partner.example", via="direct"),
                PacRule(match="host", value="video.nhn.example", via="proxy"),
            ),
            probe=Probe(kind="http", target="http://10.255.0.40/"),
        ),
    )
}

HUB = Hub(
    router=Router(name="hub-oslo", management=IPv4Address("10.250.0.1")),
    line=Line(
        name="wan0",
        kind=LineKind.NHN_DELIVERED,
        provider="Hub transit",
        addressing=Static(address=IPv4Interface("203.0.113.2/30"), gateway=IPv4Address("203.0.113.1")),
        down_mbit=1000,
        up_mbit=1000,
    ),
    inside_port="lan0",
    inside_address=IPv4Interface("10.255.0.1/24"),
)

INSTALLATION = Installation(
    test=True,
    inside=(IPv4Network("10.0.0.0/8"),),
    inside_domains=("nhn.example",),
    pac_host="config.nhn.example",
    management=IPv4Network("10.250.0.0/16"),
    controllers=(IPv4Network("10.255.0.10/32"),),
    hubs=(HUB,),
    endpoints=SERVICES,
)

OWN_ISP = Line(
    name="wan0",
    kind=LineKind.OWN_ISP,
    provider="Fjordfiber",
    addressing=Static(address=IPv4Interface("198.51.100.2/30"), gateway=IPv4Address("198.51.100.1")),
    down_mbit=100,
    up_mbit=20,
    business=True,
)
MOBILE = Line(
    name="wan1", kind=LineKind.MOBILE, provider="Telefjell", addressing=Dhcp(), priority=2, down_mbit=40, up_mbit=10
)


def site(key: str, floor: str, room: str) -> Place:
    return Place(
        key=key,
        name=f"{key.capitalize()} legekontor",
        street="Storgata 1",
        postcode="2900",
        city="Fagernes",
        municipality="Nord-Aurdal",
        floor=floor,
        room=room,
    )


SHARED = Site(
    owner="310000006",
    place=site("fjellheim", "2. etg.", "rom 214"),
    router=Router(name="rtr-fjellheim", management=IPv4Address("10.250.0.11")),
    lines=(MOBILE, OWN_ISP),
    segments=(
        Segment(
            name="legekontor",
            organisation="310000006",
            port="lan0",
            prefix=IPv4Network("10.64.1.0/24"),
            share=60,
            services=("internet", "dns", "ntp", "portal"),
        ),
        Segment(
            name="fysioterapi",
            organisation="310000014",
            port="lan1",
            vlan=20,
            prefix=IPv4Network("10.64.2.0/25"),
            share=40,
            blocks=(
                Block(to=IPv4Network("10.255.0.40/32"), protocol="tcp", ports=(443,), reason="ordered 2026-03-01"),
            ),
        ),
    ),
    sharing=(Sharing(organisation="310000014", confirmed=date(2026, 2, 1), document="brev 2026-1"),),
)

CLOSED = Site(
    owner="310000022",
    place=site("lavvo", "1. etg.", "skap"),
    router=Router(name="rtr-lavvo", management=IPv4Address("10.250.0.12")),
    lines=(OWN_ISP.model_copy(update={"addressing": Dhcp()}),),
    segments=(
        Segment(
            name="kontor",
            organisation="310000022",
            port="lan0",
            prefix=IPv4Network("10.64.3.0/28"),
            blocks=(Block(to=IPv4Network("0.0.0.0/0"), reason="only what we ordered"),),
        ),
    ),
)

_ACCEPTED = Agreement(accepted=date(2026, 1, 5), by="Kari Nordmann", capacity="general_manager")
MEMBER = Membership(terms=_ACCEPTED, data_processing=_ACCEPTED, customer=_ACCEPTED)

INVENTORY = Inventory(
    installation=INSTALLATION,
    organisations=tuple(
        Organisation(number=number, name=f"Org {number}", membership=MEMBER)
        for number in ("310000006", "310000014", "310000022")
    ),
    sites=(SHARED, CLOSED),
)


def identity() -> Identity:
    """Made up and plainly so: nothing here opens anything."""
    return Identity(
        certificate=PEM,
        ca=PEM,
        authorized_keys=(KEY,),
        snmp_user="linjevakt",
        snmp_engine_id="80007ed905" + "00" * 8,
        secrets={
            "snmp.linjevakt.auth": Secret("a0" * 32),
            "snmp.linjevakt.privacy": Secret("b1" * 16),
        },
    )
