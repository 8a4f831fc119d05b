"""How the router is just now: tunnel, why it is down, lines, clock, disk, and what was changed by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, ConfigError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError, clock, drift, interfaces, lines, settings, storage
from linjevakt_agent.commands import kernelfiles

Row = dict[str, Any]


def main(root: Path) -> Row:
    """The state as the contract's section 2 has it. Raises AbsentError without a running configuration."""
    paths = Paths(root)
    try:
        agent = settings.agent(paths)
    except CollectError as error:
        raise AbsentError(
            f"there is no running configuration ({error}); a box that has none is staged first: call operations"
        ) from error
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
