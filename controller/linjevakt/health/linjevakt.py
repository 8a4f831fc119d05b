"""The decoder of LINJEVAKT-MIB: what Linjevakt's agent says over SNMP, as `Health`. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from typing import Final

from linjevakt.health import Decoder, Rows, Value
from linjevakt.health import linjevakt_mib as oids
from linjevakt.model.errors import DeviceError, shortened
from linjevakt.model.health import (
    MOST_LINES,
    MOST_PROBES,
    DuplicateHealth,
    Health,
    LineHealth,
    ProbeHealth,
    SnmpTarget,
)
from linjevakt.model.saying import Saying, together
from linjevakt.model.text import one_line

_NOT_KNOWN: Final = Saying("not known: does the router's guard run?")
_TICKS: Final = 100  # TimeTicks in a second, RFC 2578
_NEVER: Final = bytes(8)
_LONGEST_NAME: Final = 64  # of a router, line, segment or service; a hash
_WITH_ZONE: Final = 11  # octets of a DateAndTime that says its offset from UTC, RFC 2579


def decode(target: SnmpTarget, at: datetime, rows: Rows) -> Health:
    """One router's health from its rows (dotted OID without leading dot -> value), polled at `at`.

    What the agent could not read itself (None) counts as the worst. `detail` names it, and says why a tunnel is down
    and what is wrong with the clock and the disk.
    Raises DeviceError when the rows are not those of LINJEVAKT-MIB, of another router, or more than a site has.
    """
    _require_router(target.router, rows)
    tunnel = oids.TUNNEL_STATES.get(_number(rows, oids.TUNNEL_STATE), "down")
    found = Health(
        router=target.router,
        at=at,
        reachable=True,
        agent_version=_name(rows, oids.AGENT_VERSION),
        config_hash=_name(rows, oids.CONFIG_HASH),
        config_state=oids.CONFIG_STATES.get(_number(rows, oids.CONFIG_STATE), "none"),
        revert_in_s=_number(rows, oids.CONFIG_REVERT_IN),
        drift=_text(rows, oids.CONFIG_DRIFT) if rows.get(oids.CONFIG_DRIFT) is not None else _NOT_KNOWN,
        certificate_expires=_moment(rows, oids.CERTIFICATE_EXPIRY),
        tunnel_up=tunnel == "up",
        has_tunnel=tunnel != "none",
        tunnel_age_s=_number(rows, oids.TUNNEL_AGE),
        storage=oids.STORAGE_STATES.get(_number(rows, oids.STORAGE_STATE), "unknown"),
        line_in_use=_name(rows, oids.LINE_IN_USE),
        uptime_s=_number(rows, oids.UPTIME) / _TICKS,
        lines=tuple(_line(row) for row in _table(rows, oids.LINES, MOST_LINES)),
        probes=tuple(_probe(row) for row in _table(rows, oids.PROBES, MOST_PROBES)),
        duplicates=tuple(_duplicate(row) for row in _table(rows, oids.DUPLICATES)) if target.hub else (),
        clock=_moment(rows, oids.CLOCK),
    )
    told = _unread(rows), found.clock_fault, _why_down(rows), _text(rows, oids.STORAGE_DETAIL)
    return replace(found, detail=together("; ", [part for part in told if part]))


def _require_router(router: str, rows: Rows) -> None:
    name = _text(rows, oids.ROUTER_NAME)
    if not name:
        raise DeviceError(
            Saying("The box answers SNMP, but knows nothing of LINJEVAKT-MIB: is Linjevakt's agent on it?")
        )
    if name != router:
        raise DeviceError(Saying("The box at {router}'s address says that it is {name}.", router=router, name=name))


def _unread(rows: Rows) -> str:
    names = [name for oid, name in oids.SCALARS.items() if rows.get(oid) is None]
    return Saying("the agent cannot read {names}", names=", ".join(names)) if names else ""


def _why_down(rows: Rows) -> str:
    """Management may still be carried while a segment is not."""
    down = oids.TUNNEL_STATES.get(_number(rows, oids.TUNNEL_STATE)) == "down"
    return Saying("{}: {}", Saying("tunnel"), _text(rows, oids.TUNNEL_DETAIL)) if down else ""


def _line(row: Rows) -> LineHealth:
    """Columns of lvLineTable."""
    state = oids.LINE_STATES.get(_number(row, "4"), "unknown")
    return LineHealth(
        name=_name(row, "2"),
        kind=oids.LINE_KINDS.get(_number(row, "3"), "unknown"),
        state=state,
        in_use=_number(row, "5") == oids.TRUE,
        rtt_ms=_number(row, "6") / 1000 if state == "up" else None,
        changes=_number(row, "7"),
        address=_name(row, "8"),
        path_mtu=_number(row, "9") or None,
        mtu=_number(row, "10") or None,
    )


def _probe(row: Rows) -> ProbeHealth:
    """Columns of lvProbeTable."""
    return ProbeHealth(
        service=_name(row, "2"),
        segment=_name(row, "3"),
        result=oids.PROBE_RESULTS.get(_number(row, "4"), "unknown"),
        at=_moment(row, "5"),
        milliseconds=float(_number(row, "6")),
        detail=_text(row, "7"),
        kind=_name(row, "8"),
    )


def _duplicate(row: Rows) -> DuplicateHealth:
    """Columns of lvDuplicateTable."""
    return DuplicateHealth(
        router=_name(row, "2"),
        address=_name(row, "3"),
        attempts=_number(row, "4"),
        first=_moment(row, "5"),
        last=_moment(row, "6"),
    )


def _table(rows: Rows, entry: str, most: int | None = None) -> Iterator[Rows]:
    """The rows of a conceptual table with one integer as index, by index; keys are column numbers."""
    found: dict[int, dict[str, Value]] = defaultdict(dict)
    for oid, value in rows.items():
        if oid.startswith(f"{entry}."):
            column, _, index = oid[len(entry) + 1 :].partition(".")
            found[int(index)][column] = value
    if most is not None and len(found) > most:
        raise DeviceError(
            Saying(
                "The router's agent has {number} rows at {entry}, more than the {most} that a site may.",
                number=len(found),
                entry=entry,
                most=most,
            )
        )
    return iter([found[index] for index in sorted(found)])


def _name(rows: Rows, oid: str) -> str:
    """A text that is told of each time that it changes, and a label of metrics."""
    return _text(rows, oid)[:_LONGEST_NAME]


def _text(rows: Rows, oid: str) -> str:
    value = rows.get(oid)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return shortened(one_line(value.decode(errors="replace")))
    if isinstance(value, str):
        return shortened(one_line(value))
    raise DeviceError(
        Saying("The router's agent does not answer {oid} with text, but with {value!r}.", oid=oid, value=value)
    )


def _number(rows: Rows, oid: str) -> int:
    value = rows.get(oid)
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    raise DeviceError(
        Saying("The router's agent does not answer {oid} with a number, but with {value!r}.", oid=oid, value=value)
    )


def _moment(rows: Rows, oid: str) -> datetime | None:
    """DateAndTime, RFC 2579; all zeros: not known."""
    value = rows.get(oid)
    if value is None or value == _NEVER:
        return None
    if not isinstance(value, bytes):
        raise DeviceError(
            Saying("The router's agent does not answer {oid} with a time, but with {value!r}.", oid=oid, value=value)
        )
    try:
        return _date_and_time(value)
    except (ValueError, IndexError, OverflowError) as error:
        raise DeviceError(
            Saying("The router's agent answers {oid} with {value}, which is no time.", oid=oid, value=value.hex())
        ) from error


def _date_and_time(value: bytes) -> datetime:
    """Year (2 octets), month, day, hour, minute, second, tenths; then maybe direction from UTC, hours, minutes.

    Raises ValueError, IndexError or OverflowError for what is none, and at the calendar's ends, where no other zone is.
    """
    zone: timezone = UTC
    if len(value) == _WITH_ZONE:
        sign = -1 if value[8:9] == b"-" else 1
        zone = timezone(sign * timedelta(hours=value[9], minutes=value[10]))
    year, tenths = int.from_bytes(value[:2], "big"), value[7]
    found = datetime(year, value[2], value[3], value[4], value[5], value[6], tenths * 100_000, zone).astimezone(UTC)
    if not MINYEAR < found.year < MAXYEAR:
        raise ValueError(found)
    return found


DECODER: Final = Decoder((*oids.SCALARS, oids.CLOCK), oids.TABLES, decode)
