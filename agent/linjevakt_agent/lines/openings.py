"""Tries what a provider's or a site's firewall lets through on a line: UDP 500, UDP 4500 and ESP, to the hub and back.

Only root may send bare ESP: the process `run` tries, whoever may use our sockets asks it. Nothing but IKE and ESP
echoes goes out, and no state is made at the other end.
"""

import asyncio
import difflib
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, InvalidError, UnavailableError, reason
from linjevakt_agent.base.inquiry import Result
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Line, Network
from linjevakt_agent.collect import CollectError, settings
from linjevakt_agent.lines import especho, ikeprobe
from linjevakt_agent.network import inforce, kernel, network
from linjevakt_agent.network.desired import why_not_ready
from linjevakt_agent.network.endpoints import Standing
from linjevakt_agent.network.kernel import NetworkError

WITHIN_S = 2.5
"""How long an answer may take; the SSH login and we ourselves stay within 5 s."""

ASKED_AT_S = (0.0, 0.5, 1.2)
"""When each is asked: a lost packet or two is no closed door."""

_LARGEST = 2048
_AFTER_ERROR_S = 0.05


@dataclass(frozen=True)
class Door:
    """One opening: how a request is made of a token and a sequence number, and how its answer is known."""

    protocol: str
    port: int | None
    request: Callable[[bytes, int], bytes]
    answered: Callable[[bytes, bytes], int | None]

    def knock(self, line: str, address: str, target: str) -> socket.socket:
        """Return a socket through this door, bound to the line. Raises OSError."""
        if self.port:
            return ikeprobe.bound(line, address, (target, self.port))
        return ikeprobe.bound(line, address, (target, 0), socket.SOCK_RAW, especho.PROTOCOL)


@dataclass(frozen=True)
class Outcome:
    """Whether a door is open; None: it could not be tried."""

    open: bool | None
    ms: float | None
    detail: str


def doors(ike_port: int = ikeprobe.IKE_PORT) -> tuple[Door, ...]:
    """UDP 4500, where the tunnel passes, and what a tunnel of other settings would use: UDP 500, bare ESP."""
    return (
        Door("udp", ike_port, ikeprobe.request, ikeprobe.answered),
        Door("udp", ikeprobe.NATT_PORT, _marked, _answered_marked),
        Door("esp", None, especho.request, especho.answered),
    )


def _marked(token: bytes, sequence: int) -> bytes:
    return ikeprobe.NON_ESP + ikeprobe.request(token, sequence)


def _answered_marked(packet: bytes, token: bytes) -> int | None:
    return ikeprobe.answered(packet[len(ikeprobe.NON_ESP) :], token) if packet.startswith(ikeprobe.NON_ESP) else None


# --- who is asked: the process `run` ---


async def answer(paths: Paths, line: str | None) -> Result:
    """Try for whoever asks. Raises ConfigError."""
    try:
        return await tried(paths, line)
    except NetworkError as error:
        raise UnavailableError(f"the kernel cannot be asked: {error}") from error


async def tried(paths: Paths, name: str | None) -> Result:
    """Try every door on the line of that name, or on all lines, all at once (contract.md section 2).

    Raises AbsentError without a configuration, InvalidError for a line that is not there and on a hub, and
    NetworkError.
    """
    config = _config(paths)
    if config.watch is None:
        raise InvalidError("this router has no [watch]: a hub has nobody to ask", section="network.toml")
    present = inforce.present(config, paths.run)
    chosen = _chosen(present.line, name)
    state = await asyncio.to_thread(kernel.read)
    standing = network.standing(config, state)
    rows = (_row(line, standing, state, config.watch.target) for line in chosen)
    return {"target": config.watch.target, "lines": await asyncio.gather(*rows)}


def _config(paths: Paths) -> Network:
    try:
        return settings.network(paths)
    except CollectError as error:
        raise AbsentError(f"there is no running configuration: {error}") from error


def _chosen(lines: Iterable[Line], name: str | None) -> list[Line]:
    known = {line.name: line for line in sorted(lines, key=lambda line: line.priority)}
    if name is None:
        return list(known.values())
    if name in known:
        return [known[name]]
    meant = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {meant[0]!r}?" if meant else f"there are: {', '.join(known) or 'none'}"
    raise InvalidError(f"no line {name!r}; {hint}", section="network.toml")


