"""The kernel's interfaces, addresses, routes and rules as values, read and changed through `ip` (iproute2)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linjevakt_agent.base import tools
from linjevakt_agent.base.errors import ApplyError
from linjevakt_agent.base.tools import ToolError

PROTOCOL = 76
"""Marks a route or rule as ours (rtm_protocol; unassigned in iproute2's rt_protos): nothing without it is removed."""

MAIN = 254
_TABLES = {"main": MAIN, "default": 253, "local": 255}
_TIMEOUT_S = 10.0
_QUERY = ("addr show", f"route show table all proto {PROTOCOL}", "rule show")
_HAND_ROUTES = ("boot", "static")
_HAND_RULES = frozenset({"boot", "static", "unspec"})
_BY_HAND = (*(f"route show table all proto {mark}" for mark in _HAND_ROUTES), "rule show")
_DOCUMENTS = 3  # that either query prints
_TUNNEL = "220"
"""charon's table, whose routes are `static` as well."""


class NetworkError(ApplyError):
    """The network could not be brought to the state asked for: on which interface, and how to mend it."""

    def __init__(self, message: str, *, interface: str | None = None, remedy: str | None = None) -> None:
        self.interface = interface
        self.remedy = remedy
        text = f"{interface}: {message}" if interface else message
        super().__init__(f"{text}; {remedy}" if remedy else text, section="network.toml")


@dataclass(frozen=True)
class Interface:
    """`up` is the administrator's wish (IFF_UP), `carrier` whether the other end is there (IFF_LOWER_UP)."""

    name: str
    up: bool
    carrier: bool
    index: int = 0
    kind: str | None = None
    addresses: frozenset[str] = frozenset()
    mtu: int | None = None


@dataclass(frozen=True)
class Route:
    """An IPv4 route; `prefix` is `default` or CIDR. Without `device` the kernel finds it from the gateway."""

    prefix: str
    table: int = MAIN
    metric: int = 0
    type: str = "unicast"
    via: str | None = None
    device: str | None = None
    onlink: bool = False

    @property
    def key(self) -> tuple[str, int, int]:
        """What `ip route replace` goes by: it puts one route in the place of another with the same key."""
        return self.prefix, self.table, self.metric

    def satisfies(self, wanted: "Route") -> bool:
        """Whether this route, as the kernel has it, is the wanted one."""
        same = (self.key, self.type, self.via) == (wanted.key, wanted.type, wanted.via)
        return same and wanted.device in (None, self.device)

    def command(self, verb: str) -> str:
        """One line for `ip -batch`."""
        words = ["route", verb, *([] if self.type == "unicast" else [self.type]), self.prefix]
        words += ["via", self.via] if self.via else []
        words += ["dev", self.device] if self.device else []
        words += ["table", str(self.table), "metric", str(self.metric), "proto", str(PROTOCOL)]
        return " ".join([*words, "onlink"] if self.onlink else words)


@dataclass(frozen=True)
class Rule:
    """A policy rule of ours: packets from `source` to `to` (an address, a network or `all`) are routed by `table`."""

    preference: int
    table: int
    source: str = "all"
    to: str = "all"

    @classmethod
    def of_line(cls, source: str, table: int) -> "Rule":
        """What leaves from a line's address takes that line; after strongSwan's table 220, before main."""
        return cls(10000 + table, table, source=source)

    @classmethod
    def of_lan(cls, network: str) -> "Rule":
        """A LAN is reached by its port; before strongSwan's table 220, whose inside prefix holds the LANs too."""
        return cls(200, MAIN, to=network)

    def command(self, verb: str) -> str:
        """One line for `ip -batch`."""
        ends = (f"{word} {end}" for word, end in (("from", self.source), ("to", self.to)) if end != "all")
        return f"rule {verb} {' '.join(ends)} lookup {self.table} pref {self.preference} protocol {PROTOCOL}"


@dataclass(frozen=True)
class State:
    """What the kernel has: every interface, but only our own routes and rules."""

    interfaces: dict[str, Interface]
    routes: frozenset[Route] = frozenset()
    rules: frozenset[Rule] = frozenset()


def read() -> State:
    """Ask the kernel; raises `NetworkError` if `ip` cannot."""
    return parse(_ip(["-json", "-details", "-batch", "-"], _QUERY))


def change(commands: Sequence[str]) -> None:
    """Carry out `ip -batch` lines in order, all that can be; the first that failed is named in the `NetworkError`."""
    if commands:
        _ip(["-force", "-batch", "-"], commands)


def by_hand() -> list[str]:
    """Return the routes and rules that somebody made with `ip`, in the words that delete them; raises `NetworkError`.

    `ip` marks them `boot`, `static` or not at all. Those of the kernel and of routing daemons have other marks, those
    of charon a table of their own.
    """
    return parse_by_hand(_ip(["-json", "-details", "-batch", "-"], _BY_HAND))


def parse_by_hand(text: str) -> list[str]:
    """Read the three JSON documents (routes `boot`, routes `static`, rules) that `ip` prints one after the other."""
    *routes, rules = _documents(text)
    made = [
        _route_words(row, mark)
        for mark, rows in zip(_HAND_ROUTES, routes, strict=True)
        for row in rows
        if row.get("table") != _TUNNEL
    ]
    unmarked = (row for row in rules if row.get("protocol") in _HAND_RULES and row.get("table") != _TUNNEL)
    return sorted([*made, *map(_rule_words, unmarked)])


def _route_words(row: dict[str, Any], mark: str) -> str:
    kind = row.get("type", "unicast")
    ends = {"via": row.get("gateway"), "dev": row.get("dev") if kind == "unicast" else None}
    ends |= {"table": row.get("table", "main"), "metric": row.get("metric"), "proto": mark}
    return _words("route", *([] if kind == "unicast" else [kind]), row["dst"], **ends)


def _rule_words(row: dict[str, Any]) -> str:
    source, to = (_selector(row, end) for end in ("src", "dst"))
    ends = {"from": source if source != "all" else None, "to": to if to != "all" else None}
    ends |= {word: row.get(word) for word in ("iif", "oif", "fwmark")}
    return _words("rule", **ends, lookup=row.get("table"), pref=row["priority"])


def _words(*words: str, **ends: object) -> str:
    return " ".join([*words, *(f"{word} {end}" for word, end in ends.items() if end is not None)])


def parse(text: str) -> State:
    """Read the three JSON documents (addresses, our routes, rules) that `ip` prints one after the other."""
    addresses, routes, rules = _documents(text)
    return State(
        interfaces={row["ifname"]: _interface(row) for row in addresses if "ifname" in row},
        routes=frozenset(_route(row) for row in routes),
        rules=frozenset(_rule(row) for row in rules if _is_ours(row)),
    )


def _documents(text: str) -> Iterator[list[dict[str, Any]]]:
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_DOCUMENTS):
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at) if at < len(text) else ([], at)
        yield document


