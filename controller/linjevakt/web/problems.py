"""Errors of the house as HTTP answers: problem details (RFC 9457), and how they are documented."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
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
from linjevakt.model.phrase import Phrase

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


def problem(
    status: HTTPStatus,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    errors: Iterable[Fault] | None = None,
    lacking: Sequence[Phrase] | None = None,
) -> JSONResponse:
    """A problem whose type says no more than the status does (`about:blank`)."""
    faults = tuple(Fault(field=_clean(fault.field), message=_clean(fault.message)) for fault in errors or ())
    told = Problem(
        title=status.phrase,
        status=status.value,
        detail=_clean(detail),
        errors=faults or None,
        lacking=tuple(lacking) if lacking else None,
    )
    return JSONResponse(told.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


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


async def _ours(_: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    lacking = error.lacking if isinstance(error, LackingError) else None
    errors = _findings(error) if isinstance(error, InvalidInputError) else None
    return problem(status, str(error), errors=errors, lacking=lacking)


async def _fault(_: Request, error: Exception) -> JSONResponse:
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault in Linjevakt ({type(error).__name__}); its log says more"
    )


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return problem(HTTPStatus(error.status_code), str(error.detail), headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    faults = [Fault(field=_field(found["loc"], error.body), message=_message(found)) for found in error.errors()]
    detail = "; ".join(f"{fault.field}: {fault.message}" if fault.field else fault.message for fault in faults)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=faults)


def _methods(request: Request) -> list[str]:
    """Every method of the path: the framework tells those of one route, and here each method is a route."""
    return [method for method in _METHODS if _is_routed(request, method)]


def _is_routed(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _findings(error: InvalidInputError) -> Iterator[Fault]:
    if isinstance(error, InventoryError):
        for issue in error.issues:
            yield Fault(field=issue.field, message=f"{issue.message}. {issue.remedy}")
    else:
        yield Fault(field="", message=str(error))


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
        near = get_close_matches(str(context["tag"]), known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        return f"{context['tag']!r} is not known. {hint}"
    if fault["type"] == "json_invalid":
        return f"no JSON: {context['error']} (character {fault['loc'][-1]})"
    return wording.sentence(wording.said(fault))


def _clean(text: str) -> str:
    """Without what UTF-8 cannot say: half a surrogate pair, which JSON can."""
    return text.encode("utf-8", "replace").decode()
