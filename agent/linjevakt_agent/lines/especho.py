"""An echo over bare ESP (IP protocol 50), which tells whether a line carries it: the packets.

The format is that of the IETF's draft-ietf-ipsecme-esp-ping-01: an ESP header (RFC 4303) with the reserved SPI 7 in a
request and 8 in an answer, then sub-type, flags, length of the data, identifier and sequence number, then the data. No
IPsec stack has an association with these SPIs, so none is disturbed by them.
"""

import socket
import struct

PROTOCOL = socket.IPPROTO_ESP
_ECHO = struct.Struct("!IIBBHHH4s")  # SPI, ESP sequence; sub-type, flags, data length, identifier, sequence; our token
_REQUEST_SPI, _ANSWER_SPI = 7, 8
_REQUEST, _ANSWER = 2, 3
_TOKEN = 4


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
