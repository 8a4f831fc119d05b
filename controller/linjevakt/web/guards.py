"""What a request must be to be heard: meant for this server, in JSON, and content with JSON."""

from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException, Request, Response

from linjevakt.inventory.archive import LARGEST_ARCHIVE
from linjevakt.model.saying import Saying
from linjevakt.web.problems import problem

JSON: Final = "application/json"
BODY_LIMIT: Final = 1_000_000  # bytes; the largest order is some kilobytes
IMPORTS: Final = "/api/v1/imports"  # the one route that takes an archive
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_WELCOME: Final = frozenset({JSON, "application/*", "*/*"})
Next = Callable[[Request], Awaitable[Response]]


def for_hosts(names: Collection[str]) -> Callable[[Request, Next], Awaitable[Response]]:
    """Refuses requests meant for another name: a page elsewhere could point its own name here (DNS rebinding)."""
    known = _LOOPBACK | {name.lower() for name in names}

    async def guard(request: Request, call_next: Next) -> Response:
        host = _name(request.headers.get("host", ""))
        if host in known:
            return await call_next(request)
        said = Saying(
            "This server does not answer to the name {host!r}. Use localhost, or add it to LINJEVAKT_HOSTS.", host=host
        )
        return problem(request, HTTPStatus.MISDIRECTED_REQUEST, said)

    return guard


async def small(request: Request, call_next: Next) -> Response:
    """Refuses a body that says it is too large as a problem; one that does not say is counted as it is read."""
    length = request.headers.get("content-length", "0")
    limit = LARGEST_ARCHIVE if request.url.path == IMPORTS else BODY_LIMIT
    if length.isdecimal() and int(length[:20]) > limit:
        said = Saying("Send at most {limit} bytes.", limit=limit)
        return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said)
    return await call_next(request)


def kind_of(request: Request) -> str:
    """The media type that the request says its body has, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def sends_json(request: Request) -> None:
    """Refuses writes that are not JSON: a form on a page elsewhere can send anything but that (CSRF)."""
    kind = kind_of(request)
    empty = not kind and request.headers.get("content-length", "0") == "0"
    if kind != JSON and not empty:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Saying("Send {kind}.", kind=JSON), {"Accept": JSON})


def accepts_json(request: Request) -> None:
    """Refuses to answer what cannot be read (RFC 9110 section 12.5.1)."""
    accept = ",".join(request.headers.getlist("accept"))
    if accept.strip() and not any(_is_welcome(part) for part in accept.split(",")):
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, Saying("This answers {kind} only.", kind=JSON))


def _is_welcome(part: str) -> bool:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    return kind in _WELCOME and not any(_is_zero(parameter) for parameter in parameters)


def _is_zero(parameter: str) -> bool:
    name, _, weight = parameter.partition("=")
    return name.strip() == "q" and not weight.strip().strip("0.")


def _name(host: str) -> str:
    """The host without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()
