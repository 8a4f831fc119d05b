"""What `linjevakt-agent run` does: watches of lines, tunnel, clock; probes, SNMP, inquiries; none can stop another."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from linjevakt_agent.base import inquiry, logs
from linjevakt_agent.lines import echoes, fullsize, openings, wan
from linjevakt_agent.machine import storagewatch, timekeeping
from linjevakt_agent.services import probes
from linjevakt_agent.snmp import service
from linjevakt_agent.tunnel import peers, tunnelwatch

log = logging.getLogger(__name__)

QUESTIONS: Mapping[str, inquiry.Question] = {
    "openings": openings.answer,
    "tunnel": tunnelwatch.answer,
    "full": fullsize.answer,
}

Part = Callable[[Path], Awaitable[None]]
PARTS: Mapping[str, Part] = {
    "lines": wan.watch,
    "tunnel": tunnelwatch.watch,
    "clock": timekeeping.watch,
    "probes": probes.schedule,
    "snmp": service.serve,
    "inquiries": partial(inquiry.serve, questions=QUESTIONS),
    "echo": echoes.serve,
    "peers": peers.serve,
    "storage": storagewatch.watch,
}

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
_SETTLED_S = 60.0


def main(root: Path, parts: Mapping[str, Part] = PARTS) -> None:
    """Run until SIGTERM or SIGINT; without a configuration each part waits for one."""
    logs.to_stderr("%(name)s: %(message)s")
    asyncio.run(_run(root, parts))


async def _run(root: Path, parts: Mapping[str, Part]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(keep_running(name, part, root), name=name) for name, part in parts.items()]
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def keep_running(name: str, part: Part, root: Path, first_pause_s: float = FIRST_PAUSE_S) -> None:
    """Run `part` for ever: one that fails is reported and started again, after a pause that grows while it keeps on."""
    pause = first_pause_s
    while True:
        began = time.monotonic()
        await _once(name, part, root)
        pause = first_pause_s if time.monotonic() - began > _SETTLED_S else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


async def _once(name: str, part: Part, root: Path) -> None:
    try:
        await part(root)
    except (OSError, msgspec.MsgspecError) as error:
        log.error("%s: %s", name, error)  # noqa: TRY400 - says what is wrong with the box or its files; no bug of ours
    except Exception:  # the edge: whatever one part does, the others go on
        log.exception("%s failed", name)
    else:
        log.error("%s ended by itself", name)
