"""What people have to bring back, or to tell, when an order is cancelled after a step: no program takes that back."""

from collections.abc import Iterator
from datetime import date

from linjevakt.model.inventory import LineKind, Site
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.step import Work


def former_place(work: Work) -> Site | None:
    """The connection to which a cancelled order goes back; None for one that began with the order."""
    return work.order.before or (None if work.order.after else work.site_or_none)


def former_router(work: Work) -> str:
    """The router of that connection; empty for none."""
    before = former_place(work)
    return before.router.name if before else ""


def ordered_line(work: Work) -> Iterator[Phrase]:
    """The member has a contract."""
    document = work.order.said("subscription", "document")
    for wished in work.wish.brings:
        if wished.kind is LineKind.OWN_ISP:
            yield Phrase(
                nb=f"Linjen som medlemmet bestilte hos {wished.provider}, må avbestilles der ({document}).",
                en=f"The line that the member ordered from {wished.provider} has to be cancelled there ({document}).",
            )


def delivered_line(_work: Work) -> Iterator[Phrase]:
    """The subcontractor has delivered."""
    yield Phrase(
        nb="Linjen som er levert, må sies opp hos underleverandøren.",
        en="The line that was delivered has to be terminated with the subcontractor.",
    )


def void_confirmation(work: Work) -> Iterator[Phrase]:
    """The owner has agreed to a sharing."""
    document = work.order.said("confirmation", "document")
    yield Phrase(
        nb=f"Eieren må få vite at bekreftelsen ({document}) ikke lenger gjelder.",
        en=f"The owner has to be told that its confirmation ({document}) is void.",
    )


def told_in_vain(work: Work) -> Iterator[Phrase]:
    """The member reckons with it."""
    day = date.fromisoformat(str(work.order.said("told", "told")))
    yield Phrase(
        nb=f"Medlemmet ble varslet {day:%d.%m.%Y} og må få vite at det likevel ikke skjer.",
        en=f"The member was told on {day}, and has to be told that it does not happen.",
    )


def cables_back(work: Work) -> Iterator[Phrase]:
    """Every cabled line where it was; the router tries its ways by itself."""
    before = former_place(work)
    for line in before.lines if before else ():
        if line.kind is not LineKind.MOBILE:
            yield Phrase(
                nb=f"{line.name} skal tilbake på linjen fra {line.provider}.",
                en=f"{line.name} goes back on the line from {line.provider}.",
            )
