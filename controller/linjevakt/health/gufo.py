"""The poller on gufo-snmp: SNMPv3 with SHA-256 and AES-128, and retries of its own."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from gufo.snmp import NoSuchInstance, SnmpAuthError, SnmpError, ValueType
from gufo.snmp.sync import SnmpSession
from gufo.snmp.user import Aes128Key, KeyType, Sha256Key, User

from linjevakt import platforms
from linjevakt.health import Decoder, Rows
from linjevakt.model.errors import DeviceError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.saying import Saying
from linjevakt.model.text import visible

TIMEOUTS_S: Final = (1.0, 2.0, 4.0)  # of each request, one try after the other
_LARGEST: Final = 30_000  # rows: eight columns of lines and probes, and whole tables of interfaces
_POLL_S: Final = 20.0  # for the tables of one router, which take 0.1 s
_ROWS: Final = 16  # asked for at once, so that an answer fits into one packet of the tunnel


def _now() -> datetime:
    return datetime.now(UTC)


class GufoPoller:
    """A `Poller`: a short session for each poll, so that thousands of routers need few sockets."""

    def __init__(self, timeouts_s: tuple[float, ...] = TIMEOUTS_S, clock: Callable[[], datetime] = _now) -> None:
        self._timeouts_s = timeouts_s
        self._clock = clock

    def poll(self, target: SnmpTarget) -> Health:
        """Asks once, and again with a longer timeout when there is no answer."""
        detail = ""
        decoder: Decoder = platforms.part(target.decoder, "DECODER")
        for timeout_s in self._timeouts_s:
            at = self._clock()
            try:
                return decoder.decode(target, at, _fetch(decoder, target, timeout_s))
            except (TimeoutError, OSError) as error:
                detail = Saying(
                    "no answer to SNMP from {address}:{port} ({reason})",
                    address=target.address,
                    port=target.port,
                    reason=_reason(error),
                )
            except SnmpAuthError:
                return _silent(
                    target, at, Saying("the router refuses our SNMP keys: stage it anew or push its configuration")
                )
            except DeviceError as error:
                return _silent(target, at, Saying("{}", error))
            except SnmpError as error:
                return _silent(target, at, visible(str(error) or type(error).__name__))
        return _silent(target, self._clock(), detail)


def _fetch(decoder: Decoder, target: SnmpTarget, timeout_s: float) -> Rows:
    with SnmpSession(
        target.address,
        target.port,
        engine_id=bytes.fromhex(target.engine_id),
        user=_user(target),
        timeout=timeout_s,
        max_repetitions=_ROWS,
    ) as session:
        rows, until = _scalars(session, decoder.scalars), time.monotonic() + _POLL_S
        for table in decoder.tables:
            rows.update(bounded(session.getbulk(table), until))
        return rows


def bounded(table: Iterable[tuple[str, ValueType]], until: float) -> Iterator[tuple[str, ValueType]]:
    """The rows of a table that may have no end. Raises DeviceError for too many, or when it is past `until`."""
    for n, row in enumerate(table):
        if n >= _LARGEST or time.monotonic() > until:
            raise DeviceError(
                Saying(
                    "its SNMP tables have more than {rows} rows, or take more than {limit:g} s",
                    rows=_LARGEST,
                    limit=_POLL_S,
                )
            )
        yield row


def _scalars(session: SnmpSession, asked: Sequence[str]) -> dict[str, ValueType]:
    """All at once; one by one when the agent cannot read one: its genErr (RFC 3416) leaves all of them empty."""
    rows = dict(session.get_many(asked))
    return rows if any(value is not None for value in rows.values()) else {oid: _get(session, oid) for oid in asked}


def _get(session: SnmpSession, oid: str) -> ValueType:
    try:
        return session.get(oid)
    except NoSuchInstance:
        return None


def _user(target: SnmpTarget) -> User:
    auth, privacy = bytes.fromhex(target.auth_key.reveal()), bytes.fromhex(target.privacy_key.reveal())
    return User(
        target.user,
        auth_key=Sha256Key(auth, key_type=KeyType.Localized),
        priv_key=Aes128Key(privacy, key_type=KeyType.Localized),
    )


def _reason(error: OSError) -> str:
    return Saying("timeout") if isinstance(error, TimeoutError | BlockingIOError) else visible(str(error))


def _silent(target: SnmpTarget, at: datetime, detail: str) -> Health:
    return Health(target.router, at, reachable=False, detail=detail)
