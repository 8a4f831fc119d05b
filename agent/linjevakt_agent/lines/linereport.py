"""Tells the other processes how the lines are: `/run/linjevakt/lines.json` (contract.md section 2)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from linjevakt_agent.base.schema import Line
from linjevakt_agent.base.volatile import publish
from linjevakt_agent.collect import CollectError, lines
from linjevakt_agent.lines.linestate import LineState

FILE = "lines.json"
Row = dict[str, str | bool | int | float | None]


def changes_so_far(run: Path) -> dict[str, int]:
    """A counter goes on where our predecessor left it: SNMP takes a fall for an overflow."""
    try:
        return {name: seen.changes for name, seen in lines.parse_file(run / FILE).items()}
    except CollectError:
        return {}


def sizes_so_far(run: Path) -> dict[tuple[str, str], int]:
    """The path MTUs that our predecessor found, by line and address: where a line stands there still, it holds."""
    try:
        seen = lines.parse_file(run / FILE).values()
    except CollectError:
        return {}
    return {(line.name, line.address): line.path_mtu for line in seen if line.address and line.path_mtu}


def write(rows: Iterable[Row], run: Path) -> None:
    """Replace what was told before. Raises OSError."""
    publish(run / FILE, msgspec.json.encode({"lines": list(rows)}))


def row(line: Line, state: LineState, address: str | None, now: float, *, in_use: bool) -> Row:
    """One line, as it is addressed now; `now` is of the same clock as the state's times."""
    since = datetime.now(UTC) - timedelta(seconds=now - state.since)
    return {
        "name": line.name,
        "kind": line.kind,
        "up": state.up,
        "in_use": in_use,
        "address": address,
        "method": line.method,
        "rtt_ms": round(state.round_trip.smoothed * 1000, 3) if state.round_trip else None,
        "changes": state.changes,
        "since": since.strftime("%Y-%m-%dT%H:%M:%SZ") if state.up is not None else None,
        "detail": state.detail,
    }
