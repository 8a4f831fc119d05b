"""The hub's answers to sites that try their lines: bare ESP's echo, and IKE probes of a size, at the size they came.

charon answers a probe of any size, but shortly: that tells one way only. We answer besides, so that it tells both.
"""

import asyncio
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError, settings
from linjevakt_agent.lines import especho, ikeprobe

log = logging.getLogger(__name__)

_LARGEST = 2048
_RETRY_S = 5.0
_UDP = struct.Struct("!HHHH")  # ports of source and destination, length, checksum (RFC 768)
_NO_CHECKSUM = 0  # as UDP-encapsulated ESP has it (RFC 3948, section 2.1): what lets that through lets this through


@dataclass(frozen=True)
class Echo:
    """One kind: its IP protocol, the answer to an IPv4 packet (None: it is none of ours), octets that may wait for us.

    So many are answered `at_once`, then none for `pause_s`: strangers may ask as well. `wanted` is a filter for the
    kernel: everything else of the protocol is not even given to us.
    """

    protocol: int
    answer: Callable[[bytes], bytes | None]
    backlog: int
    at_once: int
    pause_s: float
    wanted: ikeprobe.Filter = ()


def sized(packet: bytes) -> bytes | None:
    """The UDP datagram that answers a padded probe, as long as what came; None for anything else."""
    header = (packet[0] & 0x0F) * 4 if packet else 0
    if not header or len(packet) < header + _UDP.size:
        return None
    source, port, length, _ = _UDP.unpack_from(packet, header)
    body = packet[header + _UDP.size : header + length]
    answer = ikeprobe.echo(body.removeprefix(ikeprobe.NON_ESP)) if body.startswith(ikeprobe.NON_ESP) else None
    if port != ikeprobe.NATT_PORT or answer is None:
        return None
    return _UDP.pack(port, source, length, _NO_CHECKSUM) + ikeprobe.NON_ESP + answer


ESP = Echo(especho.PROTOCOL, especho.answer, backlog=16_384, at_once=1, pause_s=0.002)
"""At most 500 a second for all, 1-2 % of a core."""

SIZED = Echo(socket.IPPROTO_UDP, sized, backlog=262_144, at_once=8, pause_s=0.004, wanted=ikeprobe.PADDED)
"""At most 2,000 a second for all, 24 Mbit/s; 10,000 sites that all carry traffic ask 1,000 times (pathwatch.py)."""

KINDS = (ESP, SIZED)


async def serve(root: Path) -> None:
    """Answer on each line of a hub, which is a router that watches nothing itself; runs until cancelled."""
    paths = Paths(root)
    while True:
        generation = settings.generation(paths)
        addresses = _addresses(paths)
        answering = [asyncio.create_task(answer_at(address, kind)) for address in addresses for kind in KINDS]
        try:
            await settings.changed(paths, generation)
        finally:
            for task in answering:
                task.cancel()
            await asyncio.gather(*answering, return_exceptions=True)


def _addresses(paths: Paths) -> list[str]:
    """A hub's lines have fixed addresses: sites call it there."""
    try:
        network = settings.network(paths)
    except CollectError:
        return []
    if network.watch:
        return []
    return [str(ipaddress.IPv4Interface(line.address).ip) for line in network.line if line.address]


async def answer_at(address: str, kind: Echo = ESP) -> None:
    """Answer the echoes of one kind sent to one address of this box; runs until cancelled."""
    while True:
        try:
            with _opened(address, kind) as listener:
                await _answer_on(listener, kind)
        except OSError as error:
            log.warning("no answers on %s to probes of IP protocol %d: %s", address, kind.protocol, error.strerror)
        await asyncio.sleep(_RETRY_S)


def _opened(address: str, kind: Echo) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, kind.protocol)
    try:
        if kind.wanted:
            ikeprobe.attach(listener, kind.wanted)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kind.backlog)
        listener.setsockopt(socket.IPPROTO_IP, ikeprobe.IP_MTU_DISCOVER, ikeprobe.IP_PMTUDISC_PROBE)
        listener.bind((address, 0))
    except OSError:
        listener.close()
        raise
    return listener


async def _answer_on(listener: socket.socket, kind: Echo) -> None:
    loop = asyncio.get_running_loop()
    while True:
        for _ in range(kind.at_once):
            packet, asker = await loop.sock_recvfrom(listener, _LARGEST)
            if reply := kind.answer(packet):
                try:
                    await loop.sock_sendto(listener, reply, asker)
                except OSError as error:  # an address that nothing can be sent to
                    log.debug("no answer to %s: %s", asker[0], error.strerror)
        await asyncio.sleep(kind.pause_s)
