"""What `linjevakt order` says: what can be ordered, and how far an order has come."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # what can be ordered
    "{!r} is none of: {}.": "{!r} finnes ikke blant: {}.",
    "Say what is ordered by --file or by --set. `linjevakt order kinds {kind}` helps.": (
        "Oppgi hva som bestilles, med --file eller --set. `linjevakt order kinds {kind}` hjelper."
    ),
    "address/length": "adresse/lengde",
    "date, as 2026-01-31": "dato, som 2026-01-31",
    "moment, as 2026-01-31T22:00+01:00": "tidspunkt, som 2026-01-31T22:00+01:00",
    "number {}": "tall {}",
    "{} (where it applies)": "{} (der det gjelder)",
    # an order in the list
    "{} LATE": "{} OVER FRISTEN",
    "trouble: {}": "feil: {}",
    # one order
    "Order {} is {}.": "Ordre {} er {}.",
    "Order {}: next is {}, {} ({}).": "Ordre {}: neste er {}, {} ({}).",
    "Order {} {}: {}, {}": "Ordre {} {}: {}, {}",
    "Order {}: {}, {} ({})": "Ordre {}: {}, {} ({})",
    "{} by {}{}": "{} av {}{}",
    "{} for {}": "{} til {}",
    "{}; floor {}, room {}": "{}; etasje: {}, rom: {}",
    "{}, due {}": "{}, frist {}",
    "{} (if any)": "{} (valgfritt)",
    "until {}": "til {}",
    "done {} (after {:.1f} s)": "ferdig {} (etter {:.1f} s)",
    "  nothing was sent or tried: {} was never staged": "  ingenting er sendt eller prøvd: {} har aldri vært klargjort",
    "\nTo bring back:": "\nGjenstår å ordne:",
    "\nNote: {}": "\nMerk: {}",
    "linjevakt order stage {} --identity FILE": "linjevakt order stage {} --identity FIL",
    "the router": "ruteren",
    # trouble
    "\nTrouble since {}: {}": "\nFeil siden {}: {}",
    "  {}: {}. Call {}": "  {}: {}. Ring {}",
    "  It is not tried again by itself before something is changed.": (
        "  Det prøves ikke på nytt av seg selv før noe er endret."
    ),
    "  To try again: linjevakt order run {}": "  Prøv igjen: linjevakt order run {}",
    "  To let the router be as it is: {} WHY": "  La ruteren være som den er: {} HVORFOR",
    # while it runs
    "{:6.1f} s  {}": "{:6.1f} s  {}",
    "another is doing this step; waiting": "noen andre gjør dette steget; venter",
    "Interrupted: `linjevakt order run {number}` goes on.": "Avbrutt: `linjevakt order run {number}` fortsetter.",
}
