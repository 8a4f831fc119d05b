"""Who does what a command does: the user of the system, or someone on whose behalf that user writes it down."""

import getpass
import os
from typing import Annotated

import typer

from linjevakt.cli.terminal import here
from linjevakt.model.actor import Actor, Role, Via
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

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


def author(on_behalf_of: str | None = None) -> Actor:
    """The user, who may do everything that the keys allow, or someone for whom that user writes it down.

    Raises InvalidInputError for a name that no history keeps.
    """
    name = user()
    return Actor(name, name, frozenset({Role.ADMINISTRATOR}), Via.CLI, on_behalf_of)
