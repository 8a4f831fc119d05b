"""What counts as a change of a router's condition."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from linjevakt.model.health import DuplicateHealth, Health, LineHealth, ProbeHealth, transition

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINE = LineHealth("wan0", "own_isp", "up", in_use=True, rtt_ms=1.0, changes=0, address="198.51.100.2")
PROBE = ProbeHealth("dns", "legekontor", "ok", NOON, 3.0, "answered")
COPY = DuplicateHealth("rtr-b", "192.0.2.1", 3, NOON, NOON)
WELL = Health(
    "rtr-a",
    NOON,
    reachable=True,
    config_state="confirmed",
    tunnel_up=True,
    line_in_use="wan0",
    lines=(LINE,),
    probes=(PROBE,),
)
SILENT = Health("rtr-a", NOON, reachable=False, detail="no answer")


def test_a_first_poll_is_a_change_from_nothing() -> None:
    change = transition(None, WELL)
    assert change
    assert (change.before, change.after, change.changes) == ("", "ok", {"state": ("", "ok")})


@pytest.mark.parametrize(
    "later",
    [
        replace(WELL, at=NOON + timedelta(seconds=30), uptime_s=99.0, tunnel_age_s=5),
        replace(WELL, lines=(replace(LINE, rtt_ms=80.0, changes=7),)),
        replace(WELL, probes=(replace(PROBE, milliseconds=900.0, detail="answered late"),)),
    ],
)
def test_measurements_are_no_change(later: Health) -> None:
    assert transition(WELL, later) is None


@pytest.mark.parametrize(
    ("later", "what"),
    [
        (replace(WELL, tunnel_up=False), {"state": ("ok", "down"), "tunnel": ("up", "down")}),
        (replace(WELL, line_in_use="wan1"), {"line in use": ("wan0", "wan1")}),
        (replace(WELL, config_hash="c0ffee"), {"configuration": ("confirmed", "confirmed c0ffee")}),
        (
            replace(WELL, probes=(replace(PROBE, result="failed"),)),
            {"state": ("ok", "degraded"), "probe dns/legekontor": ("ok", "failed")},
        ),
        (replace(WELL, lines=()), {"line wan0": ("up", "")}),
        (replace(WELL, storage="full"), {"state": ("ok", "degraded"), "disk": ("writable", "full")}),
        (
            replace(WELL, drift="nftables.conf: -accept"),
            {"state": ("ok", "degraded"), "changed by hand": ("", "yes")},
        ),
        (
            replace(WELL, duplicates=(COPY, replace(COPY, address="192.0.2.2"))),
            {"state": ("ok", "degraded"), "key of rtr-b": ("", "also at 192.0.2.1")},
        ),
    ],
)
def test_a_condition_that_differs_is_named_with_before_and_after(
    later: Health, what: dict[str, tuple[str, str]]
) -> None:
    change = transition(WELL, later)
    assert change
    assert change.changes == what


def test_a_router_that_falls_silent_changes_its_state_only() -> None:
    change = transition(WELL, SILENT)
    assert change
    assert change.changes == {"state": ("ok", "down")}
    assert transition(SILENT, replace(SILENT, detail="timeout")) is None
