"""Who acts, by which way in, and what that takes: from an edge to the history, whoever the edge lets in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.order import Party
from linjevakt.model.saying import Saying
from linjevakt.model.text import composed

_LONGEST: Final = 100  # characters of a name
_LONGEST_WHO: Final = 200  # characters of both: what an order keeps of who did a step


class Via(StrEnum):
    """The way in."""

    CLI = "cli"
    API = "api"
    SYSTEM = "system"


class Permission(StrEnum):
    """What a route or a step takes of whoever calls or does it. Declared, and not asked for before people log in.

    To `advance` an order takes what its step takes as well.
    """

    LOOK = "look"
    ORDER = "order"
    ADVANCE = "advance"
    SURVEY = "survey"
    INSTALL = "install"
    CONFIRM = "confirm"
    RUN = "run"
    REGISTER = "register"
    IMPORT = "import"
    STOCK = "stock"
    STAGE = "stage"
    SHUT_OUT = "shut_out"
    BREAK = "break"


class Role(StrEnum):
    """What someone is at work as."""

    READER = "reader"
    CLERK = "clerk"
    TECHNICIAN = "technician"
    ENGINEER = "engineer"
    ADMINISTRATOR = "administrator"


_CLERK: Final = frozenset(
    {Permission.LOOK, Permission.ORDER, Permission.ADVANCE, Permission.CONFIRM, Permission.REGISTER}
)
_TECHNICIAN: Final = frozenset(
    {Permission.LOOK, Permission.ADVANCE, Permission.SURVEY, Permission.INSTALL, Permission.STOCK}
)
GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.READER: frozenset({Permission.LOOK}),
    Role.CLERK: _CLERK,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.ENGINEER: frozenset(Permission) - {Permission.IMPORT},
    Role.ADMINISTRATOR: frozenset(Permission),
}
"""What each role may do."""

OF_PARTY: Final[Mapping[Party, Permission]] = {
    Party.MEMBER: Permission.CONFIRM,
    Party.CARRIER: Permission.CONFIRM,
    Party.ENGINEER: Permission.SURVEY,
    Party.TECHNICIAN: Permission.INSTALL,
    Party.SYSTEM: Permission.RUN,
}
"""What a party's step takes: what members and suppliers answer, clerks write down for them."""


@dataclass(frozen=True)
class Actor:
    """Someone, or the system itself: `subject` is who logged in, empty where nobody vouches for the name.

    `on_behalf_of`: whose doing it is, where another writes it down. Names are in NFC. Raises InvalidInputError for a
    name that no history keeps.
    """

    subject: str
    name: str
    roles: frozenset[Role]
    via: Via
    on_behalf_of: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _named(self.name))
        object.__setattr__(self, "on_behalf_of", _named(self.on_behalf_of or "") or None)
        if not self.name or len(str(self)) > _LONGEST_WHO:
            raise _refused()

    def __str__(self) -> str:
        """Both names when it is done on behalf of someone: `Nora (recorded by kari)`."""
        return f"{self.on_behalf_of} (recorded by {self.name})" if self.on_behalf_of else self.name


def _named(text: str) -> str:
    name = composed(text).strip()
    if len(name) > _LONGEST or not name.isprintable():
        raise _refused()
    return name


def _refused() -> InvalidInputError:
    return InvalidInputError(Saying("Who does it takes a name of 1 to {number} visible characters.", number=_LONGEST))


LINJEVAKT: Final = Actor("linjevakt", "linjevakt", frozenset(), Via.SYSTEM)
"""The system, in the steps that are its own."""
