"""The words around what commands tell, in the language of who reads them."""

from linjevakt.cli.language import Tongue
from linjevakt.norwegian.words import WORDS


def word(english: str, lang: Tongue) -> str:
    """The word in that language. Raises KeyError for one that nobody has put into Norwegian."""
    return english if lang is Tongue.EN else WORDS[english]