def _interface(row: dict[str, Any]) -> Interface:
    return Interface(
        name=row["ifname"],
        up="UP" in row["flags"],
        carrier="LOWER_UP" in row["flags"],
        index=row["ifindex"],
        kind=row.get("linkinfo", {}).get("info_kind"),
        addresses=frozenset(f"{a['local']}/{a['prefixlen']}" for a in row["addr_info"] if a.get("family") == "inet"),
        mtu=row.get("mtu"),
    )


def _rule(row: dict[str, Any]) -> Rule:
    source, to = (_selector(row, end) for end in ("src", "dst"))
    return Rule(row["priority"], _table(row["table"]), source=source, to=to)


def _selector(row: dict[str, Any], end: str) -> str:
    length = row.get(f"{end}len")
    return row.get(end, "all") if length is None else f"{row[end]}/{length}"


def _route(row: dict[str, Any]) -> Route:
    return Route(
        prefix=row["dst"],
        table=_table(row.get("table", "main")),
        metric=row.get("metric", 0),
        type=row.get("type", "unicast"),
        via=row.get("gateway"),
        device=row.get("dev") if row.get("type", "unicast") == "unicast" else None,
        onlink="onlink" in row.get("flags", ()),
    )


def _is_ours(row: dict[str, Any]) -> bool:
    return row.get("protocol") == str(PROTOCOL)


def _table(name: str) -> int:
    return _TABLES.get(name) or int(name)


def _ip(options: Sequence[str], lines: Sequence[str]) -> str:
    try:
        return tools.run(["ip", *options], timeout=_TIMEOUT_S, stdin="".join(f"{line}\n" for line in lines))
    except ToolError as error:
        raise failure(error.output or error.message, lines) from error


def failure(output: str, lines: Sequence[str]) -> NetworkError:
    """Name the first batch line that failed (`Command failed -:N`, said after the reason) and its interface."""
    reason, _, rest = output.partition("Command failed -:")
    number = rest.split()[0] if rest else ""
    line = lines[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(lines) else " / ".join(lines)
    words, said = line.split(), " ".join(reason.split())
    interface = next((words[words.index(word) + 1] for word in ("name", "dev") if word in words), None)
    return NetworkError(f"`ip {line}` failed: {said}", interface=interface, remedy=_remedy(line, said))


def _remedy(line: str, said: str) -> str:
    if " type vlan " in line and "Unknown device type" in said:
        return "this kernel has no 802.1Q: use a physical port for the segment, or a kernel with CONFIG_VLAN_8021Q"
    if line.startswith("route"):
        return "check that the gateway lies within a network of an interface that is up"
    return "check the interface and the address in network.toml"
