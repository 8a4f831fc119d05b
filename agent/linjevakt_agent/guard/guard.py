"""The one process on a box that changes anything: serves `guard.sock`, and reverts when nobody confirms."""

import logging
import re
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import msgspec

from linjevakt_agent.base.errors import ConfigError, InvalidError, UnavailableError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.volatile import BACKLOG, exclusively, listening
from linjevakt_agent.force.shaping import Arrivals
from linjevakt_agent.guard import clients
from linjevakt_agent.guard.clients import Client
from linjevakt_agent.guard.transaction import Result, Transaction
from linjevakt_agent.network.linkevents import LinkEvents

_LONGEST_WORDS = {"session": 128, "message": 1000, "op": 32, "mode": 32, "place": 32}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_LONGEST_WAIT_S = 1.0  # select(2) does not count time asleep, the deadline does: look again every second
log = logging.getLogger(__name__)


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line from a client; which fields matter is the operation's affair."""

    op: str
    session: str = ""
    mode: str = "replace"
    text: str = ""
    revert_in: float | None = None
    message: str = ""
    place: str = "running"
    sanitized: bool = False
    name: str | None = None


Identify = Callable[[str | None], Result]
"""Makes the box's keys if there are none and returns what `linjevakt-agent identity` prints, for a host name."""

OPERATIONS: dict[str, Callable[[Transaction, Request], Result]] = {
    "load": lambda config, ask: config.load(ask.session, ask.mode, ask.text),
    "diff": lambda config, ask: config.diff(ask.session),
    "commit": lambda config, ask: config.commit(ask.session, ask.revert_in, ask.message),
    "confirm": lambda config, ask: config.confirm(ask.session),
    "rollback": lambda config, ask: config.rollback(ask.session),
    "discard": lambda config, ask: config.discard(ask.session),
    "show": lambda config, ask: config.show(ask.place, sanitized=ask.sanitized),
    "status": lambda config, _ask: config.status(),
}


