"""What the system's steps meet in the field."""

from collections.abc import Iterable
from datetime import datetime

from linjevakt.model.change import Leg
from linjevakt.model.errors import LinjevaktError, is_certain, shortened
from linjevakt.model.fields import LONGEST_NOTE
from linjevakt.model.order import FailedLeg, Trouble
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language


class TroubleError(LinjevaktError):
    """A step of the system that could not be done now; `legs` are the parts of a proof that failed.

    `certain`: see `model.errors.is_certain`.
    """

    def __init__(self, message: Phrase, legs: tuple[FailedLeg, ...] = (), *, certain: bool = False) -> None:
        super().__init__(Saying("{}", message))
        self.message, self.legs, self.certain = message, legs, certain


def is_in_vain(error: LinjevaktError) -> bool:
    """Whether the step would end the same way if it was tried again with nothing changed."""
    return error.certain if isinstance(error, TroubleError) else is_certain(error)


def told(error: LinjevaktError) -> Phrase:
    """What an error says."""
    return _in_both(error)


def _in_both(what: object) -> Phrase:
    return Phrase(nb=shortened(in_language(what, "nb")), en=shortened(in_language(what, "en")))


def brief(step: str, error: LinjevaktError) -> str:
    """The same as a reason in the history, which is one line of visible characters and not too long."""
    line = " ".join(f"{step}: {error}".split())
    return shortened("".join(letter if letter.isprintable() else "?" for letter in line), LONGEST_NOTE // 2)


def noted(before: Trouble | None, error: LinjevaktError, at: datetime) -> Trouble:
    """The trouble to write on the order; the same one again is no news, and makes no new version of the order."""
    legs = error.legs if isinstance(error, TroubleError) else ()
    new = Trouble(at=at, message=told(error), legs=legs, certain=is_in_vain(error))
    if before and before.model_copy(update={"at": at}) == new:
        return before
    return new


def failed(legs: Iterable[Leg], call: str) -> tuple[FailedLeg, ...]:
    """The legs that failed, with whom to call about them first."""
    return tuple(
        FailedLeg(
            name=leg.name,
            detail=_in_both(leg.detail),
            call=call,
        )
        for leg in legs
        if not leg.ok
    )
