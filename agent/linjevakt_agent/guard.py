"""The one process on a box that changes anything: serves `guard.sock`, and reverts when nobody confirms."""

import fcntl
import logging
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import msgspec

from linjevakt_agent.client import LONGEST_REQUEST
from linjevakt_agent.errors import ConfigError, InvalidError, UnavailableError
from linjevakt_agent.linkevents import LinkEvents
from linjevakt_agent.paths import Paths
from linjevakt_agent.shaping import Arrivals
from linjevakt_agent.transaction import Result, Transaction
from linjevakt_agent.volatile import listening

MOST_CLIENTS = 64
"""Clients at once; the guard must keep file descriptors for putting a configuration back."""

_ANSWER_TIMEOUT_S = 5.0
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
        self._stopping = False

    def serve(self) -> None:
        """Recover, then serve until SIGTERM. Raises UnavailableError if another guard is at work."""
        self._paths.run.mkdir(parents=True, exist_ok=True)
        with _alone(self._paths.run / "guard.lock"), listening(self._paths.socket) as listener:
            self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept(listener))
            self._stop_on_signals()
            self._report(self._config.recover)
            self._watch_links()
            log.info("ready")
            while not self._stopping:
                self._turn()

    def _turn(self) -> None:
        due = self._config.due_in()
        for key, _events in self._selector.select(_LONGEST_WAIT_S if due is None else min(due, _LONGEST_WAIT_S)):
            key.data()
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

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _address = listener.accept()
            if len(self._selector.get_map()) > MOST_CLIENTS:
                connection.close()
                return
            buffer = bytearray()
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._read(connection, buffer))

    def _read(self, connection: socket.socket, buffer: bytearray) -> None:
        try:
            data = connection.recv(262144)
            buffer += data
            while (end := buffer.find(b"\n")) >= 0:
                line = bytes(buffer[:end])
                del buffer[: end + 1]
                self._send(connection, self.answer(line))
            gone = not data or len(buffer) > LONGEST_REQUEST
        except OSError:  # the client is gone; what it asked for stays done
            gone = True
        if gone:
            self._selector.unregister(connection)
            connection.close()

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        """Send; whoever does not read, or asks without end, must not make the revert late. Raises OSError."""
        due = self._config.due_in()
        connection.settimeout(_ANSWER_TIMEOUT_S if due is None else min(due, _ANSWER_TIMEOUT_S))
        connection.sendall(answer)
        self._tick()

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
        except msgspec.DecodeError as error:
            raise InvalidError(f"not a request: {error}") from error
        if request.op == "identity":
            return self._identify(request.name)
        if request.op not in OPERATIONS:
            raise InvalidError(f"unknown operation '{request.op}'; known: {' '.join(OPERATIONS)} identity")
        return OPERATIONS[request.op](self._config, request)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnavailableError("another guard is at work on this box") from error
        yield
