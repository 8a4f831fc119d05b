"""Which objects the agent serves over SNMP: one row each (OID, syntax, where its value comes from)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pysnmp.proto import rfc1902

from linjevakt_agent import __version__
from linjevakt_agent.base.schema import Probe
from linjevakt_agent.collect.duplicates import Duplicate
from linjevakt_agent.collect.interfaces import Interface
from linjevakt_agent.collect.lines import Line, in_use
from linjevakt_agent.collect.probes import Result
from linjevakt_agent.snmp.readings import Readings
from linjevakt_agent.snmp.tree import Column, Oid, Part, Scalar, Syntax, Table

ENTERPRISE = 32473
"""IANA's number for documentation (RFC 5612); an operator puts its own here and in the MIB text."""

LINJEVAKT: Oid = (1, 3, 6, 1, 4, 1, ENTERPRISE, 1)
PRODUCT: Oid = (*LINJEVAKT, 5, 1)
MIB2: Oid = (1, 3, 6, 1, 2, 1)
SYSTEM: Oid = (*MIB2, 1)
INTERFACES: Oid = (*MIB2, 2)
IF_MIB: Oid = (*MIB2, 31)
HOST_RESOURCES: Oid = (*MIB2, 25)
ENGINE: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1)
SNMP_V2_MIB: Oid = (1, 3, 6, 1, 6, 3, 1)
COMPLIANCE: Oid = (*LINJEVAKT, 4, 1, 1)

SERVICES = 2**2 + 2**3
"""sysServices: internet (layer 3) and end-to-end (layer 4), RFC 3418."""

INTEGER, COUNTER32, COUNTER64 = rfc1902.Integer32, rfc1902.Counter32, rfc1902.Counter64
GAUGE, TICKS, OCTETS, OID = rfc1902.Gauge32, rfc1902.TimeTicks, rfc1902.OctetString, rfc1902.ObjectIdentifier

MAX_GAUGE = 2**32 - 1
MAX_ADMIN_STRING = 255
"""Octets of an SnmpAdminString, RFC 3411."""


def text(value: str) -> Any:
    """An SnmpAdminString: UTF-8, cut between characters where it would be too long."""
    return OCTETS(value.encode()[:MAX_ADMIN_STRING].decode(errors="ignore").encode())


def gauge(value: float) -> Any:
    """A Gauge32, which stays at its ends instead of wrapping (RFC 2578)."""
    return GAUGE(min(max(round(value), 0), MAX_GAUGE))


def counter32(value: int) -> Any:
    """The low half of a 64-bit counter (RFC 2578: it wraps)."""
    return COUNTER32(value & MAX_GAUGE)


def truth(value: object) -> Any:
    """A TruthValue (RFC 2579)."""
    return INTEGER(1 if value else 2)


