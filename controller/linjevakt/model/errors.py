"""The tree of errors, by cause; each edge (HTTP, CLI exit code) translates them once."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language, together
from linjevakt.model.text import visible

LONGEST: Final = 2000  # characters of what a router says of its troubles


def shortened(text: str, longest: int = LONGEST) -> str:
    """The text's beginning, with how much was left out; all of it when it is short enough."""
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text) - longest} characters left out)"


def about(name: str, message: str) -> str:
    """`name: message`, or the message alone where it begins with the name already."""
    return message if re.match(rf"{re.escape(name)}(?![\w-]|\.\w)", message) else Saying("{}: {}", name, message)


def apart(name: str, message: str) -> str:
    """The message without `name: ` before it, for where the name stands already."""
    return message.removeprefix(f"{name}: ")


class LinjevaktError(Exception):
    """The root: every error that a user may see; `str()` is a sentence that says what is wrong and how to mend it.

    It may quote what a router, a tool or a file name says, and goes to terminals and into the database: see `visible`.
    """

    longest: ClassVar[int] = sys.maxsize
    """Characters of it that are told."""

    def __init__(self, message: str = "") -> None:
        self._message = message
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """The sentence in `nb` or `en`."""
        return visible(shortened(in_language(self._message, language), self.longest))


class InvalidInputError(LinjevaktError, ValueError):
    """What the user gave is wrong."""


class NotFoundError(LinjevaktError, LookupError):
    """The thing named does not exist."""


class ConflictError(LinjevaktError):
    """The thing is busy or has changed in the meantime."""


class BusyError(ConflictError):
    """Someone else is at it just now: nothing is wrong, and a moment later it may go."""


class StoppedError(LinjevaktError):
    """Whoever asked for the work wants it to end (`model.stop`): it ended between two steps, with everything whole."""


class StolenError(ConflictError):
    """The key of a box that was stolen: it is never trusted again."""


class LackingError(ConflictError):
    """Something that cannot be done yet; `lacking` says what is missing, in both languages."""

    def __init__(self, what: str, lacking: tuple[Phrase, ...]) -> None:
        super().__init__(Saying("{}: not yet. {}", what, together(" ", lacking)))
        self.what, self.lacking = what, lacking


class TemplateError(LinjevaktError):
    """A platform's template is broken or misses a value; names file and line."""


class SecretError(LinjevaktError):
    """A secret cannot be opened or sealed: the key is missing or wrong."""


class StorageError(LinjevaktError):
    """The database is away, not migrated, or newer than this program."""


class DeviceError(LinjevaktError):
    """A router did not do what was asked; of what it said, so much is told as a person may read."""

    longest = LONGEST


class UnreachableError(DeviceError, ConnectionError):
    """No answer from the router over the management path."""


class HostKeyError(DeviceError):
    """The router showed another SSH host key than the one pinned at staging."""


class AuthenticationError(DeviceError):
    """The router refused our key or user."""


class RefusedError(DeviceError):
    """The router refused the candidate; nothing was changed."""


class ApplyError(DeviceError):
    """The router could not put the candidate in force (disk full, a service failed); it keeps what it had."""


class LockedError(DeviceError, ConflictError):
    """Another session holds the router's configuration."""


def is_certain(error: LinjevaktError) -> bool:
    """Whether the same would be refused again: as long as nothing is changed, to try again is in vain."""
    return isinstance(error, InvalidInputError | RefusedError | TemplateError | StolenError)


@dataclass(frozen=True)
class Issue:
    """One finding in an input file: where (`file:line: field`), what, and how to mend it."""

    file: str
    line: int | None
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """`sites/a.yaml:12: connection.owner: ...; remedy` as compilers write it."""
        return self.said("en")

    def said(self, language: str) -> str:
        """The same in `nb` or `en`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return Saying("{}: {}: {}. {}", place, self.field, self.message, self.remedy).said(language)


class InventoryError(InvalidInputError):
    """The inventory has findings; `issues` holds all of them, not only the first."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(together("\n", issues))
        self.issues = tuple(issues)
