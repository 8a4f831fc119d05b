"""Errors of the house as HTTP answers: problem details (RFC 9457) in the client's language, and their documentation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from linjevakt.model import wording
from linjevakt.model.errors import (
    ConflictError,
    InvalidInputError,
    InventoryError,
    LackingError,
    LinjevaktError,
    NotFoundError,
    SecretError,
    StorageError,
    UnreachableError,
)
from linjevakt.model.near import did_you_mean
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language, together
from linjevakt.web import language

MEDIA_TYPE: Final = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with what was sent; `field` is dotted, and empty when it is about all of it."""

    field: str
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457). `errors` come with 422, `lacking` with a 409 about what must be in place first."""

    model_config = ConfigDict(extra="forbid")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] | None = None
    lacking: tuple[Phrase, ...] | None = None


Finding = tuple[str, object]
_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
# The first class that fits wins: subclasses stand before their bases.
_STATUS: Final[tuple[tuple[type[LinjevaktError], HTTPStatus], ...]] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnreachableError, HTTPStatus.BAD_GATEWAY),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
    (SecretError, HTTPStatus.SERVICE_UNAVAILABLE),
    (LinjevaktError, HTTPStatus.INTERNAL_SERVER_ERROR),
)

# What the framework says: the titles of statuses, some of which it uses as details, and a detail of its own.
_THEIRS: Final[Mapping[str, Saying]] = {
    str(text): text
    for text in (
        Saying("Bad Request"),
        Saying("Not Found"),
        Saying("Method Not Allowed"),
        Saying("Not Acceptable"),
        Saying("Conflict"),
        Saying("Request Entity Too Large"),
        Saying("Content Too Large"),
        Saying("Unsupported Media Type"),
        Saying("Misdirected Request"),
        Saying("Unprocessable Entity"),
        Saying("Unprocessable Content"),
        Saying("Internal Server Error"),
        Saying("Bad Gateway"),
        Saying("Service Unavailable"),
        Saying("There was an error parsing the body"),
    )
}

_LACKING: Final = Phrase(
    nb="Solbakken apotek har ikke godtatt databehandleravtalen. Daglig leder eller en med signaturrett må gjøre det.",
    en="Solbakken apotek has not accepted the data-processing agreement. The general manager or someone with "
    "signature right must.",
)
_EXAMPLES: Final[Mapping[HTTPStatus, tuple[str, Mapping[str, Any]]]] = {
    HTTPStatus.BAD_REQUEST: ("There was an error parsing the body", {}),
    HTTPStatus.NOT_FOUND: ("There is no site 'fjelheim'. Did you mean fjellheim?", {}),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Method Not Allowed", {}),
    HTTPStatus.NOT_ACCEPTABLE: ("This answers application/json only.", {}),
    HTTPStatus.CONFLICT: (
        f"Order 17, step gate: not yet. {_LACKING.en}",
        {"lacking": [_LACKING.model_dump()]},
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("Content Too Large", {}),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("Send application/json.", {}),
    HTTPStatus.MISDIRECTED_REQUEST: ("This server does not answer to the name 'elsewhere.example'.", {}),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "wish.site.postcode: '15' is no postcode. Write its 4 digits",
        {"errors": [{"field": "wish.site.postcode", "message": "'15' is no postcode. Write its 4 digits"}]},
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("a fault in Linjevakt (KeyError); its log says more", {}),
    HTTPStatus.SERVICE_UNAVAILABLE: ("The database cannot do it. Is it there, and has `linjevakt init` run?", {}),
}


def install(app: FastAPI) -> None:
    """Makes the application answer every error as a problem."""
    app.add_exception_handler(LinjevaktError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _fault)  # uvicorn logs it


def problem(  # noqa: PLR0913 - what a problem may tell
    request: Request,
    status: HTTPStatus,
    detail: object,
    headers: Mapping[str, str] | None = None,
    *,
    errors: Iterable[Finding] = (),
    lacking: Sequence[Phrase] | None = None,
) -> JSONResponse:
    """A problem whose type says no more than the status does (`about:blank`), in the language that the client reads.

    `errors`: a dotted field, and what is wrong with it.
    """
    spoken = language.choose(None, request.headers.get("accept-language"), otherwise="en")
    told = Problem(
        title=in_language(_known(status.phrase), spoken),
        status=status.value,
        detail=_clean(in_language(detail, spoken)),
        errors=tuple(_fault_of(finding, spoken) for finding in errors) or None,
        lacking=tuple(lacking) if lacking else None,
    )
    said_in = {"Content-Language": spoken, "Vary": "Accept-Language"}
    return JSONResponse(
        told.model_dump(exclude_none=True), status, {**(headers or {}), **said_in}, media_type=MEDIA_TYPE
    )


def _known(text: str) -> str:
    return _THEIRS.get(text, text)


def _fault_of(finding: Finding, spoken: str) -> Fault:
    field, message = finding
    return Fault(field=_clean(field), message=_clean(in_language(message, spoken)))


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer so."""
    return {status.value: _documentation(status) for status in statuses}


