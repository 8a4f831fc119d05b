"""Whether a packet of full size passes the line in use now, both ways: small ones do not show that transfers get on."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from linjevakt_agent.base.errors import UnavailableError, reason
from linjevakt_agent.base.inquiry import Result
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError, lines, settings
from linjevakt_agent.lines.ikeprobe import ProbeSocket
from linjevakt_agent.lines.pathmtu import SMALLEST, carrier
from linjevakt_agent.network import network

ROUNDS = 4
ROUND_S = 0.3
"""Within 1.2 s: the answer is part of a proof, which has 5 s."""

_LOOK_S = 0.01
_MTU = Path("/sys/class/net") / network.TUNNEL / "mtu"


@dataclass
class Heard:
    """The sizes that the hub has answered, and those that came back whole."""

    answered: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)

    def tells(self, size: int) -> bool | None:
        """Whether that size passes; None when nothing does: the line is down, and others say so.

        A hub that gives nothing back whole, not even a small packet, tells of one way only.
        """
        if not self.answered:
            return None
        return size in (self.whole or self.answered)


async def answer(paths: Paths, _about: str | None) -> Result:
    """`{"passes": bool | None, "detail": "..."}`. Raises UnavailableError where nothing can be tried."""
    try:
        config = settings.network(paths)
        line = next((line for line in lines.read(paths) if line.seen.in_use and line.seen.address), None)
    except CollectError as error:
        raise UnavailableError(str(error)) from error
    if config.watch is None or line is None or line.seen.address is None:
        return {"passes": None, "detail": ""}
    try:
        size = carrier(int(_MTU.read_text()))
        socket = ProbeSocket(line.name, line.seen.address, (config.watch.target, config.watch.port))
    except (OSError, ValueError) as error:
        raise UnavailableError(f"{line.name}: {reason(error)}") from error
    try:
        heard = await tried(socket, size)
    finally:
        socket.close()
    return {"passes": heard.tells(size), "detail": "" if heard.tells(size) else detail(heard, line.name, size)}


async def tried(socket: ProbeSocket, size: int) -> Heard:
    """Ask with a packet of that size and a small one, until both have come back whole or the time is over."""
    heard, asked = Heard(), {SMALLEST, size}
    for _ in range(ROUNDS):
        for one in asked - heard.whole:
            socket.send(one, one)
        over = time.monotonic() + ROUND_S
        while time.monotonic() < over and not asked <= heard.whole:
            await asyncio.sleep(_LOOK_S)
            for told in socket.answers():
                heard.answered.add(told.sequence)
                if told.size >= told.sequence:
                    heard.whole.add(told.sequence)
    return heard


def detail(heard: Heard, line: str, size: int) -> str:
    """Say which way a packet of that size is lost; empty when nothing is heard at all."""
    if not heard.answered:
        return ""
    way = "from" if size in heard.answered else "to"
    return f"a packet of full size ({size} octets) does not pass {line} {way} the hub, though small ones do"
