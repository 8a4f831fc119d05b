"""The language that this run of the program speaks: of `--lang`, of `LINJEVAKT_LANG`, else English."""

import os
from enum import StrEnum
from typing import Annotated, Final

import typer


class Tongue(StrEnum):
    """Bokmål or English."""

    NB = "nb"
    EN = "en"


VARIABLE: Final = "LINJEVAKT_LANG"

_spoken: Final[list[Tongue]] = []


def spoken() -> Tongue:
    """The language of the command that runs."""
    if _spoken:
        return _spoken[-1]
    return Tongue.NB if os.environ.get(VARIABLE) == Tongue.NB else Tongue.EN


def _heard(ctx: typer.Context, param: typer.CallbackParam, value: Tongue) -> Tongue:
    """A command that is called without `--lang` speaks as the one that it is a part of."""
    source = ctx.get_parameter_source(param.name or "")
    if source is None or source.name == "DEFAULT":
        return spoken()
    _spoken.append(value)
    ctx.call_on_close(_spoken.pop)
    return value


Lang = Annotated[
    Tongue, typer.Option("--lang", envvar=VARIABLE, callback=_heard, is_eager=True, help="Bokmål or English.")
]
