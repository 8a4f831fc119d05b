"""All that the program says in Norwegian (bokmål), by the English template (`linjevakt.model.saying`).

A test holds it against the code: nothing is missing, nothing is left over, and the same is filled in.
"""

from collections.abc import Mapping
from typing import Final

from linjevakt.norwegian import commands, inventory, model, ordering, orders, routers, rules, standpoint, trust, web
from linjevakt.norwegian.words import WORDS

_ROOMS: Final = (model, rules, inventory, trust, routers, orders, ordering, commands, standpoint, web)

SENTENCES: Final[Mapping[str, str]] = {
    english: norwegian for room in (WORDS, *(one.SENTENCES for one in _ROOMS)) for english, norwegian in room.items()
}
