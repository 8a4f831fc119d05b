"""The one way to ask whether something else was meant that is known."""

from collections.abc import Iterable
from difflib import get_close_matches

from linjevakt.model.saying import Saying


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """`Did you mean ...?` when something known is near, in capitals or not; else `otherwise`."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), names, n=1)
    return meaning(names[near[0]]) if near else otherwise


def meaning(name: str) -> Saying:
    """`Did you mean 'internet'?`."""
    return Saying("Did you mean {!r}?", name)
