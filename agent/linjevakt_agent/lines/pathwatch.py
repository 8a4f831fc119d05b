"""Has each line's path MTU found, and tells how large a packet the tunnel may carry: asks on the line watch's sockets.

A line is asked when it comes up and now and then after that; the one in use more often, and most while it carries.
"""

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from linjevakt_agent.base.schema import Line
from linjevakt_agent.lines.ikeprobe import Answer, ProbeSocket
from linjevakt_agent.lines.linestate import LineState
from linjevakt_agent.lines.pathmtu import GRAIN, LARGEST, SEARCHES, SMALLEST, PathMtu, carried
from linjevakt_agent.network import network
from linjevakt_agent.network.endpoints import Endpoint
from linjevakt_agent.network.kernel import Interface

log = logging.getLogger(__name__)

CARRYING_S = 10.0
"""How often the line in use is asked while the tunnel carries packets: after so long at most a change is noticed."""

IDLE_S = 30.0
"""How often the line in use is asked while it carries nothing: the first transfer of a day is not to tell."""

AT_REST_S = 600.0
"""How often a line in reserve is asked, which may be metered, and any whether more passes than did."""

SHRUNK_S = 60.0
"""After how long it is asked whether more passes again: what a full queue swallowed was no path."""

PATIENCE_S = 0.25
"""How long a round of probes waits at least: sixteen of them take 0.13 s on a line of 1 Mbit/s."""

_SIZED = 1 << 31  # sequence numbers of probes with a size: this, then 15 bits of the search, then 16 of the size
_SIZE_BITS = 16
_SIZE_MASK = (1 << _SIZE_BITS) - 1
_COUNTERS = Path("/sys/class/net") / network.TUNNEL / "statistics"


def bound(line: Line, where: Endpoint, interface: Interface) -> int:
    """Return the largest packet that configuration, lease and link allow, known before the line is asked.

    In whole grains, and no less than what any line carries: a DHCP server says what it likes.
    """
    said = min(size for size in (LARGEST, interface.mtu, line.mtu, where.mtu) if size)
    return max(SMALLEST, said // GRAIN * GRAIN)


def tunnel_packets() -> int:
    """Packets that the tunnel has carried, either way; 0 without one."""
    try:
        return sum(int((_COUNTERS / name).read_text()) for name in ("rx_packets", "tx_packets"))
    except (OSError, ValueError):
        return 0


@dataclass
class _Path:
    """What is known of one line, where it is plugged in and addressed now; when it was asked, and is to be again."""

    state: PathMtu
    address: str
    looked_at: float = -math.inf
    grow_at: float = -math.inf  # from then on it is asked whether more passes
    packets: int = 0  # what the tunnel had carried when it was asked
    sent: tuple[int, tuple[int, ...], int] | None = None  # the latest round that went out


class PathWatch:
    """The paths of one configuration's lines; times are seconds of the line watch's clock."""

    def __init__(self, largest_inside: int, packets: Callable[[], int] = tunnel_packets) -> None:
        self._largest_inside = largest_inside
        self._packets = packets
        self._paths: dict[str, _Path] = {}

    def bounded(self, name: str, address: str, largest: int, known: int | None = None) -> None:
        """Have a line carry no more than that; one that has this address already keeps what was found.

        `known` is what a predecessor found where the line stands now: it holds until it is looked at again.
        """
        path = self._paths.get(name)
        if path is None or path.address != address:
            self._paths[name] = _Path(PathMtu(largest, known), address)
        elif path.state.largest != largest:
            self._paths[name] = _Path(PathMtu(largest, path.state.found), address)

    def found(self, name: str) -> int | None:
        """Return the line's path MTU; None until it is known."""
        return self._paths[name].state.found if name in self._paths else None

    def bound(self, name: str) -> int | None:
        """Return what the line is said to carry; None for one that has not been there yet."""
        return self._paths[name].state.largest if name in self._paths else None

    def deadlines(self) -> Iterator[float]:
        """When a round of probes is over."""
        return (path.state.due for path in self._paths.values() if path.state.rungs)

    @property
    def inside(self) -> int | None:
        """How large a packet in the tunnel may be; None before any line has been there.

        Every line of the router carries it, those in reserve too: what hosts have agreed upon when a connection began
        holds for as long as it lasts, and it shall last when another line takes over.
        """
        limits = [path.state.limit for path in self._paths.values()]
        return min(self._largest_inside, carried(min(limits))) if limits else None

    def heard(self, line: LineState, answer: Answer, now: float) -> bool:
        """Take an answer; says whether it was one to a probe with a size, and so tells nothing of the line's health."""
        sized = bool(answer.sequence & _SIZED)
        if sized and (path := self._paths.get(line.name)):
            search, size = answer.sequence >> _SIZE_BITS & (SEARCHES - 1), answer.sequence & _SIZE_MASK
            whole = answer.size >= size
            self._take(line, path, path.state.answered(now, search, size, _patience(line), whole=whole), now)
        return sized

    def ask(self, line: LineState, socket: ProbeSocket, now: float, *, in_use: bool) -> None:
        """Send what is due on a line; one that is down is asked as soon as it is up."""
        path = self._paths.get(line.name)
        if path is None:
            return
        if not line.up:
            path.looked_at = -math.inf
            return
        self._take(line, path, path.state.waited(now, _patience(line)), now)
        if not path.state.rungs and self._due(path, now, in_use=in_use):
            self._look(path, now, _patience(line))
        round_ = (path.state.search, path.state.rungs, path.state.rounds)
        if path.sent != round_:
            path.sent = round_
            for size in path.state.rungs:
                socket.send(_SIZED | path.state.search << _SIZE_BITS | size, size)

    def _due(self, path: _Path, now: float, *, in_use: bool) -> bool:
        waited = now - path.looked_at
        if now >= path.grow_at or waited >= (IDLE_S if in_use else AT_REST_S):
            return True
        return in_use and waited >= CARRYING_S and self._packets() != path.packets

    def _look(self, path: _Path, now: float, patience_s: float) -> None:
        grow = now >= path.grow_at
        path.state = path.state.looked(now, patience_s, grow=grow)
        path.looked_at, path.packets = now, self._packets()
        path.grow_at = now + AT_REST_S if grow else path.grow_at

    def _take(self, line: LineState, path: _Path, after: PathMtu, now: float) -> None:
        before, path.state = path.state, after
        if after.found == before.found:
            return
        was = f"; it was {before.found}" if before.found else ""
        log.info("%s carries packets of %d octets%s", line.name, after.limit, was)
        if after.limit < before.limit:
            path.grow_at = min(path.grow_at, now + SHRUNK_S)


def _patience(line: LineState) -> float:
    return max(PATIENCE_S, line.timeout)
