"""How the router is, in words for a phone in a cellar: what is wrong first, and with what to do about it."""

import re
import textwrap
from typing import Any, NamedTuple

from linjevakt_agent.commands.display import local
from linjevakt_agent.ipsec import refusals

Row = dict[str, Any]
WIDTH = 40
"""Columns of a terminal on a phone that is held upright."""

_UTC = re.compile(r"\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")
_ADVICE = (
    ("no carrier", "Is its cable in at both ends? Is what it leads to switched on?"),
    ("no DHCP lease", "The provider gives no address: switch its box off and on, then call the provider."),
    ("unanswered", "`linjevakt-agent openings` tells what gets through."),
)
"""What to do about a line that is down; by a part of what was told."""


class Part(NamedTuple):
    """The rows on one thing; those with trouble are read first."""

    rows: list[str]
    trouble: bool


def shown(result: Row) -> str:
    """What `status` says without `--json`; the box's clock stands above all, for it may be what is wrong."""
    parts = [_tunnel(result["tunnel"]), *map(_line, result["lines"]), _clock(result["clock"])]
    parts += [_disk(result["storage"]), _changes(result["drift"])]
    parts.sort(key=lambda part: not part.trouble)
    title = _wrapped(f"{result['router']}  {local(result['at'])}", "")
    return "\n".join([*title, *(row for part in parts for row in part.rows)])


def _part(head: str, advice: str, *details: str, trouble: bool) -> Part:
    rows = [*_wrapped(head, ""), *_wrapped(advice, "  -> ")]
    return Part(rows + [row for detail in details for row in _wrapped(detail)], trouble)


def _tunnel(found: Row | None) -> Part:
    if found is None:
        return _part("TUNNEL none: this is a hub", "", trouble=False)
    up, told = found["up"], found["detail"]
    details = _in_wall_time(told).split("; ")
    return _part(f"TUNNEL {_word(up=up)}", "" if up else refusals.advice(told), *details, trouble=not up)


def _line(line: Row) -> Part:
    up, told = line["up"], line["detail"]
    head = f"LINE {line['name']} {_word(up=up)}{', in use' if line['in_use'] else ''}"
    advice = next((said for part, said in _ADVICE if not up and part in told), "")
    return _part(head, advice, _how(line), trouble=not up)


def _how(line: Row) -> str:
    rtt = f"{line['rtt_ms']:.1f} ms" if line["rtt_ms"] is not None else ""
    size = f"path MTU {line['path_mtu']} of {line['mtu']}" if line["path_mtu"] else ""
    kind = line["kind"].replace("_", " ")
    return ", ".join(filter(None, (kind, line["address"] or "no address", rtt, size, line["detail"])))


def _clock(found: Row) -> Part:
    compared, *corrected = _in_wall_time(found["detail"]).split("; ")
    return _part(f"CLOCK {compared}", "", *corrected, trouble=abs(found["behind_s"] or 0.0) >= 1)


def _disk(found: Row) -> Part:
    """Nothing where it takes writes."""
    if found["state"] == "writable":
        return Part([], trouble=False)
    return _part(f"DISK {found['state']}", "", found["detail"], trouble=True)


def _changes(found: Row) -> Part:
    """Nothing where nothing was changed, and nobody has asked for that to be left alone."""
    if not found["differences"]:
        return Part(_wrapped(found["held"], "NOTE "), trouble=False)
    return _part("CHANGED BY HAND", found["held"] or "it is put back", *found["differences"], trouble=True)


def _in_wall_time(told: str) -> str:
    """One screen, one clock."""
    return _UTC.sub(lambda at: local(f"{at[1]}T{at[2]}:00Z").removesuffix(":00"), told)


def _word(*, up: bool) -> str:
    return "up" if up else "DOWN"


def _wrapped(text: str, begin: str = "  ") -> list[str]:
    """No word that is to be typed is broken at its hyphen."""
    after = " " * max(2, len(begin))
    return textwrap.wrap(text, WIDTH, initial_indent=begin, subsequent_indent=after, break_on_hyphens=False)
