"""What a user of the lab is told when something cannot be done."""

import difflib
from collections.abc import Iterable


class LabError(Exception):
    """One sentence for the user: what is wrong, where, and how to mend it."""


class UnknownNameError(LabError):
    """A name that the lab does not have, with the nearest one it has."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        candidates = sorted(known)
        near = difflib.get_close_matches(name, candidates, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(candidates) or 'none'}."
        super().__init__(f"No {what} is named {name}: {hint}")
