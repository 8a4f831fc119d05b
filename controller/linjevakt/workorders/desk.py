"""The desk where orders are taken, advanced and cancelled; what the command line and the web call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any

from pydantic import ValidationError

from linjevakt.model import lookup
from linjevakt.model.actor import LINJEVAKT, Actor
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.change import Candidate
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Whereabouts
from linjevakt.model.errors import (
    BusyError,
    ConflictError,
    InvalidInputError,
    LinjevaktError,
    StoppedError,
    StorageError,
)
from linjevakt.model.inventory import Site
from linjevakt.model.order import LARGEST_NUMBER, Order, OrderState
from linjevakt.model.record import Reason
from linjevakt.model.saying import Saying, together
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store.draft import Draft
from linjevakt.store.snapshot import Snapshot
from linjevakt.trust.enrol import claimed
from linjevakt.workorders import answers, corrections, machine, staging, trouble
from linjevakt.workorders.calendar import day_of
from linjevakt.workorders.field import Field
from linjevakt.workorders.kinds import KINDS, undo
from linjevakt.workorders.looking import Look
from linjevakt.workorders.machine import StepView
from linjevakt.workorders.step import Kind, Routers, Step, Work
from linjevakt.workorders.wishes import Wish

Heard = Callable[[str], None]
Hands = Callable[[Heard], Routers]


def _silently(_step: str) -> None:
    return None


def _now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """Every method that changes an order raises ConflictError when someone else has just changed it."""

    def __init__(
        self,
        fleet: Fleet,
        catalogue: Catalogue,
        *,
        clock: Callable[[], datetime] = _now,
        hands: Hands | None = None,
    ) -> None:
        self.fleet, self.catalogue, self._clock = fleet, catalogue, clock
        self._register = fleet.store.register
        self._hands = hands or (lambda heard: Field(fleet, heard))

    # --- look ---

    @property
    def today(self) -> date:
        """The day in Norway."""
        return day_of(self._clock())

    def orders(
        self,
        *,
        every: bool = False,
        site: str | None = None,
        kind: str | None = None,
        before: int = LARGEST_NUMBER,
        limit: int | None = None,
    ) -> tuple[Order, ...]:
        """The open orders (`every`: all), newest first; of a site, of a kind; so many of those before a number."""
        ended = self._register.ended_orders(before) if every else ()
        going = (order for order in reversed(self._register.now().orders) if order.number < before)
        found = groupby(merge(going, ended, key=lambda order: -order.number), key=lambda order: order.number)
        once = (next(same) for _, same in found)  # one may end between the two readings
        wanted = (order for order in once if site in {None, order.site} and kind in {None, order.kind})
        return tuple(islice(wanted, limit))

    def order(self, number: int) -> Order:
        """One order. Raises NotFoundError."""
        return self._order(self._register.now(), number)

    def look(self, number: int) -> Look:
        """One order with its steps and all else, from one snapshot. Raises NotFoundError."""
        return Look(self._work_of(number))

    def next_steps(self, orders: Iterable[Order]) -> Mapping[int, StepView]:
        """By order number, the step that each order is at, if it is open and its site or member is still there."""
        now, serials = self._register.now(), self.fleet.boxes.read_serials()
        works = [self._work(now, order, serials.get) for order in orders if order.is_open]
        return {work.order.number: step for work in works for step in machine.next_view(work)}

    def ready(self) -> tuple[int, ...]:
        """The orders whose next step the system can do now."""
        now, serials = self._register.now(), self.fleet.boxes.read_serials()
        waiting = (self._work(now, order, serials.get) for order in now.orders if order.is_open)
        return tuple(work.order.number for work in waiting if machine.is_ready(work))

    # --- take and cancel ---

    def new(
        self, kind: str, wish: Mapping[str, Any], who: Actor | str, reason: str = "", *, rehearse: bool = False
    ) -> Order:
        """Takes an order: addresses are set aside, and what it leads to is checked at once. `rehearse`: takes none.

        Raises NotFoundError, InvalidInputError for a wish that cannot be, ConflictError while another order about the
        same is open, or when a pool is used up.
        """
        declared = machine.kind_named(kind)
        wished = machine.wish_of(declared, wish)
        with self._register.edit(Author(who, reason or str(declared.title)), rehearse=rehearse) as draft:
            work = self._taken(draft, declared, wished, who, reason)
            order = machine.entered(work)
            draft.put(order)
            draft.author = replace(draft.author, order=order.number)
        return order

    def cancel(self, number: int, who: Actor | str, reason: str, *, leave: bool = False) -> Order:
        """Cancels an order; what it changed is taken back, on the router too, unless `leave` says to let that be.

        Raises ConflictError after the point of no return, or when the site was changed by someone else since.
        """
        with self._register.edit(Author(who, reason, number)) as draft:
            work = self._work(draft.snapshot, _drafted(draft, number))
            order = undo.cancelled(KINDS[work.order.kind], work, draft, leave=leave)
            order = machine.done(replace(work, order=order), undo.CANCEL, str(who), {}, reason)
            draft.put(order)
        if order.state is OrderState.CANCELLED:
            self._distrust(self._work_of(number))
        return order

    def _distrust(self, work: Work) -> None:
        """A box that was staged by an order that is cancelled for good, and is not the router, has no certificate."""
        try:
            undo.trust_former(work, self._hands(_silently))
        except trouble.TroubleError as error:
            cancelled = Saying("Order {number} is cancelled. {error}", number=work.order.number, error=error)
            raise ConflictError(cancelled) from error
        site = work.site_or_none or work.order.after
        if site and work.order.done("stage") and not work.order.done("pin"):
            self.fleet.boxes.revoke_others(site.router.name, Reason.SUPERSEDED)

    # --- put right ---

    def correct(self, number: int, step: str, who: Actor | str, values: Mapping[str, str], reason: str) -> Order:
        """Puts right what was answered at a step that is done; the former answers stay. Raises as `corrections`."""
        with self._register.edit(Author(who, reason, number)) as draft:
            work = self._work(draft.snapshot, _drafted(draft, number))
            order = corrections.corrected(work, draft, step, values, who=str(who), reason=reason)
            draft.put(order)
        return order

    def amend(self, number: int, wish: Mapping[str, Any], who: Actor | str, reason: str) -> Order:
        """Changes what an open order asks for, all that no step rests on yet. Raises as `new` and `corrections`."""
        with self._register.edit(Author(who, reason, number)) as draft:
            work = self._work(draft.snapshot, _drafted(draft, number))
            kind = KINDS[work.order.kind]
            work = corrections.amended(work, machine.wish_of(kind, wish))
            _require_possible(kind, work)
            if kind.plan:
                self._require_fitting(draft, kind.plan(work))
            order = machine.entered(work)
            draft.put(order)
        return order

    # --- advance ---

    def record(  # noqa: PLR0913 - each says something about the step
        self,
        number: int,
        who: Actor | str,
        values: Mapping[str, str],
        note: str = "",
        *,
        step: str | None = None,
        early: bool = False,
    ) -> Order:
        """Writes down that someone has done the order's next step (`step`, when given, must be that one).

        `early`: before its time, because those whom it concerns agree. Raises LackingError, InvalidInputError.
        """
        with self._register.edit(Author(who, note, number)) as draft:
            work = self._work(draft.snapshot, _drafted(draft, number))
            now = machine.required(work, step)
            if now.automatic:
                machine.require_ready(now, work, early=early)
                raise ConflictError(
                    Saying("Order {number}: {step} is the system's own step; let it run.", number=number, step=now.key)
                )
            said = answers.read(now, values, work.today)
            work = replace(work, order=machine.done(work, now, str(who), said, note))
            machine.require_ready(now, work, early=early)
            return self._written(draft, work, now)

    def stage(self, number: int, who: Actor | str, box: Mapping[str, Any]) -> Candidate:
        """Does the step `stage` with what `linjevakt-agent identity --json` printed; answers what to start it with.

        Raises, before the box gets a certificate: NotFoundError for one that is not in the stock, ConflictError for one
        that is not the stock's to give, InvalidInputError for one that lacks a port.
        """
        now = self._register.now()
        work = self._work(now, self._order(now, number))
        machine.required(work, "stage")
        known, router = claimed(box), work.site.router.name
        staging.refuse_wrong(now, router, known.serial)
        work.box(known.serial).moved(Whereabouts.STAGED, router)
        staging.refuse_portless(work.site, known.ports)
        candidate = self.fleet.boxes.bootstrap(router, box)
        said = {"serial": known.serial, "csr": known.csr, "ssh_host_key": known.ssh_host_key}
        self.record(number, who, said | {"ports": " ".join(known.ports)}, step="stage")
        return candidate

    def run(  # noqa: PLR0913 - each is how whoever runs it wants it
        self,
        number: int,
        heard: Heard = _silently,
        *,
        who: Actor | str = LINJEVAKT,
        early: bool = False,
        going: Callable[[], bool] = lambda: True,
        wait: Callable[[], bool] = lambda: False,
    ) -> Order:
        """Does the system's steps until someone else's turn, a time to wait for, or trouble, which is on the order.

        May be called again at any time, by anyone: a step that a crash cut short is done again, and one that another
        is just doing is left to that one, unless `wait` waits a while and says that it is to be tried again. No step is
        begun when it is not `going` any more.
        """
        while True:
            work = self._work_of(number)
            step = machine.current(work)
            if not going():
                return work.order
            if step is None or not step.automatic or (machine.waits_until(step, work) and not early):
                return work.order
            if any(True for _ in step.lacks(work)):
                return work.order
            heard(Saying("{}: {}", step.key, step.title))
            try:
                self._do(work, step, heard, who)
            except BusyError:
                if not wait():
                    return self.order(number)
            except StoppedError as error:  # no trouble of the order's: it goes on when someone wants it to
                heard(Saying("{}", error))
                return self.order(number)
            except LinjevaktError as error:
                return self._troubled(work, step, error)

    # --- how ---

    def _taken(self, draft: Draft, kind: Kind, wish: Wish, who: Actor | str, reason: str) -> Work:
        order = Order(
            number=draft.next_order(),
            kind=kind.key,
            site=wish.about_site,
            organisation=wish.about_member,
            wish=wish.model_dump(mode="json", exclude_none=True),
            reason=reason,
            created=draft.now,
            by=str(who),
            entered=draft.now,
        )
        _refuse_second(draft, order)
        work = self._work(draft.snapshot, order)
        _require_possible(kind, work)
        if kind.claims:
            work = replace(work, order=order.model_copy(update={"claims": kind.claims(work, draft)}))
        if kind.plan:
            self._require_fitting(draft, kind.plan(work))
        return work

    def _require_fitting(self, draft: Draft, planned: Site) -> None:
        """What the order leads to must fit into the fleet as it is now."""
        staging.refuse_portless(planned, self.fleet.boxes.read_ports(planned.router.name))
        draft.require_sound(planned)

    def _written(self, draft: Draft, work: Work, step: Step) -> Order:
        order = step.change(work, draft) if step.change else work.order
        order = machine.entered(self._work(draft.snapshot, order))
        draft.put(order)
        return order

    def _do(self, work: Work, step: Step, heard: Heard, who: Actor | str) -> None:
        found = step.run(work, self._hands(heard)) if step.run else {}
        with self._register.edit(Author(who, str(step.title), work.order.number)) as draft:
            now = self._work(draft.snapshot, _drafted(draft, work.order.number))
            if machine.current(now) != machine.current(work):
                raise ConflictError(Saying("Order {number} has gone on meanwhile.", number=work.order.number))
            self._written(draft, replace(now, order=machine.done(now, step, str(who), found)), step)

    def _troubled(self, work: Work, step: Step, error: LinjevaktError) -> Order:
        number = work.order.number
        with self._register.edit(Author(LINJEVAKT, trouble.brief(step.key, error), number)) as draft:
            order = _drafted(draft, number)
            if order.step != work.order.step:
                return order
            order = order.model_copy(update={"trouble": trouble.noted(order.trouble, error, draft.now)})
            draft.put(order)
            return order

    def _work_of(self, number: int) -> Work:
        now = self._register.now()
        return self._work(now, self._order(now, number))

    def _order(self, now: Snapshot, number: int) -> Order:
        """One that has ended is in no snapshot."""
        found = now.entities.get((EntityKind.ORDER, f"{number}"))
        return found if isinstance(found, Order) else _there(self._register.order(number), number)

    def _work(self, now: Snapshot, order: Order, serial: Callable[[str], str | None] | None = None) -> Work:
        _ = now.installation  # it says so where no inventory was saved yet
        return Work(
            order=order,
            wish=_wish(order),
            register=now,
            catalogue=self.catalogue,
            now=self._clock(),
            serial=serial or self.fleet.boxes.read_serial,
        )


def _wish(order: Order) -> Wish:
    """What was ordered. Raises StorageError for what no program of ours has written."""
    try:
        wish: Wish = KINDS[order.kind].wish.model_validate(order.wish)
    except (KeyError, ValidationError) as error:
        raise StorageError(
            Saying("Order {number} in the database is damaged. Restore it from its backup.", number=order.number)
        ) from error
    return wish


def _drafted(draft: Draft, number: int) -> Order:
    return _there(draft.find(EntityKind.ORDER, f"{number}"), number)


def _there(found: object, number: int) -> Order:
    if not isinstance(found, Order):
        raise lookup.no_order(number)
    return found


def _refuse_second(draft: Draft, order: Order) -> None:
    """One order at a time about a site, and about a member."""
    for other in draft.snapshot.orders:
        same_site = order.site is not None and order.site == other.site
        same_member = order.organisation is not None and order.organisation == other.organisation
        if other.is_open and (same_site or same_member):
            raise ConflictError(
                Saying(
                    "Order {number} ({kind}) about {about} is open. End or cancel it first.",
                    number=other.number,
                    kind=other.kind,
                    about=order.site if same_site else order.organisation,
                )
            )


def _require_possible(kind: Kind, work: Work) -> None:
    """What the order is about is there, and can be ordered at all."""
    if kind.about == "site":
        _ = work.site
    elif kind.about == "organisation":
        work.member(str(work.order.organisation))
    wrong = tuple(kind.once(work))
    if wrong:
        raise InvalidInputError(Saying("{}: {}", kind.title, together(" ", wrong)))
