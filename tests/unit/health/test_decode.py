"""SNMP rows become a `Health`, and rows that make no sense an error that says which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linjevakt.health import linjevakt_mib as oids
from linjevakt.health.linjevakt import decode
from linjevakt.model.errors import DeviceError
from linjevakt.model.health import MOST_CHANGES, MOST_LINES, MOST_PROBES, SnmpTarget, transition
from linjevakt.model.secret import Secret

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEVER = bytes(8)
ENDS = (
    bytes([0, 1, 1, 1, 0, 0, 0, 0]),
    bytes([0, 1, 1, 1, 0, 0, 0, 0]) + b"+\x0e\x00",
    bytes([39, 15, 12, 31, 23, 30, 0, 0]),
    bytes([39, 15, 12, 31, 23, 30, 0, 0]) + b"-\x0e\x00",
)
"""The first and the last year of the calendar: where they are shown in Norwegian time, there is none."""
SITE = SnmpTarget("rtr-a", "192.0.2.1", "linjevakt", "00", Secret("00"), Secret("00"), "linjevakt.health.linjevakt")
HUB = replace(SITE, hub=True)

SCALARS: dict[str, Any] = {
    oids.UPTIME: 123_456,
    oids.AGENT_VERSION: b"0.1.0",
    oids.ROUTER_NAME: b"rtr-a",
    oids.CONFIG_HASH: b"c0ffee",
    oids.CONFIG_STATE: 2,
    oids.CONFIG_REVERT_IN: 42,
    oids.CERTIFICATE_EXPIRY: bytes([7, 235, 5, 17, 12, 30, 15, 5]) + b"+\x02\x00",
    oids.TUNNEL_STATE: 1,
    oids.TUNNEL_AGE: 3600,
    oids.LINE_IN_USE: b"wan0",
    oids.TUNNEL_DETAIL: b"established with 203.0.113.2, without segment_lab; the hub refuses us: TS_UNACCEPTABLE",
    oids.STORAGE_STATE: 1,
    oids.STORAGE_DETAIL: b"",
    oids.CONFIG_DRIFT: b"",
}


def _row(entry: str, index: int, *columns: Any) -> dict[str, Any]:
    return {f"{entry}.{number}.{index}": value for number, value in enumerate(columns, 2)}


def test_scalars_are_decoded() -> None:
    health = decode(SITE, NOON, SCALARS)
    assert (health.config_state, health.revert_in_s, health.tunnel, health.uptime_s) == ("pending", 42, "up", 1234.56)
    assert health.certificate_expires == datetime(2027, 5, 17, 10, 30, 15, 500_000, UTC)


@pytest.mark.parametrize(
    ("said", "drift"),
    [
        (b"", ""),
        (b"nftables.conf: -accept", "nftables.conf: -accept"),
        (None, "not known: does the router's guard run?"),
    ],
)
def test_what_was_changed_by_hand_is_decoded_and_degrades_a_router(said: bytes | None, drift: str) -> None:
    health = decode(SITE, NOON, SCALARS | {oids.CONFIG_STATE: 1, oids.CONFIG_DRIFT: said})
    assert (health.drift, health.state) == (drift, "degraded" if drift else "ok")


def test_lines_come_in_the_order_of_their_index_and_a_round_trip_only_from_one_that_is_up() -> None:
    rows = (
        SCALARS
        | _row(oids.LINES, 10, b"wan1", 3, 2, 2, 777, 4, b"")
        | _row(oids.LINES, 2, b"wan0", 1, 1, 1, 1250, 0, b"a", 1400, 1500)
    )
    first, second = decode(SITE, NOON, rows).lines
    assert (first.name, first.kind, first.state, first.in_use, first.rtt_ms) == ("wan0", "own_isp", "up", True, 1.25)
    assert (second.name, second.kind, second.state, second.rtt_ms) == ("wan1", "mobile", "down", None)
    assert (first.carries, second.carries, second.path_mtu) == ("path MTU 1400 of 1500", "", None)


def test_a_probe_that_never_ran_has_no_time() -> None:
    (probe,) = decode(SITE, NOON, SCALARS | _row(oids.PROBES, 1, b"dns", b"lab", 3, NEVER, 0, b"not run yet")).probes
    assert (probe.result, probe.at) == ("unknown", None)


def test_who_has_a_routers_key_elsewhere_is_decoded() -> None:
    since, last = bytes([7, 234, 11, 26, 12, 0, 0, 0]) + b"+\0\0", bytes([7, 234, 11, 26, 12, 1, 0, 0]) + b"+\0\0"
    rows = SCALARS | _row(oids.DUPLICATES, 1, b"rtr-b", b"192.0.2.1", 3, since, last)
    (copy,) = decode(HUB, NOON, rows).duplicates
    assert (copy.router, copy.address, copy.attempts) == ("rtr-b", "192.0.2.1", 3)
    assert (copy.first, copy.last) == (
        datetime(2026, 11, 26, 12, tzinfo=UTC),
        datetime(2026, 11, 26, 12, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("number", "storage", "state"),
    [(1, "writable", "ok"), (2, "read-only", "degraded"), (3, "full", "degraded"), (4, "failing", "degraded")],
)
def test_a_disk_that_takes_no_writes_is_told_and_the_router_degraded(number: int, storage: str, state: str) -> None:
    why = b"the disk is bad" if number > 1 else b""
    rows = SCALARS | {oids.CONFIG_STATE: 1, oids.STORAGE_STATE: number, oids.STORAGE_DETAIL: why}
    health = decode(SITE, NOON, rows)
    assert (health.storage, health.state, health.detail) == (storage, state, why.decode())


def test_an_agent_that_does_not_say_how_its_disk_is_counts_as_the_worst() -> None:
    health = decode(SITE, NOON, SCALARS | {oids.CONFIG_STATE: 1, oids.STORAGE_STATE: None})
    assert (health.storage, health.state) == ("unknown", "degraded")
    assert "lvStorageState" in health.detail


@pytest.mark.parametrize(("number", "tunnel", "state"), [(1, "up", "ok"), (2, "down", "down"), (3, "none", "ok")])
def test_a_router_without_a_tunnel_of_its_own_is_not_down(number: int, tunnel: str, state: str) -> None:
    health = decode(SITE, NOON, SCALARS | {oids.TUNNEL_STATE: number, oids.CONFIG_STATE: 1})
    assert (health.tunnel, health.state) == (tunnel, state)


def test_why_a_tunnel_is_down_is_told_and_nothing_of_one_that_is_up() -> None:
    assert decode(SITE, NOON, SCALARS).detail == ""
    down = decode(SITE, NOON, SCALARS | {oids.TUNNEL_STATE: 2})
    assert down.detail.startswith("tunnel: established with 203.0.113.2, without segment_lab; the hub refuses us:")


def test_a_certificate_that_is_not_there_has_no_end() -> None:
    assert decode(SITE, NOON, SCALARS | {oids.CERTIFICATE_EXPIRY: NEVER}).certificate_expires is None


@pytest.mark.parametrize(
    ("oid", "value", "complaint"),
    [
        (oids.ROUTER_NAME, b"rtr-b", "says that it is rtr-b"),
        (oids.CONFIG_STATE, b"two", "with a number"),
        (oids.CONFIG_HASH, 7, "with text"),
        (oids.CERTIFICATE_EXPIRY, 7, "with a time"),
        (oids.CERTIFICATE_EXPIRY, bytes([7, 235, 13, 40, 0, 0, 0, 0]), "which is no time"),
        (oids.CERTIFICATE_EXPIRY, b"\x07", "which is no time"),
        *((oid, end, "which is no time") for oid in (oids.CERTIFICATE_EXPIRY, oids.CLOCK) for end in ENDS),
    ],
)
def test_rows_that_make_no_sense_are_refused(oid: str, value: Any, complaint: str) -> None:
    with pytest.raises(DeviceError, match=complaint):
        decode(SITE, NOON, SCALARS | {oid: value})


def test_what_the_agent_cannot_read_is_named_and_counts_as_the_worst() -> None:
    health = decode(SITE, NOON, SCALARS | {oids.TUNNEL_STATE: None, oids.CERTIFICATE_EXPIRY: None})
    assert (health.tunnel, health.certificate_expires, health.state) == ("down", None, "down")
    assert health.detail == "the agent cannot read lvCertificateExpiry, lvTunnelState"


def test_a_router_without_our_mib_is_refused() -> None:
    with pytest.raises(DeviceError, match="nothing of LINJEVAKT-MIB"):
        decode(SITE, NOON, {oids.UPTIME: 1})


def test_what_a_router_says_of_itself_comes_in_as_plain_text() -> None:
    evil = "a\x1b]0;owned\x07\u202e".encode()
    rows = SCALARS | {oids.AGENT_VERSION: evil, oids.LINE_IN_USE: evil, oids.CONFIG_HASH: evil.decode()}
    rows |= _row(oids.LINES, 1, evil, 1, 1, 1, 1250, 0, evil) | _row(oids.PROBES, 1, evil, evil, 2, NEVER, 1, evil)
    health = decode(SITE, NOON, rows)
    (line,), (probe,) = health.lines, health.probes
    said = (health.agent_version, health.line_in_use, health.config_hash, line.name, line.address)
    assert {*said, probe.service, probe.segment, probe.detail} == {"a\\u001b]0;owned\\u0007\\u202e"}


def test_a_router_with_another_name_is_told_in_plain_text() -> None:
    with pytest.raises(DeviceError, match=r"says that it is \\u001b\[31m\."):
        decode(SITE, NOON, SCALARS | {oids.ROUTER_NAME: b"\x1b[31m"})


def test_a_site_says_nothing_of_who_else_has_a_key() -> None:
    rows = SCALARS | _row(oids.DUPLICATES, 1, b"rtr-b", b"192.0.2.9", 3, NEVER, NEVER)
    assert decode(SITE, NOON, rows).duplicates == ()


@pytest.mark.parametrize(("entry", "most"), [(oids.LINES, MOST_LINES), (oids.PROBES, MOST_PROBES)])
def test_more_rows_than_a_site_has_are_refused(entry: str, most: int) -> None:
    rows = {f"{entry}.2.{index}": b"x" for index in range(most + 1)}
    with pytest.raises(DeviceError, match=f"{most + 1} rows at {entry}, more than the {most}"):
        decode(SITE, NOON, SCALARS | rows)


def test_what_a_router_makes_us_keep_of_each_poll_has_an_end() -> None:
    """Other names and results each time, as long as a datagram may be."""
    polls = [
        decode(SITE, NOON, SCALARS | _row_of_names(poll) | {oids.TUNNEL_STATE: 2, oids.TUNNEL_DETAIL: b"x" * 60_000})
        for poll in range(2)
    ]
    change = transition(*polls)
    assert change is not None
    assert len(change.changes) == MOST_CHANGES + 1
    assert change.changes["others"] == ("", f"{2 * MOST_PROBES - MOST_CHANGES} more changes")
    assert len(repr(change)) < 10_000
    assert len(polls[0].detail) < 3000


def _row_of_names(poll: int) -> dict[str, Any]:
    names = (f"{poll}-{number}-{'x' * 400}".encode() for number in range(MOST_PROBES))
    rows = [_row(oids.PROBES, index, name, name, 1, NEVER, 5, name) for index, name in enumerate(names)]
    return {oid: value for row in rows for oid, value in row.items()}


def _date_and_time(at: datetime) -> bytes:
    return at.year.to_bytes(2, "big") + bytes([at.month, at.day, at.hour, at.minute, at.second, 0]) + b"+\0\0"


@pytest.mark.parametrize(
    ("box", "fault"),
    [
        (NOON, ""),
        (NOON + timedelta(seconds=60), ""),
        (NOON - timedelta(seconds=60), ""),
        (
            NOON - timedelta(seconds=61),
            "the clock is wrong (box says 2026-11-21 11:58:59 UTC, controller says 2026-11-21 12:00:00 UTC)",
        ),
        (
            datetime(2040, 1, 1, tzinfo=UTC),
            "the clock is wrong (box says 2040-01-01 00:00:00 UTC, controller says 2026-11-21 12:00:00 UTC)",
        ),
    ],
)
def test_a_clock_is_held_against_ours(box: datetime, fault: str) -> None:
    well = SCALARS | {oids.CONFIG_STATE: 1}
    health = decode(SITE, NOON, well | {oids.CLOCK: _date_and_time(box)})
    assert health.clock_behind_s == (NOON - box).total_seconds()
    assert health.detail == fault
    assert health.state == ("degraded" if fault else "ok")
    change = transition(decode(SITE, NOON, well), health)
    assert (change.changes.get("clock") if change else None) == (("", "wrong") if fault else None)


def test_an_older_agent_tells_neither_its_clock_nor_the_kind_of_a_probe() -> None:
    health = decode(SITE, NOON, SCALARS | _row(oids.PROBES, 1, b"dns", b"lab", 1, NEVER, 0, b""))
    assert (health.clock, health.clock_behind_s, health.clock_fault, health.detail) == (None, None, "", "")
    assert (health.probes[0].kind, health.probes[0].name) == ("", "dns/lab")
