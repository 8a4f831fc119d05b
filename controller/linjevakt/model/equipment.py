"""The boxes themselves: where each one is on its way from the stock to a site and back."""

from collections.abc import Mapping
from enum import StrEnum

from linjevakt.model.errors import ConflictError
from linjevakt.model.fields import LONGEST_TEXT, Noun, Slug, Text
from linjevakt.model.saying import Saying, together, word


class Whereabouts(StrEnum):
    """How far a box has come: `to_be_returned` from the end of a membership until it is in (domain.md section 8)."""

    STOCK = "stock"
    STAGED = "staged"
    SHIPPED = "shipped"
    INSTALLED = "installed"
    TO_BE_RETURNED = "to_be_returned"
    RETURNED = "returned"
    LOST = "lost"


_NEXT: Mapping[Whereabouts, frozenset[Whereabouts]] = {
    Whereabouts.STOCK: frozenset({Whereabouts.STAGED, Whereabouts.LOST}),
    Whereabouts.STAGED: frozenset({Whereabouts.STOCK, Whereabouts.SHIPPED, Whereabouts.INSTALLED, Whereabouts.LOST}),
    Whereabouts.SHIPPED: frozenset({Whereabouts.INSTALLED, Whereabouts.TO_BE_RETURNED, Whereabouts.LOST}),
    Whereabouts.INSTALLED: frozenset({Whereabouts.TO_BE_RETURNED, Whereabouts.LOST}),
    Whereabouts.TO_BE_RETURNED: frozenset({Whereabouts.RETURNED, Whereabouts.INSTALLED, Whereabouts.LOST}),
    Whereabouts.RETURNED: frozenset({Whereabouts.STOCK, Whereabouts.LOST}),
    Whereabouts.LOST: frozenset({Whereabouts.RETURNED}),
}
_NOBODYS = frozenset({Whereabouts.STOCK, Whereabouts.RETURNED})


class Equipment(Noun):
    """One box by its serial number; `router` is the router it is, or was last, at work as."""

    serial: Text
    model: Text
    platform: Slug = "linux"
    state: Whereabouts = Whereabouts.STOCK
    router: Slug | None = None
    note: Text | None = None

    def noted(self, what: str) -> "Equipment":
        """The same box with this before its note, as much as a note holds."""
        return self.model_copy(update={"note": f"{what} {self.note or ''}".strip()[:LONGEST_TEXT]})

    def moved(self, state: Whereabouts, router: str | None = None) -> "Equipment":
        """The same box a step further. Raises ConflictError for a step that no box takes."""
        if state not in _NEXT[self.state]:
            ways = together(", ", [word(way) for way in sorted(_NEXT[self.state])])
            raise ConflictError(
                Saying(
                    "The box {serial} is {state}; from there it can become: {ways}.",
                    serial=self.serial,
                    state=word(self.state),
                    ways=ways,
                )
            )
        kept = None if state in _NOBODYS else router or self.router
        return self.model_copy(update={"state": state, "router": kept})
