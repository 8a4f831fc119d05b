"""What every subject of the API shares: pages, moments, names, and what each write has to say."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from linjevakt.model.actor import Actor, Permission, Role, Via
from linjevakt.model.day import NONE, fault
from linjevakt.model.entity import Author
from linjevakt.model.fields import Slug, Text
from linjevakt.model.order import LARGEST_NUMBER
from linjevakt.model.saying import Saying
from linjevakt.web import guards
from linjevakt.web.problems import documented
from linjevakt.workorders.calendar import start_of

T = TypeVar("T")

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?", re.ASCII)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)

# --- reading ---

Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, examples=[17])]
Name = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]
After = Annotated[str, Query(max_length=200, description="The `next` of the page before; empty: the first page.")]
Word = Annotated[str | None, Query(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
SlugWanted = Annotated[Slug | None, Query()]


class Page(BaseModel, Generic[T]):
    """Some of many, in the order of their keys; `next` is what to ask for as `after`, and null on the last page."""

    items: tuple[T, ...]
    next: str | None


def page(found: Iterable[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """The first `limit` of what was found."""
    some = list(islice(found, limit + 1))
    more = len(some) > limit
    return Page(items=tuple(some[:limit]), next=key(some[limit - 1]) if more else None)


def following(known: Sequence[T], after: str, key: Callable[[T], str]) -> Iterator[T]:
    """Those of many, sorted by their keys, that come after one; nobody walks past the others."""
    return (known[n] for n in range(bisect_right(known, after, key=key), len(known)))


def _moment(value: object) -> object:
    """A day is its last moment in Norway; what time zones cannot reach is the first or the last of all moments."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(Saying("should be written as 2026-01-31 or 2026-01-31T12:00:00Z"))
    try:
        return _end_of(date.fromisoformat(value)) if "T" not in value.upper() else datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(NONE if fault(value[:10])[0] == NONE else Saying("is no time")) from error


def _end_of(day: date) -> datetime:
    try:
        return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)
    except OverflowError:
        return _LAST if day.year > 1 else _FIRST


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _LAST if moment.year > 1 else _FIRST


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    AfterValidator(_utc),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]
AsOf = Annotated[
    Moment | None, Query(description="As it was: a day (its end, in Norway) or a moment.", examples=["2026-03-10"])
]

# --- writing ---


_REFUSES: Final = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


_NO_MORE: Final[Mapping[int | str, Any]] = {}


def takes(permission: Permission) -> dict[str, Any]:
    """What a route takes of whoever calls it, as data in its description: nothing asks for it before people log in."""
    return {"x-permission": permission.value}


def writes(permission: Permission, responses: Mapping[int | str, Any] = _NO_MORE) -> dict[str, Any]:
    """The declaration of a route that is sent JSON and changes something; `responses` are those besides, by status."""
    return {
        "dependencies": [Depends(guards.sends_json)],
        "responses": {**_REFUSES, **responses},
        "openapi_extra": takes(permission),
    }


LOOKS: Final[Mapping[str, Any]] = {"openapi_extra": takes(Permission.LOOK)}
"""The declaration of a route that changes nothing."""


class Body(BaseModel):
    """What is sent; a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Body):
    """Every write says who does it, or who writes it down for whom; nobody vouches for the names yet."""

    who: Annotated[Text, Field(examples=["Kari Nordmann"])]
    on_behalf_of: Annotated[Text | None, Field(description="Whose doing it is, when `who` writes it down.")] = None

    def actor(self) -> Actor:
        """For the history. Raises InvalidInputError for a name that it does not keep."""
        return Actor("", self.who, frozenset({Role.ADMINISTRATOR}), Via.API, self.on_behalf_of)


class Write(Named):
    """Nearly every write says why, too: the history keeps all of it."""

    reason: Annotated[Text, Field(examples=["Telefon fra daglig leder"])]

    def author(self) -> Author:
        """Both, for the register."""
        return Author(self.actor(), self.reason)

    def besides(self) -> dict[str, Any]:
        """What else is said."""
        return self.model_dump(exclude=set(Write.model_fields))


def patched(whole: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The whole with a merge patch applied (RFC 7396): objects are merged, null takes out, anything else replaces."""
    kept = {name: value for name, value in whole.items() if name not in patch}
    return kept | {name: _patched(whole.get(name), value) for name, value in patch.items() if value is not None}


def _patched(before: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return patched(before if isinstance(before, Mapping) else {}, value)
