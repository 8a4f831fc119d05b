"""The state of the configuration in words, for people at a terminal; times in Europe/Oslo."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Row = dict[str, Any]


def status(result: Row) -> str:
    """Return what `config status` says without `--json`."""
    rows = [("router", result["router"] or "not configured")]
    rows += [(link, _generation(result[link])) for link in ("running", "confirmed", "previous")]
    rows += [("candidate", _candidate(result["candidate"])), ("pending", _pending(result["pending"]))]
    rows += [("last", _last(result["last"]))]
    rows += [("drift", said) for said in _drift(result["drift"])]
    return "\n".join(f"{name + ':':<11}{value}" for name, value in rows)


def local(at: str) -> str:
    """Return a UTC time of the contract as a wall clock in Norway shows it; as UTC if the box knows no time zones."""
    moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    try:
        return f"{moment.astimezone(ZoneInfo('Europe/Oslo')):%Y-%m-%d %H:%M:%S}"
    except ZoneInfoNotFoundError:
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _generation(row: Row | None) -> str:
    if row is None:
        return "none"
    said = f": {row['message']}" if row["message"] else ""
    return f"generation {row['generation']} ({row['hash'][:12]}), committed {local(row['committed_at'])}{said}"


def _candidate(row: Row | None) -> str:
    return f"{row['hash'][:12]}, loaded {local(row['loaded_at'])} by {row['session']}" if row else "none"


def _pending(row: Row | None) -> str:
    if row is None:
        return "none"
    left = row["revert_in_s"]
    when = "is being taken back" if left is None else f"goes back in {left:g} s unless confirmed"
    return f"generation {row['generation']} by {row['session']}, {when}"


def _drift(rows: list[Row]) -> list[str]:
    """What differs from what is running; so long as nothing does, that."""
    return [f"{row['section']}: {line}" for row in rows for line in row["lines"]] or ["none"]


def _last(row: Row | None) -> str:
    return f"{row['outcome']} {local(row['at'])}: {row['reason']}".rstrip(": ") if row else "none"