class Guard:
    """A select loop over the socket, its clients, the kernel's link messages and the revert timer."""

    def __init__(self, paths: Paths, config: Transaction, identify: Identify) -> None:
        self._paths = paths
        self._config = config
        self._identify = identify
        self._selector = selectors.DefaultSelector()
        self._clients: set[Client] = set()
        self._stopping = False

    def serve(self) -> None:
        """Recover, then serve until SIGTERM. Raises UnavailableError if another guard is at work."""
        self._paths.run.mkdir(parents=True, exist_ok=True)
        with _alone(self._paths.run / "guard.lock"), listening(self._paths.socket) as listener:
            listener.setblocking(False)  # noqa: FBT003 - the standard library's way
            self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept_all(listener))
            self._stop_on_signals()
            self._report(self._config.recover)
            self._watch_links()
            log.info("ready")
            while not self._stopping:
                self._turn()

    def _turn(self) -> None:
        ready = self._selector.select(min(self._config.due_in(), _LONGEST_WAIT_S))
        self._part_with_the_late({key.fileobj for key, _events in ready})
        for key, _events in ready:
            key.data()
        for client in clients.turn(self._clients):
            self._tick()
            self._serve(client)
        if not self._tick():
            self._selector.select(_LONGEST_WAIT_S)  # the disk refuses: go on trying, but not without a pause

    def _tick(self) -> bool:
        """Do what is due, such as to revert; return whether it went well."""
        return self._config.due_in() != 0 or self._report(self._config.tick)

    def _report(self, action: Callable[[], None]) -> bool:
        """Carry out what nobody waits for an answer to; return whether it went well."""
        try:
            action()
        except Exception:
            log.exception("%s failed", getattr(action, "__name__", action))
            return False
        return True

    def _stop_on_signals(self) -> None:
        wake, woken = socket.socketpair()
        woken.setblocking(False)  # noqa: FBT003 - the standard library's way
        signal.set_wakeup_fd(woken.fileno())
        self._wakers = (wake, woken)
        self._selector.register(wake, selectors.EVENT_READ, lambda: wake.recv(64))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True  # what is under way is ended first

    def _watch_links(self) -> None:
        events, arrivals = LinkEvents(), Arrivals()

        def changed() -> None:
            if events.drain() and (names := arrivals.take()):
                self._report(lambda: self._config.devices_appeared(names))

        self._selector.register(events, selectors.EVENT_READ, changed)

    # -- clients ---------------------------------------------------------------------------------------------------

    def _accept_all(self, listener: socket.socket) -> None:
        """Take in all who wait before any work is done: one at a time, a crowd would keep the others out."""
        with suppress(OSError):  # BlockingIOError above all: nobody waits any more
            for _ in range(BACKLOG):  # those who come again and again do not keep us from our work
                connection, _address = listener.accept()
                self._take_in(connection)

    def _take_in(self, connection: socket.socket) -> None:
        client = Client(connection)
        if not clients.has_room(self._clients, client.user):
            connection.close()
            return
        self._clients.add(client)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._attend(client))
        self._attend(client)

    def _attend(self, client: Client) -> None:
        """Hear a client, or send it what it is owed, as far as it reads."""
        self._converse(client, lambda: client.go_on() if client.to_do else client.hear())

    def _serve(self, client: Client) -> None:
        """Carry out one request."""
        began = time.monotonic()
        self._converse(client, lambda: client.answer(self.answer(client.request())))
        for other in self._clients - {client}:
            other.wait(time.monotonic() - began)

    def _converse(self, client: Client, action: Callable[[], None]) -> None:
        """Do one thing for a client, and part with it if it is gone or takes too much."""
        if client not in self._clients:
            return
        try:
            action()
        except BlockingIOError:
            return
        except OSError:  # it is gone; what it asked for stays done
            self._part(client)
            return
        if clients.takes_too_much(self._clients, client.user):
            self._part(client)
        else:
            wanted = selectors.EVENT_WRITE if client.to_do else selectors.EVENT_READ
            self._selector.modify(client.connection, wanted, lambda: self._attend(client))

    def _part_with_the_late(self, ready: set[object]) -> None:
        """Those who have just said something are heard first: we may have been busy for long."""
        for client in [each for each in self._clients if each.late and each.connection not in ready]:
            self._part(client)

    def _part(self, client: Client) -> None:
        self._clients.discard(client)
        self._selector.unregister(client.connection)
        client.connection.close()

    def answer(self, line: bytes) -> bytes:
        """Return the answer to one request, a line of JSON: `{"ok": {...}}` or `{"error": {...}}`."""
        try:
            answer: Result = {"ok": self._carry_out(line)}
        except ConfigError as error:
            answer = {"error": error.to_json()}
        except Exception:
            log.exception("a request failed")
            answer = {"error": UnavailableError("the guard made a mistake; its log says more").to_json()}
        return msgspec.json.encode(answer) + b"\n"

    def _carry_out(self, line: bytes) -> Result:
        try:
            request = msgspec.json.decode(line, type=Request)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidError(f"not a request: {error}") from error
        _check_words(request)
        if request.op == "identity":
            return self._identify(request.name)
        if request.op not in OPERATIONS:
            raise InvalidError(f"unknown operation '{request.op}'; known: {' '.join(OPERATIONS)} identity")
        return OPERATIONS[request.op](self._config, request)


def _check_words(request: Request) -> None:
    """What is kept, logged and shown to others is short and says what it seems to say."""
    for name, most in _LONGEST_WORDS.items():
        value = getattr(request, name)
        if len(value) > most or _UNSEEN.search(value):
            raise InvalidError(f"`{name}` must be at most {most} characters, none of them a control character")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(exclusively(path, wait=False))
        except BlockingIOError as error:
            raise UnavailableError("another guard is at work on this box") from error
        yield
