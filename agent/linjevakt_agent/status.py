"""How the router is just now, for whoever stands before it with a phone: tunnel, why it is down, lines, changes."""

import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from linjevakt_agent import inquiry, kernelfiles, refusals
from linjevakt_agent.collect import CollectError, clock, drift, interfaces, lines, settings, storage
from linjevakt_agent.display import local
from linjevakt_agent.errors import AbsentError, ConfigError
from linjevakt_agent.paths import Paths

Row = dict[str, Any]
_UTC = re.compile(r"\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")
WIDTH = 48
"""Columns of a phone that is held upright, in a terminal of usual size."""


def main(root: Path) -> Row:
    """The state as the contract's section 2 has it. Raises AbsentError without a running configuration."""
    paths = Paths(root)
    try:
        agent = settings.agent(paths)
    except CollectError as error:
        raise AbsentError(f"there is no running configuration: {error}") from error
    return {
        "router": agent.router,
        "at": now(),
        "clock": clock.row(paths),
        "tunnel": tunnel(paths) if agent.tunnel else None,
        "lines": seen_lines(paths),
        "storage": msgspec.to_builtins(storage.read(paths)),
        "drift": changed_by_hand(paths),
    }


def boot(root: Path) -> str | None:
    """The kernel's name for its running since it last started (random(4)); None when it does not tell."""
    return kernelfiles.line(root / "proc/sys/kernel/random/boot_id")


def _carrier_changes(line: str) -> int | None:
    """How often the line's cable has come and gone since the kernel started; None when it does not tell."""
    told = kernelfiles.line(interfaces.SYS_NET / line / "carrier_changes")
    return int(told) if told and told.isascii() and told.isdigit() else None


def now() -> str:
    """The box's clock, as the contract writes times."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def tunnel(paths: Paths) -> Row:
    """As `run` finds it now: charon answers root alone."""
    try:
        return inquiry.ask(paths, "tunnel")
    except ConfigError as error:
        return {"up": False, "age_s": None, "line": None, "detail": f"the tunnel's state is not known: {error}"}


def seen_lines(paths: Paths) -> list[Row]:
    """As the line watch last saw them."""
    try:
        return [_line(line) for line in lines.read(paths)]
    except CollectError:  # the tunnel's detail tells
        return []


def changed_by_hand(paths: Paths) -> Row:
    """As the guard last saw it: `{"differences": [...], "held"}`, `held` why nothing is put back."""
    try:
        found = drift.read(paths)
    except CollectError as error:
        return {"differences": [str(error)], "held": ""}
    return {"differences": [str(row) for row in found.differences], "held": found.held}


def shown(result: Row) -> str:
    """The same in words, in lines that no phone breaks; the box's clock stands first, for it may be what is wrong."""
    told = [f"{result['router']}  {local(result['at'])}", *_clock_told(result["clock"])]
    told += _tunnel_told(result["tunnel"])
    for line in result["lines"]:
        told += [f"LINE {line['name']} {_works(line)}", *_wrapped(_how(line))]
    if result["storage"]["state"] != "writable":
        told += [f"DISK {result['storage']['state']}", *_wrapped(result["storage"]["detail"])]
    told += _changes_told(result["drift"])
    return "\n".join(told)


def _clock_told(found: Row) -> list[str]:
    compared, *corrected = _in_wall_time(found["detail"]).split("; ")
    return [f"CLOCK {compared}", *(row for part in corrected for row in _wrapped(part))]


def _tunnel_told(found: Row | None) -> list[str]:
    if found is None:
        return ["TUNNEL none: this is a hub"]
    parts = [row for part in _in_wall_time(found["detail"]).split("; ") for row in _wrapped(part)]
    advice = "" if found["up"] else refusals.advice(found["detail"])
    return [f"TUNNEL {'up' if found['up'] else 'DOWN'}", *parts, *_wrapped(advice, "  -> ")]


def _changes_told(found: Row) -> list[str]:
    """Nothing where nothing was changed, and nobody has asked for that to be left alone."""
    if not found["differences"]:
        return _wrapped(found["held"], "NOTE ")
    parts = [row for difference in found["differences"] for row in _wrapped(difference)]
    return ["CHANGED BY HAND", *parts, *_wrapped(found["held"] or "it is put back", "  -> ")]


def _in_wall_time(told: str) -> str:
    """One screen, one clock."""
    return _UTC.sub(lambda at: local(f"{at[1]}T{at[2]}:00Z").removesuffix(":00"), told)


def _works(line: Row) -> str:
    return f"{'up' if line['up'] else 'DOWN'}{', in use' if line['in_use'] else ''}"


def _how(line: Row) -> str:
    rtt = f"{line['rtt_ms']:.1f} ms" if line["rtt_ms"] is not None else ""
    size = f"path MTU {line['path_mtu']} of {line['mtu']}" if line["path_mtu"] else ""
    return ", ".join(filter(None, (line["kind"], line["address"] or "no address", rtt, size, line["detail"])))


def _wrapped(text: str, begin: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin))


def _line(line: lines.Line) -> Row:
    seen = line.seen
    return {
        "name": line.name,
        "kind": line.kind,
        "up": bool(seen.up),
        "in_use": seen.in_use,
        "address": seen.address,
        "method": line.method,
        "rtt_ms": seen.rtt_ms,
        "path_mtu": seen.path_mtu,
        "mtu": seen.mtu,
        "detail": seen.detail,
        "carrier_changes": _carrier_changes(line.name),
    }
