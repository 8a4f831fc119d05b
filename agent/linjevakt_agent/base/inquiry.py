"""What only the process `run` may know or try, for whoever may use our sockets: one question, one answer.

Nobody can lock others out by connecting, by asking slowly, or by asking again and again: who says nothing has to go
when another comes, a process has few connections, and those who ask the same while it waits for its turn share the
answer, which was looked up after they asked.
"""

import asyncio
import logging
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from linjevakt_agent.base.errors import ConfigError, InvalidError, UnavailableError, from_json, reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.volatile import BACKLOG, listening, peer

log = logging.getLogger(__name__)

Result = dict[str, Any]
Question = Callable[[Paths, str | None], Awaitable[Result]]
"""Raises ConfigError; what is asked about (a line) or None."""

MOST_CLIENTS = 64
MOST_OF_A_PROCESS = 8
WITHIN_S = 2.5
"""How long a question may be on its way."""

_PATIENCE_S = 10.0
_LONGEST_REQUEST = 1024


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of JSON from a client."""

    ask: str
    about: str | None = None


async def serve(root: Path, questions: Mapping[str, Question]) -> None:
    """Answer whoever asks at the socket; runs until cancelled."""
    desk = Desk(Paths(root), questions)
    with listening(_socket(Paths(root))) as listener:
        server = await asyncio.start_unix_server(desk.attend, sock=listener, limit=_LONGEST_REQUEST, backlog=BACKLOG)
        async with server:
            await server.serve_forever()


class Desk:
    """Who is connected, and what is being looked up."""

    def __init__(self, paths: Paths, questions: Mapping[str, Question]) -> None:
        self._paths, self._questions = paths, questions
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[Request, asyncio.Task[Result]] = {}
        self._clients: dict[asyncio.StreamWriter, int] = {}  # the process of each, the oldest first
        self._silent: dict[asyncio.StreamWriter, None] = {}  # those that have not asked yet, likewise

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one question, answer it, hang up."""
        try:
            if self._admitted(writer):
                await self._converse(reader, writer)
        except (OSError, ValueError):  # gone, too slow or too long (StreamReader.readline)
            pass
        finally:
            self._clients.pop(writer, None)
            self._silent.pop(writer, None)
            writer.close()

    def _admitted(self, writer: asyncio.StreamWriter) -> bool:
        process = peer(writer.get_extra_info("socket"))
        if sum(process == other for other in self._clients.values()) >= MOST_OF_A_PROCESS:
            return False
        if len(self._clients) >= MOST_CLIENTS:
            silent = next(iter(self._silent), None)
            if silent is None:
                return False
            self._clients.pop(silent)
            self._silent.pop(silent)
            silent.transport.abort()
        self._clients[writer] = process
        self._silent[writer] = None
        return True

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(WITHIN_S):
            line = await reader.readline()
        self._silent.pop(writer, None)
        if not line:
            return
        writer.write(msgspec.json.encode(await self._answer(line)))
        async with asyncio.timeout(WITHIN_S):
            await writer.drain()

    async def _answer(self, line: bytes) -> Result:
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.MsgspecError as error:
            return {"error": InvalidError(f"not a request: {error}").to_json()}
        if request.ask not in self._questions:
            known = " ".join(self._questions)
            return {"error": InvalidError(f"unknown question '{request.ask}'; known: {known}").to_json()}
        if request not in self._waiting:
            self._waiting[request] = asyncio.create_task(self._look_up(request))
        return await asyncio.shield(self._waiting[request])

    async def _look_up(self, request: Request) -> Result:
        async with self._turns[request.ask]:
            del self._waiting[request]  # whoever asks from now on shall not get what we find
            try:
                return {"ok": await self._questions[request.ask](self._paths, request.about)}
            except ConfigError as error:
                return {"error": error.to_json()}
            except Exception:  # the edge: one question that fails is no reason not to answer the next
                log.exception("a question failed")
                return {"error": UnavailableError("the agent made a mistake; its log says more").to_json()}


# --- who asks ---


def ask(paths: Paths, question: str, about: str | None = None) -> Result:
    """What `run` answers. Raises the ConfigError that it answers with, and UnavailableError if it does not."""
    path = _socket(paths)
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(_PATIENCE_S)
            asking.connect(str(path))
            asking.sendall(msgspec.json.encode(Request(question, about)) + b"\n")
            with asking.makefile("rb") as answers:
                said = msgspec.json.decode(answers.read(), type=dict[str, Result])
    except (OSError, msgspec.MsgspecError) as error:
        raise UnavailableError(f"{path}: {reason(error)}; is the service `agent` (linjevakt-agent run) up?") from error
    if "error" in said:
        raise from_json(said["error"])
    return said["ok"]


def _socket(paths: Paths) -> Path:
    return paths.run / "run.sock"
