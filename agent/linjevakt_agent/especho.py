"""An echo over bare ESP (IP protocol 50), which tells whether a line carries it: the packets, and the hub's answers.

The format is that of the IETF's draft-ietf-ipsecme-esp-ping-01: an ESP header (RFC 4303) with the reserved SPI 7 in a
request and 8 in an answer, then sub-type, flags, length of the data, identifier and sequence number, then the data. No
IPsec stack has an association with these SPIs, so none is disturbed by them.
"""

import asyncio
import ipaddress
import logging
import socket
import struct
from pathlib import Path

from linjevakt_agent.collect import CollectError, settings
from linjevakt_agent.paths import Paths

log = logging.getLogger(__name__)

PROTOCOL = socket.IPPROTO_ESP
SHORTEST_PAUSE_S = 0.002
"""Between two answers: at most 500 a second for all, 1-2 % of a core; the firewall gives each asker its share."""

_ECHO = struct.Struct("!IIBBHHH4s")  # SPI, ESP sequence; sub-type, flags, data length, identifier, sequence; our token
_REQUEST_SPI, _ANSWER_SPI = 7, 8
_REQUEST, _ANSWER = 2, 3
_TOKEN = 4
_BACKLOG = 16384  # octets of requests that may wait; what is more is dropped by the kernel
_LARGEST = 2048
_RETRY_S = 5.0


def request(token: bytes, sequence: int) -> bytes:
    """The 20 octets of a request; `token` (4 octets) tells one asker from another."""
    return _ECHO.pack(_REQUEST_SPI, sequence, _REQUEST, 0, _TOKEN, 0, sequence, token)


def answered(packet: bytes, token: bytes) -> int | None:
    """The sequence number that an IPv4 packet answers; None if it answers none of ours."""
    fields = _fields(packet)
    if fields is None:
        return None
    spi, _, kind, _, _, _, sequence, echoed = fields
    return sequence if (spi, kind, echoed) == (_ANSWER_SPI, _ANSWER, token) else None


def answer(packet: bytes) -> bytes | None:
    """What to send back for an IPv4 packet, never longer than what came; None if it is no request of ours."""
    fields = _fields(packet)
    if fields is None:
        return None
    spi, number, kind, flags, length, identifier, sequence, token = fields
    if (spi, kind, flags, length) != (_REQUEST_SPI, _REQUEST, 0, _TOKEN):
        return None
    return _ECHO.pack(_ANSWER_SPI, number, _ANSWER, 0, length, identifier, sequence, token)


def _fields(packet: bytes) -> tuple[int, int, int, int, int, int, int, bytes] | None:
    header = (packet[0] & 0x0F) * 4 if packet else 0
    return _ECHO.unpack_from(packet, header) if header and len(packet) >= header + _ECHO.size else None


async def serve(root: Path) -> None:
    """Answer on each line of a hub, which is a router that watches nothing itself; runs until cancelled."""
    paths = Paths(root)
    while True:
        generation = settings.generation(paths)
        answering = [asyncio.create_task(answer_at(address)) for address in _addresses(paths)]
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


async def answer_at(address: str) -> None:
    """Answer the echoes sent to one address of this box; runs until cancelled."""
    while True:
        try:
            with _opened(address) as listener:
                await _answer_on(listener)
        except OSError as error:
            log.warning("no answers to ESP on %s: %s", address, error.strerror)
        await asyncio.sleep(_RETRY_S)


def _opened(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, PROTOCOL)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BACKLOG)
        listener.bind((address, 0))
    except OSError:
        listener.close()
        raise
    return listener


async def _answer_on(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while True:
        packet, asker = await loop.sock_recvfrom(listener, _LARGEST)
        if reply := answer(packet):
            try:
                await loop.sock_sendto(listener, reply, asker)
            except OSError as error:  # an address that nothing can be sent to
                log.debug("no answer to %s: %s", asker[0], error.strerror)
        await asyncio.sleep(SHORTEST_PAUSE_S)
