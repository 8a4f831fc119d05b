"""Everything that has a history: the kinds of entities, their keys, and the versions that are never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linjevakt.model.actor import Actor
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import LONGEST_NOTE, Noun, flaw
from linjevakt.model.inventory import Installation, Organisation, Site
from linjevakt.model.order import Order, Purpose
from linjevakt.model.saying import Saying
from linjevakt.model.text import composed

_LONGEST_NAME = 200  # characters: of whom, and of who writes it down for them


class EntityKind(StrEnum):
    """What has a history."""

    INSTALLATION = "installation"
    ORGANISATION = "organisation"
    SITE = "site"
    EQUIPMENT = "equipment"
    ORDER = "order"


Entity = Installation | Organisation | Site | Equipment | Order
Name = tuple[EntityKind, str]

NOUNS: Mapping[EntityKind, type[Entity]] = {
    EntityKind.INSTALLATION: Installation,
    EntityKind.ORGANISATION: Organisation,
    EntityKind.SITE: Site,
    EntityKind.EQUIPMENT: Equipment,
    EntityKind.ORDER: Order,
}


_CALLED: Mapping[EntityKind, Saying] = {
    EntityKind.INSTALLATION: Saying("installation"),
    EntityKind.ORGANISATION: Saying("organisation"),
    EntityKind.SITE: Saying("site"),
    EntityKind.EQUIPMENT: Saying("equipment"),
    EntityKind.ORDER: Saying("order"),
}


def called(kind: EntityKind, key: str) -> Saying:
    """`site fjellheim`; the kind alone for what has no key, such as the installation."""
    return Saying("{} {}", _CALLED[kind], key) if key else _CALLED[kind]


def name_of(entity: Noun) -> Name:
    """Kind and key of an entity."""
    match entity:
        case Installation():
            return EntityKind.INSTALLATION, ""
        case Organisation():
            return EntityKind.ORGANISATION, entity.number
        case Site():
            return EntityKind.SITE, entity.key
        case Equipment():
            return EntityKind.EQUIPMENT, entity.serial
        case Order():
            return EntityKind.ORDER, f"{entity.number}"
    raise TypeError(f"{type(entity).__name__} has no history")


@dataclass(frozen=True)
class Author:
    """Who changes something (a bare name where no more is known), why (in NFC), and under which work order.

    Raises InvalidInputError for what no history keeps.
    """

    who: Actor | str
    why: str = ""
    order: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.who, str):
            object.__setattr__(self, "who", composed(self.who))
        object.__setattr__(self, "why", composed(self.why))
        if found := flaw(str(self.who), _LONGEST_NAME):
            raise InvalidInputError(Saying("Who does it {flaw}. Say it in fewer and plain words.", flaw=found))
        if found := flaw(self.why, LONGEST_NOTE):
            raise InvalidInputError(Saying("The reason {flaw}. Say it in fewer and plain words.", flaw=found))

    def revision(self, number: int, saved: datetime) -> "Revision":
        """The change that it makes."""
        actor = self.who if isinstance(self.who, Actor) else None
        return Revision(number, saved, str(self.who), self.why, self.order, actor)


@dataclass(frozen=True)
class Revision:
    """One change as a whole: running number, when (UTC), who, why, under which order.

    `who` is the name that is shown, `actor` all that is known of who it was; None: it was saved before that was kept.
    """

    number: int
    saved: datetime
    who: str
    why: str = ""
    order: int | None = None
    actor: Actor | None = None


@dataclass(frozen=True)
class Version:
    """What a revision made of one entity; None: it removed it."""

    kind: EntityKind
    key: str
    revision: Revision
    entity: Entity | None


@dataclass(frozen=True)
class Lease:
    """Who had an address or prefix from when until when (UTC); `until` None: has it still."""

    purpose: Purpose
    network: str
    site: str
    name: str
    since: datetime
    until: datetime | None
    order: int | None = None

    def is_had(self, start: datetime, end: datetime | None = None) -> bool:
        """Whether someone had it at the moment, or at one before the `end`."""
        begun = self.since < end if end else self.since <= start
        return begun and (self.until is None or self.until > start)
