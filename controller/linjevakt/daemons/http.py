"""HTTP for as long as the process is not told to stop, on an address or on a socket that was handed over."""

import signal
import socket
from ipaddress import ip_address
from typing import Any, Final

import structlog
import uvicorn

from linjevakt.daemons.patience import PatientProtocol, room
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying
from linjevakt.model.system import reason

log = structlog.get_logger(__name__)

_ENDS_WITHIN_S: Final = 25  # seconds for requests under way, after SIGTERM


def listener(address: str, fd: int | None) -> socket.socket:
    """Listens at `address` (HOST:PORT), or takes over the socket `fd`. Raises InvalidInputError."""
    return _inherited(fd) if fd else _listener(address)


def serve(app: Any, listening: socket.socket) -> None:
    """Answers with an ASGI application until SIGTERM or SIGINT; requests under way end first."""
    log.info("serving", address=listening.getsockname())
    # uvicorn raises the signal again when it is done; by then nothing is left that should die of it
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    uvicorn.Server(_configuration(app)).run(sockets=[listening])
    log.info("stopped")


def _configuration(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        http=PatientProtocol,
        ws="none",
        backlog=room().queue,
        timeout_graceful_shutdown=_ENDS_WITHIN_S,
    )


def _inherited(fd: int) -> socket.socket:
    try:
        return socket.socket(fileno=fd)
    except OSError as error:
        why = reason(error)
        raise InvalidInputError(Saying("--fd {} is no listening socket of this process: {}", fd, why)) from error


def _listener(text: str) -> socket.socket:
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004
        listener = socket.create_server((str(address), int(port)), family=family)
    except ValueError as error:
        raise InvalidInputError(Saying("--listen {}: give an address and a port, as 127.0.0.1:8080", text)) from error
    except (OSError, OverflowError) as error:
        why = reason(error) if isinstance(error, OSError) else Saying("there is no such port")
        raise InvalidInputError(Saying("--listen {}: {}. Give another address or port.", text, why)) from error
    if not address.is_loopback:
        log.warning(
            "everyone who reaches this address can change the fleet: put a proxy with log-in before it", address=text
        )
    return listener
