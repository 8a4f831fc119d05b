"""The configured lines with what the line watch last saw of each."""

from pathlib import Path

import msgspec

from linjevakt_agent.base import schema
from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import LineKind, Method
from linjevakt_agent.collect import CollectError, settings


class Seen(msgspec.Struct, frozen=True):
    """One line as the watch writes it; `up` is None until the first result, `changes` counts up and down.

    `mtu` is the largest packet that it is said to carry, `path_mtu` what was found to pass to the hub and back.
    """

    name: str
    up: bool | None = None
    in_use: bool = False
    address: str | None = None
    method: Method | None = None
    rtt_ms: float | None = None
    changes: int = 0
    path_mtu: int | None = None
    mtu: int | None = None
    detail: str = ""


class Watched(msgspec.Struct, frozen=True):
    """`/run/linjevakt/lines.json`."""

    lines: tuple[Seen, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """A configured line, how it is addressed now, and what was seen of it."""

    name: str
    kind: LineKind
    priority: int
    method: Method
    seen: Seen


def read(paths: Paths) -> list[Line]:
    """Lines of `network.toml` by priority; one that the watch has not told of yet is unknown. Raises CollectError."""
    network, seen = settings.network(paths), parse_file(paths.run / "lines.json")
    lines = (_line(line, seen.get(line.name, Seen(line.name))) for line in network.line)
    return sorted(lines, key=lambda line: line.priority)


def _line(line: schema.Line, seen: Seen) -> Line:
    return Line(line.name, line.kind, line.priority, seen.method or line.method, seen)


def parse_file(path: Path) -> dict[str, Seen]:
    """What the watch wrote, by name; nothing before it has, and on a hub. Raises CollectError."""
    try:
        return {line.name: line for line in parse(path.read_bytes())}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CollectError(f"lines: {path}: {reason(error)}") from error


def parse(data: bytes) -> tuple[Seen, ...]:
    """`{"lines": [{"name", "up", "in_use", "address", "method", "rtt_ms", "changes", "path_mtu", "mtu", "detail"}]}`.

    Raises MsgspecError.
    """
    return msgspec.json.decode(data, type=Watched).lines


def by_address(lines: list[Line]) -> dict[str, str]:
    """The line of each local address, without prefix length."""
    return {line.seen.address.split("/")[0]: line.name for line in lines if line.seen.address}


def in_use(lines: list[Line]) -> str:
    """The name of the line that carries traffic, empty if none does."""
    return next((line.name for line in lines if line.seen.in_use), "")
