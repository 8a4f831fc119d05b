"""What typer refuses in the words of a command: told in the language spoken, in a line with the remedy, as all else.

An option or a command that there is none typer itself tells of, in English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from linjevakt.cli.edge import edge
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying
from linjevakt.model.wording import Wording, faults, said, sentence


class Commands(TyperGroup):
    """The root of the commands."""

    def make_context(self, *words: Any, **more: Any) -> Any:
        """See TyperGroup; here its own options are read."""
        with _told():
            return super().make_context(*words, **more)

    def invoke(self, ctx: Any) -> Any:
        """See TyperGroup; here those of the command are read."""
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except typer.BadParameter as error:
        try:
            with edge():
                raise InvalidInputError(_fault(error)) from error
        finally:
            if error.ctx:
                error.ctx.close()  # of a command that did not begin typer leaves open what it opened: its language


def _fault(error: typer.BadParameter) -> Saying:
    """`--reason is missing`, and which command's help shows what may stand there."""
    name, told = _name(error), sentence(_wording(error))
    what = Saying("{}: {}", name, told) if error.message else Saying("{} {}", name, told)
    command = error.ctx.command_path if error.ctx else "linjevakt"
    return Saying("{what} (`{command} --help` shows more)", what=what, command=command)


def _name(error: typer.BadParameter) -> str:
    """As it is typed, or set, or as the usage names it; of a choice the usage shows the choices instead."""
    parameter: Any = error.param
    source = error.ctx and error.ctx.get_parameter_source(parameter.name)
    if source and source.name == "ENVIRONMENT":
        return str(parameter.envvar)
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.name if parameter.type_descriptor.is_choice else parameter.display_name_raw)


def _wording(error: typer.BadParameter) -> Wording:
    """What is wrong, and how to mend it."""
    parameter: Any = error.param
    known = [str(choice) for choice in parameter.type_descriptor.choices or ()]
    if isinstance(error.__cause__, ValidationError):
        detail = _innermost(error.__cause__)
        return _chosen(str(detail["input"]), known) if known else said(detail)
    return (error.message, "") if error.message else (Saying("is missing"), _choices(known))


def _chosen(given: str, known: list[str]) -> Wording:
    return Saying("{!r} is not one of the choices", given), did_you_mean(given, known, _choices(known))


def _choices(known: list[str]) -> str:
    return Saying("Use one of: {}", ", ".join(known)) if known else ""


def _innermost(error: ValidationError) -> Any:
    """Of a list that is wrong: what is wrong with the first of its rows that is."""
    detail = faults(error)[0]
    inner = detail.get("ctx", {}).get("error")
    return _innermost(inner) if isinstance(inner, ValidationError) else detail
