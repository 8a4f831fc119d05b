"""Work orders as values: what was ordered, how far it has come, and what was done by whom, when."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from linjevakt.model.fields import Composed, Noun, OrganisationNumber, Slug, Text
from linjevakt.model.inventory import Site
from linjevakt.model.phrase import Phrase

LARGEST_NUMBER: Final = 2**31 - 1  # what an integer of every database holds
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]


class Party(StrEnum):
    """Who does a step."""

    MEMBER = "member"
    CARRIER = "carrier"
    ENGINEER = "engineer"
    TECHNICIAN = "technician"
    SYSTEM = "system"


PARTIES: Mapping[Party, Phrase] = {
    Party.MEMBER: Phrase(nb="medlem", en="member"),
    Party.CARRIER: Phrase(nb="underlev.", en="carrier"),
    Party.ENGINEER: Phrase(nb="ingeniør", en="engineer"),
    Party.TECHNICIAN: Phrase(nb="tekniker", en="technician"),
    Party.SYSTEM: Phrase(nb="systemet", en="system"),
}
"""What each party is called, in a word."""


class OrderState(StrEnum):
    """`undoing`: cancelled after something was changed, which the system takes back."""

    OPEN = "open"
    UNDOING = "undoing"
    DONE = "done"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({OrderState.DONE, OrderState.CANCELLED})
"""States in which there is nothing left to do."""


Purpose = Literal["segment", "management"]
"""What an address is for."""


class Claim(Noun):
    """An address or prefix that is someone's: of a segment, or the management address of a router."""

    purpose: Purpose
    site: Slug
    name: Slug
    network: IPv4Network


class Evidence(Noun):
    """One step done: when (UTC), by whom, and what was said or measured."""

    step: Key
    at: datetime
    who: Text
    values: Mapping[str, Annotated[str, Composed]] = Field(default_factory=dict)
    note: Annotated[str, Composed] = ""


def _phrase(told: object) -> object:
    """What was written down before it was said in both languages."""
    return Phrase(nb=told, en=told) if isinstance(told, str) else told


class FailedLeg(Noun):
    """A part of a proof that failed, and whom to call about it first."""

    name: str
    detail: Annotated[Phrase, BeforeValidator(_phrase)]
    call: str


class Trouble(Noun):
    """Why the system cannot do the order's step, and since when (UTC); trying again in vain does not change it.

    `certain`: it was refused for what it is. It is not tried again by itself before something is changed.
    """

    at: datetime
    message: Phrase
    legs: tuple[FailedLeg, ...] = ()
    certain: bool = False


class Order(Noun):
    """One work order. `wish` is what was ordered, in the words of its kind; `step` the one that is to be done next.

    `claims` are the addresses set aside for it; `before` is the connection as it was when the order changed it,
    `after` as it left it: together they tell how to take it back.
    """

    number: int
    kind: Key
    site: Slug | None = None
    organisation: OrganisationNumber | None = None
    wish: Mapping[str, Any] = Field(default_factory=dict)
    reason: Annotated[str, Composed] = ""
    state: OrderState = OrderState.OPEN
    step: Key | None = None
    created: datetime
    by: Text
    entered: datetime
    evidence: tuple[Evidence, ...] = ()
    trouble: Trouble | None = None
    claims: tuple[Claim, ...] = ()
    before: Site | None = None
    after: Site | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.state not in ENDED

    def done(self, step: str) -> Evidence | None:
        """The evidence of a step that was done, if it was."""
        return next((found for found in reversed(self.evidence) if found.step == step), None)

    def said(self, step: str, name: str) -> str | None:
        """One value of a step's evidence."""
        found = self.done(step)
        return found.values.get(name) if found else None