def date_and_time(value: datetime | None) -> Any:
    """A DateAndTime in UTC (RFC 2579), all zeros for a moment that is not known."""
    if value is None:
        return OCTETS(bytes(8))
    utc = value.astimezone(UTC)
    clock = (utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond // 100_000)
    return OCTETS(utc.year.to_bytes(2, "big") + bytes(clock) + b"+\0\0")


def enumerated(numbers: Mapping[Any, int]) -> Syntax:
    """An INTEGER with named values."""
    return lambda value: INTEGER(numbers[value])


CONFIG_STATE = enumerated({"confirmed": 1, "pending": 2, "none": 3})
STORAGE_STATE = enumerated({"writable": 1, "read-only": 2, "full": 3, "failing": 4})
GOOD_BAD_UNKNOWN = enumerated({True: 1, False: 2, None: 3})
"""up/down/unknown, up/down/none, ok/failed/unknown."""
LINE_KIND = enumerated({"own_isp": 1, "nhn_delivered": 2, "mobile": 3})
OPER_STATUS = enumerated(
    {"up": 1, "down": 2, "testing": 3, "unknown": 4, "dormant": 5, "notpresent": 6, "lowerlayerdown": 7}
)
OTHER_TYPE = 1
IF_TYPES = {"ether": 6, "veth": 6, "ppp": 23, "loopback": 24, "tun": 131, "xfrm": 131, "vlan": 135, "bridge": 209}
"""IANAifType-MIB by the kernel's name."""


def _lines(readings: Readings) -> dict[int, Line]:
    return {line.priority: line for line in readings.lines()}


def _probes(readings: Readings) -> dict[int, tuple[Probe, Result | None]]:
    return readings.probes()


def _duplicates(readings: Readings) -> dict[int, Duplicate]:
    return readings.duplicates()


def _interfaces(readings: Readings) -> dict[int, tuple[Interface, int]]:
    return {found.index: (found, readings.changes.entry[found.index]) for found in readings.interfaces()}


def _interfaces_changed(readings: Readings) -> int:
    readings.interfaces()
    return readings.changes.table


def _unicast(interface: Interface) -> int:
    """Linux counts multicast among the packets received."""
    return interface.received.packets - interface.received.multicast


MODULES: dict[int, tuple[Oid, str]] = {
    1: (SNMP_V2_MIB, "The MIB module for SNMPv2 entities (RFC 3418)"),
    2: (IF_MIB, "The MIB module for network interfaces (RFC 2863)"),
    3: (COMPLIANCE, "LINJEVAKT-MIB: configuration, tunnel, lines, probes and duplicates"),
}
"""sysORTable."""

SYSTEM_GROUP: tuple[Part[Readings], ...] = (
    Scalar((*SYSTEM, 1), text, lambda r: f"Linjevakt agent {__version__} on {r.system}"),
    Scalar((*SYSTEM, 2), OID, lambda _: PRODUCT),
    Scalar((*SYSTEM, 3), TICKS, lambda r: r.engine.up_time()),
    Scalar((*SYSTEM, 4), text, lambda r: r.agent().system.contact),
    Scalar((*SYSTEM, 5), text, lambda r: r.hostname()),
    Scalar((*SYSTEM, 6), text, lambda r: r.agent().system.location),
    Scalar((*SYSTEM, 7), INTEGER, lambda _: SERVICES),
    Scalar((*SYSTEM, 8), TICKS, lambda _: 0),
    Table(
        (*SYSTEM, 9, 1),
        lambda _: MODULES,
        (
            Column(2, OID, lambda row: row[0]),
            Column(3, text, lambda row: row[1]),
            Column(4, TICKS, lambda _: 0),
        ),
    ),
)

ENGINE_GROUP: tuple[Part[Readings], ...] = (
    Scalar((*ENGINE, 1), OCTETS, lambda r: r.engine.engine_id),
    Scalar((*ENGINE, 2), INTEGER, lambda r: r.engine.boots),
    Scalar((*ENGINE, 3), INTEGER, lambda r: r.engine.time()),
    Scalar((*ENGINE, 4), INTEGER, lambda r: r.engine.max_message_size),
)

IF_TABLE = Table(
    (*INTERFACES, 2, 1),
    _interfaces,
    (
        Column(1, INTEGER, lambda row: row[0].index),
        Column(2, text, lambda row: row[0].name),
        Column(3, INTEGER, lambda row: IF_TYPES.get(row[0].kind, OTHER_TYPE)),
        Column(4, INTEGER, lambda row: row[0].mtu),
        Column(5, gauge, lambda row: (row[0].speed_mbit or 0) * 1_000_000),
        Column(6, OCTETS, lambda row: row[0].mac),
        Column(7, GOOD_BAD_UNKNOWN, lambda row: row[0].enabled),
        Column(8, OPER_STATUS, lambda row: row[0].oper),
        Column(9, TICKS, lambda row: row[1]),
        Column(10, counter32, lambda row: row[0].received.octets),
        Column(11, counter32, lambda row: _unicast(row[0])),
        Column(13, counter32, lambda row: row[0].received.dropped),
        Column(14, counter32, lambda row: row[0].received.errors),
        Column(16, counter32, lambda row: row[0].sent.octets),
        Column(17, counter32, lambda row: row[0].sent.packets),
        Column(19, counter32, lambda row: row[0].sent.dropped),
        Column(20, counter32, lambda row: row[0].sent.errors),
    ),
)

IF_X_TABLE = Table(
    (*IF_MIB, 1, 1, 1),
    _interfaces,
    (
        Column(1, text, lambda row: row[0].name),
        Column(2, counter32, lambda row: row[0].received.multicast),
        Column(6, COUNTER64, lambda row: row[0].received.octets),
        Column(7, COUNTER64, lambda row: _unicast(row[0])),
        Column(8, COUNTER64, lambda row: row[0].received.multicast),
        Column(10, COUNTER64, lambda row: row[0].sent.octets),
        Column(11, COUNTER64, lambda row: row[0].sent.packets),
        Column(14, INTEGER, lambda _: 2),  # linkUpDown notifications: disabled, none are sent
        Column(15, gauge, lambda row: row[0].speed_mbit or 0),
        Column(16, truth, lambda row: row[0].promiscuous),
        Column(17, truth, lambda row: row[0].kind == "ether"),
        Column(18, text, lambda row: row[0].alias),
        Column(19, TICKS, lambda _: 0),
    ),
)

INTERFACE_GROUP: tuple[Part[Readings], ...] = (
    Scalar((*INTERFACES, 1), INTEGER, lambda r: len(r.interfaces())),
    IF_TABLE,
    IF_X_TABLE,
    Scalar((*IF_MIB, 1, 5), TICKS, _interfaces_changed),
)

CLOCK_GROUP: tuple[Part[Readings], ...] = (
    Scalar((*HOST_RESOURCES, 1, 2), date_and_time, lambda _: datetime.now(UTC)),  # hrSystemDate, RFC 2790
)

ROUTER_GROUP: tuple[Part[Readings], ...] = (
    Scalar((*LINJEVAKT, 1, 1), text, lambda _: __version__),
    Scalar((*LINJEVAKT, 1, 2), text, lambda r: r.agent().router),
    Scalar((*LINJEVAKT, 1, 3), text, lambda r: r.config().hash),
    Scalar((*LINJEVAKT, 1, 4), CONFIG_STATE, lambda r: r.config().state),
    Scalar((*LINJEVAKT, 1, 5), gauge, lambda r: r.config().revert_in_s),
    Scalar((*LINJEVAKT, 1, 6), date_and_time, lambda r: r.certificate()),
    Scalar((*LINJEVAKT, 1, 7), GOOD_BAD_UNKNOWN, lambda r: r.tunnel().up),
    Scalar((*LINJEVAKT, 1, 8), gauge, lambda r: r.tunnel().age_s or 0),
    Scalar((*LINJEVAKT, 1, 9), text, lambda r: in_use(r.lines())),
    Scalar((*LINJEVAKT, 1, 10), text, lambda r: r.tunnel().detail),
    Scalar((*LINJEVAKT, 1, 11), STORAGE_STATE, lambda r: r.storage().state),
    Scalar((*LINJEVAKT, 1, 12), text, lambda r: r.storage().detail),
    Scalar((*LINJEVAKT, 1, 13), text, lambda r: r.drift().detail),
)

LINE_TABLE = Table(
    (*LINJEVAKT, 2, 1),
    _lines,
    (
        Column(2, text, lambda line: line.name),
        Column(3, LINE_KIND, lambda line: line.kind),
        Column(4, GOOD_BAD_UNKNOWN, lambda line: line.seen.up),
        Column(5, truth, lambda line: line.seen.in_use),
        Column(6, gauge, lambda line: (line.seen.rtt_ms or 0) * 1000),
        Column(7, counter32, lambda line: line.seen.changes),
        Column(8, text, lambda line: line.seen.address or ""),
        Column(9, gauge, lambda line: line.seen.path_mtu or 0),
        Column(10, gauge, lambda line: line.seen.mtu or 0),
    ),
)

PROBE_TABLE = Table(
    (*LINJEVAKT, 3, 1),
    _probes,
    (
        Column(2, text, lambda row: row[0].service),
        Column(3, text, lambda row: row[0].segment),
        Column(4, GOOD_BAD_UNKNOWN, lambda row: row[1].ok if row[1] else None),
        Column(5, date_and_time, lambda row: row[1].at if row[1] else None),
        Column(6, gauge, lambda row: row[1].ms if row[1] else 0),
        Column(7, text, lambda row: row[1].detail if row[1] else "not run yet"),
        Column(8, text, lambda row: row[0].kind),
    ),
)

DUPLICATE_TABLE = Table(
    (*LINJEVAKT, 6, 1),
    _duplicates,
    (
        Column(2, text, lambda row: row.router),
        Column(3, text, lambda row: row.address),
        Column(4, gauge, lambda row: row.count),
        Column(5, date_and_time, lambda row: row.first),
        Column(6, date_and_time, lambda row: row.last),
    ),
)

PARTS: tuple[Part[Readings], ...] = (
    *SYSTEM_GROUP,
    *ENGINE_GROUP,
    *INTERFACE_GROUP,
    *CLOCK_GROUP,
    *ROUTER_GROUP,
    LINE_TABLE,
    PROBE_TABLE,
    DUPLICATE_TABLE,
)
