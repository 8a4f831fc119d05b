"""States, kinds and other words of the model, and how many there are, as whoever reads them says it."""

from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying
from linjevakt.norwegian.words import WORDS


def word(english: str) -> Saying:
    """The word in both languages, `shut_out` without its line. Raises KeyError for one that has no Norwegian."""
    plain = english.replace("_", " ") if english not in WORDS else str(english)
    return Saying("{}", Phrase(nb=WORDS[plain], en=plain))


def sites(number: int) -> Saying:
    """`1 site`, `2 sites`."""
    return Saying("{n} site", n=number) if number == 1 else Saying("{n} sites", n=number)


def organisations(number: int) -> Saying:
    """`1 organisation`, `2 organisations`."""
    return Saying("{n} organisation", n=number) if number == 1 else Saying("{n} organisations", n=number)


def boxes(number: int) -> Saying:
    """`1 box`, `2 boxes`."""
    return Saying("{n} box", n=number) if number == 1 else Saying("{n} boxes", n=number)
