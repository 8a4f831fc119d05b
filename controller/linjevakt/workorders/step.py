"""What a work order is made of: kinds, steps, and what a step may look at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, Protocol

from typing_extensions import TypeVar

from linjevakt.model import lookup
from linjevakt.model.actor import OF_PARTY, Permission
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Inventory, Organisation, Site
from linjevakt.model.order import Claim, Order, Party
from linjevakt.model.phrase import Phrase
from linjevakt.store.draft import Draft
from linjevakt.store.snapshot import Snapshot
from linjevakt.workorders.calendar import day_of
from linjevakt.workorders.wishes import Wish

# Who can work on any wish can work on a particular one: what a `Step[Wish]` asks for, every kind's order has.
W = TypeVar("W", bound=Wish, default=Wish)
W_co = TypeVar("W_co", bound=Wish, default=Wish, covariant=True)
W_contra = TypeVar("W_contra", bound=Wish, default=Wish, contravariant=True)


@dataclass(frozen=True)
class Answer:
    """One thing that whoever does a step has to say: `yes` must be answered so, others as their kind asks.

    A number is from `least` to `most`, in `unit`; a day is not to come, and at most `oldest_days` ago. `settled`: what
    was said is acted on at once, as a box's serial number is, so that it cannot be corrected afterwards.
    """

    name: str
    title: Phrase
    kind: Literal["text", "yes", "day", "number", "choice"] = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000
    unit: str = ""
    oldest_days: int = 3650  # a paper that is older has the wrong year, or is no basis for anything today
    settled: bool = False


@dataclass(frozen=True)
class Work(Generic[W_co]):
    """One order with the register as it is, for the functions of a step. `lacking`: see `model.services`.

    `serial` tells the serial number of the box that a router is; None of one that was never staged.
    """

    order: Order
    wish: W_co
    register: Snapshot
    catalogue: Catalogue
    now: datetime
    serial: Callable[[str], str | None]

    @property
    def today(self) -> date:
        """The day in Norway."""
        return day_of(self.now)

    @property
    def site(self) -> Site:
        """The order's site as it is. Raises NotFoundError when there is none."""
        found = self.site_or_none
        if found is None:
            raise lookup.no_site(self.order.site or "", self.register.sites)
        return found

    @property
    def site_or_none(self) -> Site | None:
        """The order's site as it is, if there is one."""
        return self.register.sites.get(self.order.site or "")

    @property
    def inventory(self) -> Inventory:
        """The whole fleet, for a step that has to look at others than its own site and members."""
        return self.register.inventory

    @property
    def equipment(self) -> tuple[Equipment, ...]:
        """Every box."""
        return self.register.equipment

    @property
    def router(self) -> str:
        """The name of the site's router. Raises NotFoundError as `site`."""
        return self.site.router.name

    @property
    def members(self) -> Mapping[str, Organisation]:
        """The organisations by number."""
        return self.register.members

    def member(self, number: str) -> Organisation:
        """One organisation. Raises NotFoundError."""
        if number in self.register.members:
            return self.register.members[number]
        raise lookup.no_organisation(number, self.register.members)

    def box(self, serial: str) -> Equipment:
        """One box. Raises NotFoundError."""
        if serial in self.register.boxes:
            return self.register.boxes[serial]
        raise lookup.no_box(serial, self.register.boxes)


@dataclass(frozen=True)
class Home:
    """A router that answers: the line it uses, and by line how it is addressed, empty while it is down.

    `boot` and, by line, `carriers` tell later whether it was away: the first is another one after each start, the
    others count how often a cable has come and gone. Empty from an agent that is too old to tell.
    """

    line: str
    lines: Mapping[str, str]
    boot: str = ""
    carriers: Mapping[str, int] = field(default_factory=dict)


class Routers(Protocol):
    """What the system's steps do to real routers. Each may be done twice: a crash in between repeats it."""

    def push(self, router: str) -> bool:
        """Brings it to what the register says, proves it; False: it was never staged. Raises TroubleError."""

    def proven(self, router: str) -> None:
        """Proves it with every line up. Raises TroubleError."""

    def home(self, router: str) -> Home:
        """Waits until it answers. Raises TroubleError when it does not in time."""

    def seen(self, router: str) -> Home:
        """The router as it is just now. Raises TroubleError when it does not answer."""

    def pin(self, router: str, box: Mapping[str, str]) -> None:
        """Makes a staged box the router. Raises StolenError for one that is never trusted again."""

    def pinned(self, router: str) -> Mapping[str, str]:
        """The box that the router is, as `pin` takes it."""

    def forget(self, router: str) -> None:
        """Ends the trust in a router that is no more: every hub refuses it. Raises TroubleError for one that cannot."""

    def only(self, router: str) -> None:
        """Makes every hub refuse each other box that was the router, or was to be. Raises TroubleError as above."""

    def shut_out(self, box: str) -> None:
        """Makes every hub refuse the box of that serial number, which was stolen. Raises TroubleError as above."""


def _nothing(_work: Work) -> Iterable[Phrase]:
    return ()


def _always(_work: Work) -> bool:
    return True


def _unset(_work: Work) -> None:
    return None


@dataclass(frozen=True)
class Step(Generic[W_contra]):
    """One step of an order.

    `lacks` says what must be in place first; with `check` the step is over as soon as nothing lacks. `run` talks to
    routers and answers what it found; `change` changes the register, in the same transaction that writes the step
    down. `final`: once it is done, the order cannot be cancelled any more. `left_behind`: what people have to bring
    back when the order is cancelled after it.
    """

    key: str
    by: Party
    title: Phrase
    answers: tuple[Answer, ...] = ()
    lacks: Callable[[Work[W_contra]], Iterable[Phrase]] = _nothing
    check: bool = False
    run: Callable[[Work[W_contra], Routers], Mapping[str, str]] | None = None
    change: Callable[[Work[W_contra], Draft], Order] | None = None
    applies: Callable[[Work[W_contra]], bool] = _always
    due: Callable[[Work[W_contra]], date | None] = _unset
    not_before: Callable[[Work[W_contra]], datetime | None] = _unset
    final: bool = False
    left_behind: Callable[[Work[W_contra]], Iterable[Phrase]] = _nothing

    @property
    def permission(self) -> Permission:
        """What it takes to do it, or to write down that it is done."""
        return OF_PARTY[self.by]

    @property
    def conditional(self) -> bool:
        """Whether there are orders of the kind without this step."""
        return self.applies is not _always

    @property
    def automatic(self) -> bool:
        """Whether the system goes on by itself."""
        return self.check or self.by is Party.SYSTEM


@dataclass(frozen=True)
class Kind(Generic[W]):
    """One kind of order: what is wished, which steps lead there, and what the site is to look like afterwards.

    `settled_by`: by field of the wish (`lines.provider`), the steps that rest on it: once one is done, the field cannot
    be amended any more. A field that is not there, nor what it is in, never can: it is what the order is about.
    """

    key: str
    title: Phrase
    wish: type[W]
    steps: tuple[Step[W], ...]
    plan: Callable[[Work[W]], Site] | None = None
    claims: Callable[[Work[W], Draft], tuple[Claim, ...]] | None = None
    notes: Callable[[Work[W]], Iterable[Phrase]] = _nothing
    once: Callable[[Work[W]], Iterable[Phrase]] = _nothing
    about: Literal["site", "new site", "organisation"] = "site"
    settled_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