def _documentation(status: HTTPStatus) -> dict[str, Any]:
    detail, more = _EXAMPLES[status]
    example = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {status.name.lower(): {"value": example}},
    }
    return {"description": status.phrase, "content": {MEDIA_TYPE: content}}


async def _ours(request: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    lacking = error.lacking if isinstance(error, LackingError) else None
    errors = _findings(error) if isinstance(error, InvalidInputError) else ()
    return problem(request, status, error, errors=errors, lacking=lacking)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    said = Saying("a fault in Linjevakt ({kind}); its log says more", kind=type(error).__name__)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, said)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return problem(request, HTTPStatus(error.status_code), _known(error.detail), headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    faults = [(_field(found["loc"], error.body), _message(found)) for found in error.errors()]
    told = [Saying("{}: {}", field, message) if field else message for field, message in faults]
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, together("; ", told), errors=faults)


def _methods(request: Request) -> list[str]:
    """Every method of the path: the framework tells those of one route, and here each method is a route."""
    return [method for method in _METHODS if _is_routed(request, method)]


def _is_routed(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _findings(error: InvalidInputError) -> Iterator[Finding]:
    if isinstance(error, InventoryError):
        for issue in error.issues:
            yield issue.field, Saying("{}. {}", issue.message, issue.remedy)
    else:
        yield "", error


def _field(loc: Sequence[int | str], body: Any) -> str:
    """The place of a fault in what was sent: without the part of the request, and without names of alternatives."""
    part, *path = loc
    if part == "body" and not isinstance(body, dict | list):  # no JSON: the path is a position in the text
        return ""
    if part != "body":
        return ".".join(map(str, path))
    return ".".join(_placed(path, body))


def _placed(path: Sequence[int | str], body: Any) -> Iterator[str]:
    for n, step in enumerate(path):
        inside = _inside(body, step)
        if inside is not None or n == len(path) - 1:
            yield str(step)
        body = body if inside is None else inside


def _inside(body: Any, step: int | str) -> Any:
    if isinstance(body, dict):
        return body.get(step)
    return body[step] if isinstance(body, list) and isinstance(step, int) and step < len(body) else None


def _message(fault: Mapping[str, Any]) -> str:
    """What the validator says; for a name that is one of a few, what was meant."""
    context = fault.get("ctx", {})
    if fault["type"] == "union_tag_invalid":
        known = [tag.strip("' ") for tag in context["expected_tags"].split(",")]
        hint = did_you_mean(str(context["tag"]), known, Saying("There are: {names}.", names=", ".join(known)))
        return Saying("{tag!r} is not known. {hint}", tag=context["tag"], hint=hint)
    if fault["type"] == "json_invalid":
        at = fault["loc"][-1]
        return Saying("no JSON: {why} (character {at})", why=context["error"], at=at)
    return wording.sentence(wording.said(fault))


def _clean(text: str) -> str:
    """Without what UTF-8 cannot say: half a surrogate pair, which JSON can."""
    return text.encode("utf-8", "replace").decode()