async def _row(line: Line, standing: Standing, state: kernel.State, target: str) -> Result:
    ways, where = doors(), standing.endpoints.get(line.name)
    address = str(where.address.ip) if where else None
    why_not = why_not_ready(line, standing, state)
    if why_not or address is None:
        outcomes = [Outcome(open=False, ms=None, detail=f"the line is down: {why_not}")] * len(ways)
    else:
        outcomes = await asyncio.gather(*(tried_door(door, line.name, address, target) for door in ways))
    rows = [
        {"protocol": door.protocol, "port": door.port, "open": found.open, "ms": found.ms, "detail": found.detail}
        for door, found in zip(ways, outcomes, strict=True)
    ]
    return {"name": line.name, "kind": line.kind, "address": address, "openings": rows}


# --- one door ---


async def tried_door(door: Door, line: str, address: str, target: str, within_s: float = WITHIN_S) -> Outcome:
    """Try one door, whatever the state of the line."""
    try:
        channel = door.knock(line, address, target)
    except OSError as error:
        return Outcome(open=None, ms=None, detail=f"not tried: {error.strerror}")
    with channel:
        attempt = _Attempt(door, channel)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                return await attempt.run()
        return attempt.silence(within_s)


class _Attempt:
    """Requests sent on one socket, and what was heard."""

    def __init__(self, door: Door, channel: socket.socket) -> None:
        self._door, self._channel = door, channel
        self._token = secrets.token_bytes(4)
        self._sent: dict[int, float] = {}
        self._heard = ""  # the last error: an ICMP message about a request of ours
        self._refused = ""  # why the router's own kernel did not let a request out

    async def run(self) -> Outcome:
        """Ask until one is answered; never returns otherwise."""
        asking = asyncio.create_task(self._ask())
        try:
            return await self._answer()
        finally:
            asking.cancel()

    def silence(self, within_s: float) -> Outcome:
        """What it means that none was answered."""
        if not self._sent:
            return Outcome(open=None, ms=None, detail=f"not tried: {self._refused}")
        said = f" ({self._heard.lower()})" if self._heard else ""
        return Outcome(open=False, ms=None, detail=f"no answer within {within_s:g} s{said}")

    async def _ask(self) -> None:
        began = time.monotonic()
        for sequence, at in enumerate(ASKED_AT_S, start=1):
            await asyncio.sleep(began + at - time.monotonic())
            self._send(sequence)

    def _send(self, sequence: int) -> None:
        now = time.monotonic()
        try:
            self._channel.send(self._door.request(self._token, sequence))
        except PermissionError as error:
            self._refused = f"the router's own firewall: {error.strerror}"
        except OSError as error:  # also one that tells of a request before
            self._heard = reason(error)
            self._sent[sequence] = now
        else:
            self._sent[sequence] = now

    async def _answer(self) -> Outcome:
        loop = asyncio.get_running_loop()
        while True:
            try:
                packet = await loop.sock_recv(self._channel, _LARGEST)
            except OSError as error:
                self._heard = reason(error)
                await asyncio.sleep(_AFTER_ERROR_S)
                continue
            sequence = self._door.answered(packet, self._token)
            if sequence in self._sent:
                taken = round((time.monotonic() - self._sent[sequence]) * 1000, 3)
                return Outcome(open=True, ms=taken, detail="answers")


# --- who asks ---


def main(root: Path, line: str | None = None) -> Result:
    """What `run` finds, for one line or all; takes up to 4 s. Raises ConfigError."""
    return inquiry.ask(Paths(root), "openings", line)


def shown(result: Result) -> str:
    """A table for people."""
    rows: list[str] = []
    for line in result["lines"]:
        rows.append(f"{line['name']} ({line['address'] or 'no address'}) to {result['target']}")
        rows += [_shown(opening) for opening in line["openings"]]
    return "\n".join(rows)


def _shown(opening: Result) -> str:
    name = f"{opening['protocol']} {opening['port'] or ''}".strip()
    word = {True: "open", False: "closed", None: "not tried"}[opening["open"]]
    detail = f"{opening['ms']:.1f} ms" if opening["open"] else opening["detail"]
    return f"  {name:<9} {word:<10} {detail}"
