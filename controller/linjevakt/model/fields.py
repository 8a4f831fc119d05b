"""What nouns are made of: what a text, a name or a day from outside must be, whichever noun it stands in."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from linjevakt.model.saying import Saying
from linjevakt.model.text import composed

LONGEST_TEXT = 200  # characters
LONGEST_NOTE = 2000  # characters of what is written down for the history
LONGEST_ANSWER = 20_000  # characters of what a step asks for, such as a certificate request
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def _printable(text: str) -> str:
    """Refuses line breaks, tabs and other invisible characters: they would break out of a line of a native file."""
    if not text.isprintable():
        raise ValueError(Saying("has an invisible character (a line break, a tab, a no-break space...)"))
    return text


def flaw(text: str, longest: int) -> str | None:
    """What is wrong with a text of several lines that someone wrote: its length, or a character that no one types."""
    if len(text) > longest:
        return Saying("is longer than {longest} characters", longest=longest)
    if any(not letter.isprintable() and letter not in "\n\t\u00a0" for letter in text):
        return Saying("has a control character")
    return None


def _told(text: str) -> str:
    found = flaw(text, LONGEST_NOTE)
    if found:
        raise ValueError(found)
    return text


def _composed(value: object) -> object:
    """Text is taken in form NFC, whoever sends it; its length is that of what is kept."""
    return composed(value) if isinstance(value, str) else value


def _iso(value: object) -> object:
    """Refuses numbers, and text like `0` or `20260131`, which pydantic would read as seconds since 1970."""
    written = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)
    if not written and not isinstance(value, date):
        raise PydanticCustomError("date_parsing", "2026-01-31")  # `model.wording` says it
    return value


def _of_our_time(day: date) -> date:
    """Refuses days at the ends of the calendar, with which one cannot reckon."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        years: dict[str, object] = {"first": _FIRST_YEAR, "last": _LAST_YEAR}
        raise PydanticCustomError("date_of_other_times", "{first} to {last}", years)
    return day


Day = Annotated[date, BeforeValidator(_iso), AfterValidator(_of_our_time)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
# What any make of router may call an interface (`wan0`, `ge-0/0/0.0`); which of it is right, the platform says.
Interface = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./:_-]{0,49}$")]
LineName = Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9/:_-]*(\.[0-9]{1,4})?$")]
Domain = Annotated[
    str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$")
]  # RFC 1035 section 2.3.4
Composed = BeforeValidator(_composed)
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 ]{4,20}$")]
Email = Annotated[
    str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), AfterValidator(_printable), Composed
]  # RFC 5321 section 4.5.3.1.3
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(_told), Composed
]
Few = Field(max_length=200)  # rows in a row: more than any installation has
OrganisationNumber = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_printable),
    Composed,
]


class Noun(BaseModel):
    """A frozen value that refuses fields it does not know. An alias is the name that files, register and API know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        ignored_types=(cached_property,),
    )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic does it, but without what was worked out from the fields (`cached_property`): they may differ."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied
