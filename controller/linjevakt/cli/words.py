"""The words around what commands tell: labels, headings and states, in the language of who reads them."""

from collections.abc import Mapping
from typing import Final

from linjevakt.cli.language import Tongue

_NB: Final[Mapping[str, str]] = {
    # labels
    "About": "Om",
    "By": "Av",
    "Due": "Frist",
    "Error": "Feil",
    "Call": "Ring",
    "Field": "Felt",
    "Kind": "Type",
    "LATE": "FOR SENT",
    "Next": "Neste",
    "Note": "Merk",
    "Order": "Ordre",
    "Planned": "Planlagt",
    "To let the router be as it is": "La ruteren være som den er",
    "It is not tried again by itself before something is changed.": (
        "Det prøves ikke på nytt av seg selv før noe er endret."
    ),
    "To bring back": "Skal tilbake",
    "To try again": "Prøv igjen",
    "Today": "I dag",
    "Trouble since": "Feil siden",
    "Waits for": "Venter på",
    "after": "etter",
    "asks": "spør om",
    "at": "sted",
    "by": "av",
    "can be taken": "kan tas imot",
    "contact": "kontakt",
    "due": "frist",
    "floor": "etasje",
    "for": "til",
    "if any": "valgfritt",
    "is": "er",
    "lacking": "mangler",
    "next is": "neste er",
    "no order": "ingen ordre",
    "not yet": "ikke ennå",
    "ordered": "bestilt",
    "room": "rom",
    "set aside": "satt av",
    "taken": "tatt imot",
    "then": "så",
    "trouble": "feil",
    "until": "til",
    "waits": "venter",
    "yes": "ja",
    "DATE": "DATO",
    "NUMBER": "TALL",
    "TEXT": "TEKST",
    # routers and trust: labels and headings
    "Box": "Boks",
    "Certificate": "Sertifikat",
    "Certificate until": "Sertifikat til",
    "Ends by itself": "Utløper av seg selv",
    "In force on": "Gjelder på",
    "Last push": "Siste endring",
    "Line": "Linje",
    "Not yet on": "Ikke ennå på",
    "Revoked": "Tilbakekalt",
    "Router": "Ruter",
    "Site": "Lokasjon",
    "Stage": "Stadium",
    "State": "Tilstand",
    "Why": "Hvorfor",
    "certificate": "sertifikat",
    "disk": "disk",
    "duplicate": "kopi",
    "by hand": "for hånd",
    "hub": "hub",
    "last push": "endring",
    "line": "linje",
    "management": "styring",
    "polled": "spurt",
    "probe": "prøve",
    "refuses": "avviser",
    "router": "ruter",
    "serial": "serienr.",
    "site": "lokasjon",
    "stage": "stadium",
    "state": "tilstand",
    "tunnel": "tunnel",
    "why": "hvorfor",
    # routers and trust: what is told
    ", for {seconds} s": ", i {seconds} s",
    "NOT YET {number} of the revoked certificates": "IKKE ENNÅ {number} av de tilbakekalte sertifikatene",
    "RENEW IT": "FORNY DET",
    "REVOKED": "TILBAKEKALT",
    "`linjevakt serve` goes on trying; so does `linjevakt revoked enforce`.": (
        "`linjevakt serve` fortsetter å prøve; det gjør også `linjevakt revoked enforce`."
    ),
    "in use": "i bruk",
    "it had none that has not ended": "den hadde ingen som ikke er utløpt",
    "{router}: the box {box} is shut out; certificates revoked: {named}": (
        "{router}: boksen {box} er utestengt; tilbakekalte sertifikater: {named}"
    ),
    "{router}: the box {box} is shut out already, since {since}; certificates revoked: {named}": (
        "{router}: boksen {box} er utestengt allerede, siden {since}; tilbakekalte sertifikater: {named}"
    ),
    "{router}: the box {box} is shut out already, since {since}": (
        "{router}: boksen {box} er utestengt allerede, siden {since}"
    ),
    "{router} is the box {box}, staged {staged}. To shut it out": (
        "{router} er boksen {box}, klargjort {staged}. Å stenge den ute"
    ),
    "- revokes its certificates: {certificates}": "- tilbakekaller sertifikatene: {certificates}",
    "- has to be told to: {routers}": "- må gjøres kjent for: {routers}",
    "it has none that has not ended": "den har ingen som ikke er utløpt",
    "nobody": "ingen",
    "Shut out the box {box}, for good?": "Stenge boksen {box} ute, for godt?",
    "{number} sites are told to refuse the former box as soon as {router} is pushed to": (
        "{number} lokasjoner får vite at de skal avvise den forrige boksen så snart {router} har fått konfigurasjon"
    ),
    "none: no certificate is revoked that has not ended": "ingen: alle tilbakekalte sertifikater er utløpt",
    "in force on": "gjelder på",
    "in force nowhere": "gjelder ingen steder",
    "NOT YET on": "IKKE ENNÅ på",
    "{router}, box {box}, certificate {serial} ({why})": "{router}, boks {box}, sertifikat {serial} ({why})",
    " and {number} more": " og {number} til",
    "its box was reported stolen": "boksen er meldt stjålet",
    "not staged": "ikke klargjort",
    "revocation NOT in force on {hub}": "tilbakekallingen gjelder IKKE på {hub}",
    "revoked": "tilbakekalt",
    "since": "siden",
    "somebody has the key of {router} at {address}: {times} times": (
        "noen har nøkkelen til {router} på {address}: {times} ganger"
    ),
    "the router itself tells: `linjevakt-agent status` on the box": (
        "det sier ruteren selv: `linjevakt-agent status` på boksen"
    ),
    "until {at}, {days} days left": "til {at}, {days} dager igjen",
    "{at}; agent {version}, configuration {configuration}": "{at}; agent {version}, konfigurasjon {configuration}",
    "{days} days left": "{days} dager igjen",
    # states of routers, lines, tunnels, probes, pushes and certificates
    "confirmed": "bekreftet",
    "degraded": "svekket",
    "down": "nede",
    "failed": "feilet",
    "failing": "svikter",
    "full": "full",
    "live": "i drift",
    "lost": "tapt",
    "mobile": "mobil",
    "nhn_delivered": "levert av NHN",
    "none": "ingen",
    "ok": "i orden",
    "own_isp": "egen leverandør",
    "pending": "venter på bekreftelse",
    "read-only": "skrivebeskyttet",
    "replaced": "byttet ut",
    "reverted": "gått tilbake",
    "running": "pågår",
    "shut out": "utestengt",
    "staged": "klargjort",
    "stolen": "stjålet",
    "superseded": "erstattet",
    "terminated": "avsluttet",
    "unchanged": "uendret",
    "unknown": "ukjent",
    "up": "oppe",
    "writable": "skrivbar",
    # boxes
    "Model": "Modell",
    "Platform": "Plattform",
    "Serial": "Serienr.",
    "installed": "installert",
    "returned": "returnert",
    "shipped": "sendt",
    "stock": "på lager",
    "to_be_returned": "skal returneres",
    # whom a failure hits
    "Contacts": "Kontakter",
    "Lines": "Linjer",
    "Organisation": "Organisasjon",
    "other line": "annen linje",
    "out": "ute",
    "provider": "leverandør",
    "organisations": "organisasjoner",
    "sites": "lokasjoner",
    "{what} {name}: {sites} out, {others} on another line; {members} hit": (
        "{what} {name}: {sites} ute, {others} på annen linje; {members} rammet"
    ),
    # what can be ordered
    "Asks for": "Spør om",
    "Default": "Ellers",
    "Step": "Steg",
    "Type": "Type",
    "What": "Hva",
    "new site": "ny lokasjon",
    "organisation": "organisasjon",
    "required": "må gis",
    "where it applies": "der det gjelder",
    # history
    ", order {number}": ", ordre {number}",
    "nothing was changed": "ingenting ble endret",
    "removed": "fjernet",
    # states of steps and orders
    "cancelled": "kansellert",
    "done": "ferdig",
    "later": "senere",
    "next": "neste",
    "open": "åpen",
    "undoing": "trekkes tilbake",
}


def word(english: str, lang: Tongue) -> str:
    """The word in that language. Raises KeyError for one that nobody has put into Norwegian."""
    return english if lang is Tongue.EN else _NB[english]
