"""One order with all that is to be known of it, from one look at the register: nobody's change comes in between."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from linjevakt.model.inventory import Organisation, Site
from linjevakt.model.order import Order, OrderState
from linjevakt.model.phrase import Phrase
from linjevakt.workorders import machine
from linjevakt.workorders.kinds import KINDS, undo
from linjevakt.workorders.machine import StepView
from linjevakt.workorders.step import Work


@dataclass(frozen=True)
class Look:
    """What is asked for is worked out then."""

    work: Work

    @property
    def order(self) -> Order:
        """The order itself."""
        return self.work.order

    @property
    def title(self) -> Phrase:
        """What its kind is called."""
        return KINDS[self.order.kind].title

    @cached_property
    def steps(self) -> tuple[StepView, ...]:
        """Its steps."""
        return machine.view(self.work)

    @property
    def next(self) -> StepView | None:
        """The step that it is at, if it is open."""
        return next((step for step in self.steps if step.state == "next"), None)

    @property
    def notes(self) -> tuple[Phrase, ...]:
        """What is to be known of it: a price, a date, a cost that goes on; of a cancelled one what to bring back."""
        return tuple(self._notes())

    @property
    def site(self) -> Site | None:
        """The order's site as it is, if it is there."""
        return self.work.site_or_none

    @cached_property
    def planned(self) -> Site | None:
        """The site as it shall be; None of an order that changes none, or is not open."""
        plan = KINDS[self.order.kind].plan if self.order.state is OrderState.OPEN else None
        return plan(self.work) if plan else None

    @property
    def member(self) -> Organisation | None:
        """The owner of the site, as it shall be, or the organisation that the order is about."""
        site = self.planned or self.site
        return self.work.register.members.get(site.owner if site else self.order.organisation or "")

    def _notes(self) -> Iterable[Phrase]:
        kind = KINDS[self.order.kind]
        if self.order.state in {OrderState.UNDOING, OrderState.CANCELLED}:
            return undo.to_bring_back(kind, self.work)
        return kind.notes(self.work) if self.order.is_open else ()
