"""The adapter and the decoder of a made-up vendor, as somebody would write them who may not touch the core."""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import IPv4Address
from typing import Final, TypeVar

from tests.unit.platform.box import MINUTE_S, Box, BoxError

from linjevakt.devices import Device, LineState, Pending, Target
from linjevakt.health import Decoder, Rows
from linjevakt.model.change import Sent, Standing
from linjevakt.model.errors import ApplyError, DeviceError, LockedError, RefusedError, UnreachableError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.secret import Secret

BOXES: Final[dict[str, Box]] = {}
"""The network: who answers at an address."""

_HASH = "alias linjevakt-hash "
_SESSION = "alias linjevakt-session "
_Answer = TypeVar("_Answer")


@contextmanager
def connect(target: Target) -> Iterator[Device]:
    """Every login is a user of its own to the router, called as the session."""
    box = BOXES[target.address]
    _asked(target.router, DeviceError, box.reach)
    yield AcmeDevice(target.router, box, target.session)


class AcmeDevice:
    """What it sends it marks with two aliases, by which it knows it again in what the router shows as running."""

    def __init__(self, router: str, box: Box, session: str) -> None:
        self._router, self._box, self._session = router, box, session

    def load(self, text: Secret, *, replace: bool) -> None:
        """See Device."""
        assert replace
        plain = text.reveal()
        marked = f"{plain}{_HASH}{hashlib.sha256(plain.encode()).hexdigest()}\n{_SESSION}{self._session}\n"
        self._do(RefusedError, lambda: self._box.load(marked, self._session))

    def compare(self) -> str:
        """See Device. That another session has sent the same is no difference."""
        loaded = self._box.candidate[0] if self._box.candidate else self._box.running
        before, after = _plain(self._box.running), _plain(loaded)
        return "\n".join(difflib.unified_diff(before, after, "running", "candidate", lineterm="", n=0))

    def commit(self, revert_in_s: int | None, message: str) -> None:
        """See Device. It takes no message."""
        assert message
        assert revert_in_s is not None
        self._do(ApplyError, lambda: self._box.commit(revert_in_s / MINUTE_S, self._session))

    def confirm(self) -> None:
        """See Device."""
        self._do(DeviceError, lambda: self._box.confirm(self._session))

    def rollback(self) -> None:
        """See Device."""
        self._do(DeviceError, self._box.rollback)

    def discard(self) -> None:
        """See Device."""
        if self._box.candidate and self._box.candidate[1] == self._session:
            self._box.candidate = None

    def standing(self, sent: Sent) -> Standing:
        """See Device."""
        running, waiting = self._running(), self._box.waiting
        if f"{_HASH}{sent.hash}\n" in running:
            if waiting is None:
                return Standing.OURS_CONFIRMED
            return Standing.OURS_PENDING if waiting.user == sent.session else Standing.OTHER
        ours = any(f"{_SESSION}{sent.session}\n" in text for text in self._box.undone)
        return Standing.BACK if ours else Standing.UNTOUCHED

    def pending(self) -> Pending | None:
        """See Device."""
        self._running()
        waiting = self._box.waiting
        return Pending(session=waiting.user, revert_in_s=waiting.ends - self._box.clock.passed) if waiting else None

    def running_hash(self) -> str:
        """See Device."""
        return hashlib.sha256(self._running().encode()).hexdigest()

    def running(self) -> Secret:
        """See Device."""
        return Secret(self._running())

    def lines(self) -> tuple[LineState, ...]:
        """See Lined."""
        self._running()
        found = [(name, up) for name, is_line, up in self._box.interfaces() if is_line]
        used = next((name for name, up in found if up), "")
        return tuple(LineState(name=name, up=up, in_use=name == used) for name, up in found)

    def reach(self, to: IPv4Address, source: IPv4Address) -> float | None:
        """See Reaching."""
        assert f" address {source} " in self._running()
        return self._box.ping(str(to))

    def _running(self) -> str:
        return self._do(DeviceError, lambda: self._box.running)

    def _do(self, kind: type[DeviceError], command: Callable[[], _Answer]) -> _Answer:
        _asked(self._router, kind, self._box.reach)
        return _asked(self._router, kind, command)


def _plain(text: str) -> list[str]:
    return [row for row in text.splitlines() if not row.startswith(_SESSION)]


def _asked(router: str, kind: type[DeviceError], command: Callable[[], _Answer]) -> _Answer:
    try:
        return command()
    except ConnectionError as error:
        raise UnreachableError(f"{router}: {error}") from error
    except BoxError as error:
        raise (LockedError if re.search("locked", str(error)) else kind)(f"{router}: {error}") from error


_NAME = "1.3.6.1.2.1.1.5.0"  # sysName, SNMPv2-MIB
_STATUS = "1.3.6.1.2.1.2.2.1.8"  # ifOperStatus, IF-MIB: 1 is up


def decode(target: SnmpTarget, at: datetime, rows: Rows) -> Health:
    """The standard tables alone."""
    if rows.get(_NAME) != target.router.encode():
        raise DeviceError(f"{target.router}: another router answers")
    up = all(value == 1 for oid, value in rows.items() if oid.startswith(f"{_STATUS}."))
    return Health(target.router, at, reachable=True, tunnel_up=up, config_state="confirmed")


DECODER = Decoder((_NAME,), (_STATUS,), decode)
