"""The page's words in Norwegian (bokmål) and English, and the choice between them, which is that of errors too."""

import re
from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]

WORDS: Final[Mapping[str, Words]] = {
    "nb": {
        "title": "Linjevakt: rutere",
        "routers": "Rutere",
        "summary": (
            "{total} rutere: {ok} i orden, {degraded} svekket, {down} nede, {unknown} ukjent, {shut_out} utestengt"
        ),
        "none": "Ingenting er lagret i registeret ennå.",
        "search": "Søk etter ruter, lokasjon eller eier",
        "find": "Søk",
        "every": "alle",
        "nothing": "Ingen ruter passer til det du søker etter.",
        "pages": "Sider",
        "span": "{first} til {last} av {number}",
        "previous": "Forrige side",
        "next": "Neste side",
        "as_of": "Vist {at} (norsk tid). Siden oppdateres hvert 30. sekund.",
        "stopped": "Vist {at} (norsk tid). Siden oppdateres ikke automatisk.",
        "stop": "Stopp automatisk oppdatering",
        "start": "Oppdater automatisk",
        "other_language": "English",
        "site": "Lokasjon",
        "router": "Ruter",
        "state": "Tilstand",
        "line": "Linje i bruk",
        "tunnel": "Tunnel",
        "push": "Siste endring",
        "proof": "Bevis",
        "certificate": "Sertifikat til",
        "polled": "Sist spurt",
        "stale": "utdatert: tilstanden kan være en annen nå",
        "pending": "en endring venter på bekreftelse",
        "drift": "endret for hånd på ruteren: {drift}",
        "revoked": "tilbakekalt {day}",
        "shut_out_since": "utestengt siden {at}: boksen er meldt stjålet",
        "not_in_force": "tilbakekallingen gjelder IKKE ennå på {hub}",
        "unrefused": "tilbakekalte sertifikater som ennå ikke avvises: {number}",
        "down_since": "nede siden {at}",
        "hub_down": "{hub} er også nede",
        "told_there": "hvorfor, sier ruteren selv: linjevakt-agent status",
        "duplicate": "noen har nøkkelen til {router} på {address} (forsøk: {attempts})",
        "hub": "Hub",
        "state_ok": "i orden",
        "state_degraded": "svekket",
        "state_down": "nede",
        "state_unknown": "ukjent",
        "state_shut_out": "utestengt",
        "tunnel_up": "oppe",
        "tunnel_down": "nede",
        "tunnel_none": "har ingen",
        "push_running": "pågår",
        "push_unchanged": "uendret",
        "push_confirmed": "bekreftet",
        "push_reverted": "tilbakeført",
        "push_failed": "mislykket",
        "push_lost": "ukjent utfall",
        "not_staged": "ikke klargjort",
        "proven": "{ok} av {all} i orden",
        "kind_own_isp": "egen leverandør",
        "kind_nhn_delivered": "levert av NHN",
        "kind_mobile": "mobil",
        "kind_unknown": "ukjent type",
        "dash": "ingen",
    },
    "en": {
        "title": "Linjevakt: routers",
        "routers": "Routers",
        "summary": "{total} routers: {ok} ok, {degraded} degraded, {down} down, {unknown} unknown, {shut_out} shut out",
        "none": "No inventory is saved yet.",
        "search": "Search for router, site or owner",
        "find": "Search",
        "every": "all",
        "nothing": "No router fits what you search for.",
        "pages": "Pages",
        "span": "{first} to {last} of {number}",
        "previous": "Previous page",
        "next": "Next page",
        "as_of": "Shown {at} (Norwegian time). The page updates every 30 seconds.",
        "stopped": "Shown {at} (Norwegian time). The page does not update by itself.",
        "stop": "Stop updating",
        "start": "Update by itself",
        "other_language": "Norsk",
        "site": "Site",
        "router": "Router",
        "state": "State",
        "line": "Line in use",
        "tunnel": "Tunnel",
        "push": "Last push",
        "proof": "Proof",
        "certificate": "Certificate until",
        "polled": "Last polled",
        "stale": "outdated: the state may be another by now",
        "pending": "a change waits for confirmation",
        "drift": "changed by hand on the router: {drift}",
        "revoked": "revoked {day}",
        "shut_out_since": "shut out since {at}: the box was reported stolen",
        "not_in_force": "revocation NOT in force on {hub}",
        "unrefused": "does not refuse so many revoked certificates yet: {number}",
        "down_since": "down since {at}",
        "hub_down": "{hub} is down too",
        "told_there": "the router itself tells why: linjevakt-agent status",
        "duplicate": "somebody has the key of {router} at {address} (attempts: {attempts})",
        "hub": "Hub",
        "state_ok": "ok",
        "state_degraded": "degraded",
        "state_down": "down",
        "state_unknown": "unknown",
        "state_shut_out": "shut out",
        "tunnel_up": "up",
        "tunnel_down": "down",
        "tunnel_none": "has none",
        "push_running": "running",
        "push_unchanged": "unchanged",
        "push_confirmed": "confirmed",
        "push_reverted": "reverted",
        "push_failed": "failed",
        "push_lost": "outcome unknown",
        "not_staged": "not staged",
        "proven": "{ok} of {all} ok",
        "kind_own_isp": "own ISP",
        "kind_nhn_delivered": "delivered by NHN",
        "kind_mobile": "mobile",
        "kind_unknown": "unknown kind",
        "dash": "none",
    },
}

OTHER: Final = {"nb": "en", "en": "nb"}
_SPOKEN: Final = {"nb": "nb", "no": "nb", "nn": "nb", "da": "nb", "sv": "nb", "en": "en"}
_WEIGHT: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)  # RFC 9110 section 12.4.2


def choose(asked: str | None, accept: str | None, otherwise: str = "nb") -> str:
    """`nb` or `en`: what `?lang=` asks for, else the best of Accept-Language (RFC 9110 section 12.5.4)."""
    if asked is not None and asked in WORDS:
        return asked
    for language in _by_preference(accept or ""):
        if language in _SPOKEN:
            return _SPOKEN[language]
    return otherwise


def _by_preference(accept: str) -> list[str]:
    """Primary subtags, best first; what cannot be read counts as least wanted."""
    weighted = [_weighted(part) for part in accept.split(",")]
    return [language for weight, language in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0]


def _weighted(part: str) -> tuple[float, str]:
    tag, given, weight = part.partition(";")
    language = tag.strip().lower().split("-")[0]
    if not given:
        return 1.0, language
    found = _WEIGHT.fullmatch(weight.strip())
    return float(found[1]) if found else 0.0, language
