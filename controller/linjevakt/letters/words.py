"""The words of the letter about openings, in both languages."""

from linjevakt.model.inventory import Static
from linjevakt.model.phrase import Phrase

SENDER = "Norsk helsenett"
TITLE = Phrase(nb="Brannmuråpninger for Helsenettet", en="Firewall openings for Helsenettet")
RECIPIENT = Phrase(
    nb="Til den som drifter brannmuren og internettlinjen:", en="To whoever runs the firewall and the internet line:"
)
INTRODUCTION = Phrase(
    nb="Lokasjonen nedenfor er koblet til Helsenettet, det lukkede nettet for helse- og omsorgssektoren i Norge. En "
    "ruter fra Norsk helsenett setter opp en kryptert tunnel over virksomhetens egen internettlinje. Vi ber dere om å "
    "slippe ut trafikken i tabellen, både i brannmuren på lokasjonen og i leverandørens nett.",
    en="The site below is connected to Helsenettet, Norway's closed network for health care. A router from Norsk "
    "helsenett sets up an encrypted tunnel over the organisation's own internet line. We ask you to let out the "
    "traffic in the table, both in the site's firewall and in the provider's network.",
)
OPEN = Phrase(nb="Dette skal være åpent", en="What must be open")
ANSWERS = (
    Phrase(
        nb="Svar på trafikken må slippe inn igjen, slik en tilstandsbasert (stateful) brannmur sørger for selv. "
        "Brannmuren må huske en UDP-forbindelse i minst 30 sekunder.",
        en="Answers to this traffic must come back in, as a stateful firewall sees to by itself. The firewall must "
        "remember a UDP flow for at least 30 seconds.",
    ),
    Phrase(
        nb="Trafikken skal ikke gjennom proxy eller innholdskontroll: den er kryptert og kan ikke åpnes underveis.",
        en="The traffic must not pass a proxy or content inspection: it is encrypted and cannot be opened on the way.",
    ),
)
CLOSED = Phrase(nb="Dette trenger ikke å være åpent", en="What need not be open")
NOT_NEEDED = (
    Phrase(
        nb="Ingenting utenfra og inn. Ruteren tar ikke imot forbindelser fra internett, og det trengs ingen "
        "videresending av porter. Ruteren kan stå bak NAT.",
        en="Nothing inbound. The router accepts no connections from the internet, and no port forwarding is needed. "
        "The router may stand behind NAT.",
    ),
    Phrase(
        nb="Ingen andre porter ut fra ruteren. Web, DNS, tid og all annen trafikk på Helsenettet går inne i tunnelen.",
        en="No other ports out from the router. Web, DNS, time and all other traffic on Helsenettet goes inside the "
        "tunnel.",
    ),
)
SERVICES = Phrase(nb="Tjenester når utgående trafikk er sperret", en="Services where outbound traffic is blocked")
BLOCKED = Phrase(
    nb="Lokasjonen har bestilt sperring av utgående trafikk. For at disse tjenestene skal virke, må også dette være "
    "åpent i virksomhetens egen brannmur:",
    en="The site has ordered outbound traffic to be blocked. For these services to work, this must be open in the "
    "organisation's own firewall as well:",
)
TEST = Phrase(nb="Slik prøver dere åpningene", en="How to test the openings")

HEADER = (
    Phrase(nb="Retning", en="Direction"),
    Phrase(nb="Protokoll", en="Protocol"),
    Phrase(nb="Port", en="Port"),
    Phrase(nb="Fra", en="From"),
    Phrase(nb="Til", en="To"),
    Phrase(nb="Hvorfor", en="Why"),
    Phrase(nb="Krav", en="Required"),
)
OUT = Phrase(nb="Ut", en="Out")
MUST = Phrase(nb="Må åpnes", en="Yes")
MAY = Phrase(nb="Valgfritt", en="No")

ORGANISATION = Phrase(nb="Virksomhet", en="Organisation")
NUMBER = Phrase(nb="org.nr.", en="org. no.")
SITE = Phrase(nb="Lokasjon", en="Site")
PLACE = Phrase(nb="Ruterens plassering", en="The router's place")
FLOOR = Phrase(nb="etasje", en="floor")
ROOM = Phrase(nb="rom", en="room")
LINE = Phrase(nb="Ruter og linje", en="Router and line")
PROVIDER = Phrase(nb="Leverandør", en="Provider")
FAULTS = Phrase(nb="feil meldes på", en="fault desk:")
ADDRESSING = Phrase(nb="Adressering", en="Addressing")
HUB = Phrase(nb="Helsenettets adresse", en="Helsenettet's address")
LENT = Phrase(nb="DHCP fra leverandøren", en="DHCP from the provider")


VLAN = Phrase(nb="VLAN (802.1Q)", en="VLAN (802.1Q)")
DIALLED = Phrase(nb="oppringt, PPPoE", en="dialled up, PPPoE")


def fixed(way: Static) -> Phrase:
    """An address that the provider has given once and for all."""
    where = f"{way.address}, gateway {way.gateway}"
    return Phrase(nb=f"fast adresse {where}", en=f"fixed address {where}")


def municipality(name: str) -> Phrase:
    """Where the site is, as far as the authorities go."""
    return Phrase(nb=f"{name} kommune", en=f"municipality of {name}")


def reached(phone: str) -> Phrase:
    """How to get hold of the customer centre (domain.md section 1)."""
    return Phrase(
        nb=f"Kundesenteret: telefon {phone}, kundesenter@nhn.no",
        en=f"Customer centre: telephone {phone}, kundesenter@nhn.no",
    )


def testing(name: str, phone: str) -> Phrase:
    """How it is found out whether a line's openings are there."""
    return Phrase(
        nb=f"Ring kundesenteret på {phone}, som er betjent hele døgnet, og oppgi {name}. Mens dere venter, prøver "
        "ruteren akkurat denne linjen, og innen fem sekunder ser vi hvilke av UDP 500, UDP 4500 og ESP som får svar. "
        "Kommandoen som kundesenteret bruker:",
        en=f"Call the customer centre on {phone}, manned round the clock, and name {name}. While you wait, the router "
        "tries exactly this line, and within five seconds we see which of UDP 500, UDP 4500 and ESP are answered. "
        "The command that the customer centre uses:",
    )


def down(call: str) -> Phrase:
    """Whom to call first (`model.faultdesk`)."""
    return Phrase(
        nb=f"Er hele linjen nede, ringer dere først {call}.",
        en=f"When the whole line is down, call {call} first.",
    )
