"""The words around what is told of an order: labels, parties and states, in the language of who reads them."""

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
    # parties
    "carrier": "underlev.",
    "engineer": "ingeniør",
    "isp": "leverandør",
    "member": "medlem",
    "system": "systemet",
    "technician": "tekniker",
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
