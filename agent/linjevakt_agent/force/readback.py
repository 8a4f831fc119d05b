"""Reads back what is in force as lines that can be compared: the ruleset, charon's connections, shaping, the network.

What moves by itself is left out by rule: counters, elements that packets add to a set, handles that the kernel numbers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linjevakt_agent.base import tools
from linjevakt_agent.base.schema import Network
from linjevakt_agent.force import shaping
from linjevakt_agent.ipsec import charon
from linjevakt_agent.network import kernel
from linjevakt_agent.network.desired import desired, interfaces, without
from linjevakt_agent.network.kernel import MAIN, Route, Rule, State

_TIMEOUT_S = 10.0
_MOVING = re.compile(r"\b(dynamic|timeout)\b")
_SET = re.compile(r"table \w+ \S+ / (set|map) \S+")
_NUMBERED = re.compile(r" (refcnt|direct_packets_stat|direct_qlen|index|ref|bind) \d+")
_HANDLE = re.compile(r"\b(?!ffff:)[89a-f][0-9a-f]{3}:(?=\s|$)")
_SHAPE = ("qdisc show dev {}", "class show dev {}", "filter show dev {}", "filter show dev {} ingress")
_LOCALHOST = "127.0.0.1/8"


def ruleset() -> list[str]:
    """Return the rules of nftables, each with its place, and what stands in sets by configuration. Raises ToolError.

    Of a set to which packets add, only the declaration is read: it may have tens of thousands of elements.
    """
    rules = list(flattened(_nft("-t", "list", "ruleset")))
    moving = {path for path, line in rules if line.startswith("flags ") and _MOVING.search(line)}
    still = sorted({path for path, _ in rules if path not in moving and _SET.fullmatch(path)})
    declared = set(rules)
    elements = [row for path in still for row in flattened(_nft("list", *_named(path))) if row not in declared]
    return [f"{path} / {line}" if path else line for path, line in (*rules, *elements)]


def _named(path: str) -> list[str]:
    """Return how nft wants a set to be named: kind, family, table, name."""
    table, _, own = path.removeprefix("table ").partition(" / ")
    kind, name = own.split()
    return [kind, *table.split(), name]


def _nft(*arguments: str) -> str:
    return tools.run(["nft", "-s", *arguments], timeout=_TIMEOUT_S)


def flattened(listing: str) -> Iterator[tuple[str, str]]:
    """Yield the statements of a listing of nft, each with the blocks that it stands in; an empty block as itself."""
    path: list[str] = []
    empty = False
    for line in filter(None, map(str.strip, listing.splitlines())):
        if line.endswith("{") and not line.startswith("elements"):
            path.append(line[:-1].strip())
            empty = True
        elif line == "}" and path:
            if empty:
                yield " / ".join(path), ""
            path.pop()
            empty = False
        else:
            yield " / ".join(path), line
            empty = False


def connections(vici_socket: Path) -> list[str]:
    """Return charon's connections as loaded, but for those by which a hub bars a duplicate. Raises CharonError."""
    with charon.session(vici_socket) as asked:
        loaded = [(name, conn) for event in asked.list_conns() for name, conn in event.items()]
    return sorted(line for name, conn in loaded if not _bars(name, conn) for line in settings(name, conn))


def _bars(name: str, connection: Mapping[str, Any]) -> bool:
    return name.startswith(charon.BARRED) and not connection["children"]


def settings(path: str, value: object) -> Iterator[str]:
    """Yield what charon says of a connection, one setting a line, each with the sections that it stands in."""
    if isinstance(value, Mapping):
        yield path
        for name, part in value.items():
            yield from settings(f"{path} / {name}", part)
    else:
        parts = value if isinstance(value, list) else [value]
        yield f"{path} = {' '.join(_text(part) for part in parts)}"


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def shapes(devices: Iterable[str]) -> list[str]:
    """Return queues, classes and filters of those of the devices that are there now. Raises ToolError."""
    return [line for name in devices if shaping.exists(name) for line in _shape(name)]


def _shape(device: str) -> Iterator[str]:
    asked = "".join(f"{what.format(device)}\n" for what in _SHAPE)
    said = tools.run(["tc", "-force", "-batch", "-"], timeout=_TIMEOUT_S, stdin=asked)
    yield from sorted(f"{device}: {line}" for line in shaped(said))


def shaped(said: str) -> Iterator[str]:
    """Yield each queue, class and filter that `tc` shows in one line, without what the kernel numbers by itself."""
    for line in re.sub(r"\n\s+", " ", said).splitlines():
        if line.strip():
            yield " ".join(_HANDLE.sub("", _NUMBERED.sub("", line)).split())


@dataclass(frozen=True)
class Networks:
    """The network without its lines, whose addresses and routes the line watch keeps: what shall be, and what is."""

    expected: Sequence[str]
    found: Sequence[str]


def networks(config: Network, state: State, by_hand: Sequence[str]) -> Networks:
    """Compare ports, static routes and rules with a kernel like that; `by_hand` are routes and rules of nobody."""
    lines = {line.name for line in config.line}
    tables = {line.table for line in config.line}
    wanted = desired(None, without(config, _missing(config, state)), {}, None)
    ports = wanted.addresses.keys() - lines
    expected = [f"address {address} dev {name}" for name in ports for address in wanted.addresses[name]]
    expected += [f"link {name} up" for name in wanted.up - lines]
    expected += [_route(route) for route in wanted.routes] + [_rule(rule) for rule in wanted.rules]
    there = [state.interfaces[name] for name in sorted(ports | (wanted.up - lines)) if name in state.interfaces]
    found = [f"address {address} dev {one.name}" for one in there for address in one.addresses - {_LOCALHOST}]
    found += [f"link {one.name} up" for one in there if one.up and one.name in wanted.up]
    found += [_route(route) for route in state.routes if not _of_a_line(route, lines, tables)]
    found += [_rule(rule) for rule in state.rules if rule.table not in tables]
    return Networks(sorted(expected), sorted([*found, *by_hand]))


def _missing(config: Network, state: State) -> frozenset[str]:
    """A port that is not there now is told of by other means, and comes back with its network."""
    vlans = {port.name for port in config.port if port.parent}
    return frozenset(set(interfaces(config)) - vlans - state.interfaces.keys())


def _of_a_line(route: Route, lines: set[str], tables: set[int]) -> bool:
    return route.table in tables or (route.table == MAIN and route.prefix == "default" and route.device in lines)


def _route(route: Route) -> str:
    """Without the device, which follows from the gateway."""
    return " ".join(Route(route.prefix, route.table, route.metric, route.type, route.via).command("").split())


def _rule(rule: Rule) -> str:
    return " ".join(rule.command("").split())


def network(config: Network) -> Networks:
    """The same of this kernel. Raises NetworkError."""
    return networks(config, kernel.read(), kernel.by_hand())
