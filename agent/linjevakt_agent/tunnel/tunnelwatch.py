"""The tunnel watch: starts what the tunnel lacks, hears why it was refused, and ends a charon that has hung.

A site alone initiates; a hub is only seen to answer.
"""

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import vici
from vici.exception import CommandException, DeserializationException

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.base.volatile import exclusively, publish
from linjevakt_agent.collect import CollectError, lines, settings, tunnel
from linjevakt_agent.ipsec import charon, charonlog, tunnels
from linjevakt_agent.ipsec.charon import CharonError, NotRunningError
from linjevakt_agent.ipsec.refusals import Heard
from linjevakt_agent.tunnel.keeping import HUNG_S, Keeping, Pulse, Seen

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
NOT_LOADED = frozenset({"the connection itself"})
"""What is missing where charon does not know the connection: it has begun anew, and could not load its file."""

_CARRIED = Path("/sys/class/net/ipsec0/statistics/rx_packets")
"""Packets that charon has taken out of the tunnel (libipsec)."""


async def watch(root: Path) -> None:
    """Keep the running configuration's tunnel whole; runs until cancelled."""
    watching = TunnelWatch(Paths(root))
    async with asyncio.TaskGroup() as both:
        both.create_task(watching.keep())
        both.create_task(watching.listen())


async def answer(paths: Paths, _about: str | None) -> dict[str, Any]:
    """The tunnel now: `{"up", "age_s", "line", "detail"}`, for those who may not ask charon themselves."""
    try:
        state = await asyncio.to_thread(tunnel.of, paths)
    except CollectError as error:
        state = tunnel.Tunnel(up=False, detail=str(error))
    return {name: value for name, value in asdict(state).items() if name != "local"}


class TunnelWatch:
    """What is known of charon and its tunnel. All that matters is in charon: killed at any point, traffic goes on."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._vici = paths.root / charon.SOCKET
        self._connection: str | None = None
        self._keeping = Keeping()
        self._heard = Heard()
        self._pulse = Pulse(_carried())
        self._charon = 0  # its process, once it has taken a question
        self._told: frozenset[str] = frozenset()

    async def keep(self) -> None:
        """Look each second, and do what is due."""
        self._publish()
        while True:
            await asyncio.to_thread(self._turn)
            self._tell()
            await asyncio.sleep(LOOK_EVERY_S)

    def _turn(self) -> None:
        answered = True
        try:
            with exclusively(self._paths.run / tunnels.LOCK, wait=False), charon.session(self._vici) as asked:
                self._charon = charon.process(asked)
                self._look(asked)
        except (BlockingIOError, NotRunningError):
            pass  # the guard is at it, or charon is on its way up again
        except CharonError as error:
            answered = False
            log.warning("%s", error.message)
        now = time.monotonic()
        self._pulse = self._pulse.after(now, _carried(), answered=answered)
        if self._pulse.hung(now):
            self._end()

    def _look(self, asked: vici.Session) -> None:
        configured = self._connection = self._configured()
        if configured is None:
            asked.version()
            return
        sas, wanted = charon.sas(asked, configured), charon.children(asked, configured)
        missing = tunnel.lacking(sas, wanted) if wanted else NOT_LOADED
        seen = Seen(time.monotonic(), missing, tunnel.under_way(sas), self._path())
        self._keeping = self._keeping.after(seen, random.random())  # noqa: S311 - keeps sites apart, is no secret
        if self._keeping.initiate == NOT_LOADED:
            _load()
            return
        for child in sorted(self._keeping.initiate):
            with suppress(CommandException):  # the next look tells
                charon.initiate(asked, configured, child)

    def _configured(self) -> str | None:
        """The connection to be kept; None on a hub, and without a configuration."""
        try:
            configured = settings.agent(self._paths).tunnel
        except CollectError:
            return None
        return configured.connection if configured else None

    def _path(self) -> Hashable | None:
        """What a tunnel would go by now; None while the line in use is down or not known."""
        with suppress(CollectError):
            for line in lines.read(self._paths):
                if line.seen.in_use and line.seen.up:
                    return settings.generation(self._paths), line.name, line.seen.address
        return None

    def _end(self) -> None:
        """Its service starts it anew, and it loads its connections (`charon-started`)."""
        self._pulse = Pulse(_carried())
        if not self._charon:
            log.error(
                "charon has neither answered nor carried anything for %.0f s, and its process is not known", HUNG_S
            )
            return
        log.error("charon has neither answered nor carried anything for %.0f s: it is killed", HUNG_S)
        with suppress(ProcessLookupError):
            os.kill(self._charon, signal.SIGKILL)

    # --- why ---

    async def listen(self) -> None:
        """Hear what charon says of the connection, again and again."""
        while True:
            if self._connection:  # a hub says too much to listen to
                with suppress(OSError, DeserializationException):
                    await charonlog.listen(self._vici, self._hear)
            await asyncio.sleep(LOOK_EVERY_S)

    def _hear(self, event: Mapping[str, Any]) -> bool:
        """Take one line of charon's log; says whether to go on listening."""
        message = event.get("msg")
        if self._connection and event.get("ikesa-name") == self._connection.encode() and isinstance(message, bytes):
            self._note(self._heard.after(message.decode(errors="replace"), datetime.now(UTC)))
        return self._connection is not None

    def _note(self, heard: Heard) -> None:
        before, self._heard = self._heard, heard
        if heard.refusal == before.refusal:
            return
        if heard.refusal and heard.refusal.times == 1:
            log.warning("%s: %s", self._connection, heard.refusal.said)
        self._publish()

    def _publish(self) -> None:
        try:
            publish(self._paths.run / tunnel.FILE, msgspec.json.encode(self._heard.refusal))
        except OSError as error:
            log.warning("cannot tell how the tunnel is: %s", error)

    def _tell(self) -> None:
        missing = self._keeping.missing
        if missing != self._told:
            log.info("%s: %s", self._connection, f"without {', '.join(sorted(missing))}" if missing else "whole")
        self._told = missing
        if not missing:
            self._note(Heard())


def _load() -> None:
    """Load what the guard would; we hold its lock."""
    try:
        tunnels.load()
    except ToolError as error:
        log.warning("cannot load the tunnel: %s", error.message)


def _carried() -> int:
    try:
        return int(_CARRIED.read_text())
    except (OSError, ValueError):
        return 0
