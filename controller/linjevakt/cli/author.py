"""Who does what a command does: the user of the system, or someone on whose behalf that user writes it down."""

import getpass
import os
from typing import Annotated

import typer

from linjevakt.cli.terminal import here
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

_LONGEST = 100  # characters of a name

Who = Annotated[
    str | None, typer.Option("--who", metavar="NAME", help="Who did it, when you write it down for someone else.")
]


def _said(text: str | None) -> str | None:
    """Refuses a reason that says nothing; not giving one is another thing where a command has one of its own."""
    if text is not None and not text.strip():
        raise typer.BadParameter(here(Saying("say why: it stays in the history.")))
    return text


_REASON = typer.Option("--reason", callback=_said, help="Why, for the history.")
Reason = Annotated[str | None, _REASON]
NeededReason = Annotated[str, _REASON]


def needed(reason: str | None) -> str:
    """For a command that asks for it only when something is to be done. Raises InvalidInputError."""
    if reason is None:
        raise InvalidInputError(Saying("Say why, with --reason: it stays in the history."))
    return reason


def user() -> str:
    """The user's name; the number where the system has no name for it (as in some containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def author(on_behalf_of: str | None) -> str:
    """Both names when it is done on behalf of someone: `Nora (recorded by kari)`. Raises InvalidInputError."""
    name = (on_behalf_of or "").strip()
    if len(name) > _LONGEST or not name.isprintable():
        raise InvalidInputError(Saying("--who takes a name of at most {number} visible characters.", number=_LONGEST))
    return f"{name} (recorded by {user()})" if name else user()
