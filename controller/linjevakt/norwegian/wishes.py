"""What each kind of order is about, by what its wish says of itself (`order kinds KIND`)."""

from collections.abc import Mapping
from typing import Final

WISHES: Final[Mapping[str, str]] = {
    "A new connection. Its router is called `rtr-<site>` and gets a free management address unless said otherwise.": (
        "En ny tilknytning. Ruteren heter `rtr-<lokasjon>` og får en ledig styringsadresse om ikke annet er sagt."
    ),
    "An office that moves. `lines` are those at the new place; a mobile line moves along by itself.": (
        "Et kontor som flytter. `lines` er linjene på det nye stedet; en mobil linje flytter med av seg selv."
    ),
    "Other lines at the same place: `lines` replace those of the same name or come in addition, `remove` go.": (
        "Andre linjer på samme sted: `lines` erstatter dem med samme navn eller kommer i tillegg, `remove` fjernes."
    ),
    "One more organisation on a line; `shares` are the guaranteed shares that the others keep, by segment.": (
        "En organisasjon til på en linje; `shares` er de garanterte andelene som de andre beholder, per segment."
    ),
    "One organisation less: its segment goes.": "En organisasjon mindre: segmentet fjernes.",
    "A service for a segment.": "En tjeneste til et segment.",
    "A segment's service that ends; `notice` is the day the written notice came in.": (
        "En tjeneste som opphører for et segment; `notice` er dagen den skriftlige oppsigelsen kom inn."
    ),
    "A practice that closes for a while.": "En praksis som holder stengt en tid.",
    "A frozen practice that opens again.": "En fryst praksis som åpner igjen.",
    "A service (or, without one, everything) closed for a member by the network.": (
        "En tjeneste (eller alt, om ingen er nevnt) som nettet stenger for et medlem."
    ),
    "An exclusion that ends.": "En utestenging som opphører.",
    "New hardware for a site; name, addresses and configuration stay.": (
        "Ny maskinvare til en lokasjon; navn, adresser og konfigurasjon beholdes."
    ),
    "A connection that ends: `notice` is the day the written notice came in, `document` where it is kept.": (
        "En tilknytning som opphører: `notice` er dagen den skriftlige oppsigelsen kom inn, `document` hvor den ligger."
    ),
}
