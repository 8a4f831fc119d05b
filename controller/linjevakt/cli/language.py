"""The language in which a command says what is to be read out to a member."""

from enum import StrEnum
from typing import Annotated

import typer


class Tongue(StrEnum):
    """Bokmål or English."""

    NB = "nb"
    EN = "en"


Lang = Annotated[Tongue, typer.Option("--lang", envvar="LINJEVAKT_LANG", help="Bokmål or English.")]
