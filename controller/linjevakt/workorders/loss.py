"""A box that was lost or stolen: it is shut out at once, and the stock knows."""

from contextlib import suppress
from dataclasses import dataclass

from linjevakt import revocation
from linjevakt.fleet import Fleet
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Whereabouts
from linjevakt.model.errors import ConflictError, NotFoundError
from linjevakt.model.record import Certificate
from linjevakt.workorders import stock


@dataclass(frozen=True)
class Loss:
    """What was done about a lost box: its certificates that had not ended, and the hubs that do not refuse it yet."""

    box: str
    router: str | None
    revoked: tuple[Certificate, ...]
    waiting: tuple[revocation.Waiting, ...]


def of_router(fleet: Fleet, router: str, author: Author) -> Loss:
    """The box that is the router was stolen. Raises NotFoundError for a router that was never staged."""
    if router not in fleet.staged() and router not in fleet.routers():
        raise NotFoundError(
            f"there is no router {router!r} in the inventory; `linjevakt router list` shows what there is"
        )
    serial = fleet.store.device(router).serial
    loss = of_box(fleet, serial)
    with suppress(NotFoundError, ConflictError):  # not in the books; lost already, or an order says where it is
        stock.move(fleet.store.register, serial, Whereabouts.LOST, author, router=None, note=None)
    return loss


def of_box(fleet: Fleet, serial: str) -> Loss:
    """The box of that serial number is gone, whichever router it was or was to be."""
    revoked = fleet.shut_out(serial)
    waiting = revocation.enforce(fleet) if revoked else ()
    return Loss(serial, revoked[0].router if revoked else None, revoked, waiting)
