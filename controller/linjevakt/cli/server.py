"""The process behind `linjevakt serve`: polls the fleet, advances orders, answers HTTP until it is told to stop."""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI
from structlog.typing import EventDict

from linjevakt import census, web
from linjevakt.cli.context import Context
from linjevakt.cli.sparing import Sparing
from linjevakt.daemons.orders import Runner
from linjevakt.daemons.poller import Watch
from linjevakt.daemons.renewal import Renewal
from linjevakt.health.gufo import GufoPoller
from linjevakt.health.metrics import Metrics
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.health import Health, Transition
from linjevakt.model.saying import Saying
from linjevakt.model.system import reason
from linjevakt.model.text import visible
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.trust import setup
from linjevakt.web.patience import PatientProtocol, room
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.field import Field

log = structlog.get_logger(__name__)

HOME_WITHIN_S: Final = 20.0  # boot, addresses and tunnel; who is under way for days may not keep a thread from others
_ENDS_WITHIN_S: Final = 25  # seconds for requests under way, after SIGTERM
_AWAY: Final = frozenset({"", "down"})
Work = Callable[[threading.Event], None]


def run(context: Context, listen: str, fd: int | None, poll: float, *, orders: bool = True) -> None:
    """Serve at `listen` (HOST:PORT), or on the socket `fd`; poll each router every `poll` seconds (0: never).

    `orders`: do the system's steps of work orders, renew certificates, see to it that hubs refuse whom they must. Ends
    on SIGTERM or SIGINT. Raises InvalidInputError for an address that cannot be had, StorageError for no database,
    SecretError for a wrong key.
    """
    _log_to_stderr()
    fleet = context.fleet
    metrics = Metrics(
        context.store.healths.current,
        context.store.pushes.totals,
        lambda: revocation.standing(fleet),
        census.Taker(fleet).take,
    )
    context.store.revision()  # a database that is not there shall show now, not at the first request
    for secret, cannot in setup.lacking(context.vault).items():  # so does a wrong key
        log.error("a secret is gone: restore the database from its backup", secret=secret, cannot=cannot)
    listener = _inherited(fd) if fd else _listener(listen)
    desk = Desk(fleet, context.catalogue, hands=lambda heard: Field(fleet, heard, HOME_WITHIN_S))
    runner = Runner(desk) if orders else None
    renewal = Renewal(fleet) if orders else None
    nudge = runner.nudge if runner else None
    app = web.create(desk, metrics.scraped, hosts=context.settings.hosts, nudge=nudge)
    with (
        _beside("orders", runner.run if runner else None),
        _beside("renewal", renewal.run if renewal else None),
        _beside("health-watch", _watch(fleet, metrics, poll, [one.heard_of for one in (runner, renewal) if one])),
    ):
        _serve(uvicorn.Server(_configuration(app)), listener)


def _configuration(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        http=PatientProtocol,
        ws="none",
        backlog=room().queue,
        timeout_graceful_shutdown=_ENDS_WITHIN_S,
    )


def _log_to_stderr() -> None:
    for handler in logging.getLogger().handlers:  # what libraries say, for each of thousands of clients if need be
        handler.addFilter(Sparing())
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _in_plain_text,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _in_plain_text(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What routers said is part of many events."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    log.info("serving", address=listener.getsockname())
    # uvicorn raises the signal again when it is done; by then nothing is left that should die of it
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    server.run(sockets=[listener])
    log.info("stopped")


@contextmanager
def _beside(name: str, work: Work | None) -> Iterator[None]:
    """Lets `work` go on in a thread while the block runs."""
    if work is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(
    fleet: Fleet, metrics: Metrics, every_s: float, waiting: Sequence[Callable[[Sequence[str]], None]]
) -> Work | None:
    def record(healths: Sequence[Health]) -> None:
        changes = fleet.store.healths.save(*healths)
        _tell(*changes)
        back = [change.router for change in changes if change.before in _AWAY and change.after not in _AWAY]
        for heard_of in waiting if back else ():
            heard_of(back)

    watch = Watch(fleet.snmp_targets, GufoPoller(), record, every_s=every_s, observe=metrics.observe_poll)
    return watch.run if every_s else None


def _tell(*transitions: Transition) -> None:
    for change in transitions:
        log.info("condition changed", router=change.router, before=change.before, after=change.after, **_words(change))


def _words(change: Transition) -> dict[str, str]:
    return {name.replace(" ", "_"): f"{before} -> {after}" for name, (before, after) in change.changes.items()}


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
