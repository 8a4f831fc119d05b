"""Which routers are being pushed to, by whom, and ending the hold of a worker that is known to be dead."""

import logging
from collections.abc import Collection
from typing import Protocol

from linjevakt.model.entity import Author
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.near import did_you_mean
from linjevakt.model.record import PushRecord
from linjevakt.model.saying import Saying

log = logging.getLogger(__name__)


class Locks(Protocol):
    """The pushes that hold a router (the store's `Pushes`)."""

    def under_way(self) -> tuple[PushRecord, ...]:
        """Each that has begun and not ended, by router."""

    def break_lock(self, router: str, why: str) -> PushRecord | None:
        """Ends its hold on the router; None when there is none."""


def break_lock(locks: Locks, router: str, author: Author) -> PushRecord:
    """Ends the hold of the push on a router, for good; the next push, or `settle`, asks the router how it ended.

    A worker that lives after all changes nothing any more; what it has sent already, the router itself takes back
    unless it is proven. Raises NotFoundError when the router is not held, InvalidInputError for no reason.
    """
    if not author.why.strip():
        raise InvalidInputError(Saying("Say why the lock is broken, with --reason: its worker is told."))
    held = locks.break_lock(router, f"{author.who}: {author.why}")
    if held is None:
        raise NotFoundError(_not_held(router, [push.router for push in locks.under_way()]))
    log.warning("the lock of %s on %s was broken by %s: %s", held.worker, router, author.who, author.why)
    return held


def _not_held(router: str, held: Collection[str]) -> Saying:
    remedy = did_you_mean(router, held, Saying("`linjevakt lock list` shows what is."))
    return Saying("No push holds {router}. {remedy}", router=router, remedy=remedy)
