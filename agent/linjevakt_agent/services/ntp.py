"""The little of NTP (RFC 5905) that a probe needs: a client packet and what the server's answer says."""

import struct
from dataclasses import dataclass

from linjevakt_agent import RELEASED

PACKET = struct.Struct("!3Bb3I4Q")
UNIX_EPOCH = 2_208_988_800
"""Seconds from NTP's epoch (1900) to Unix's (1970), RFC 5905 section 6."""
ERA_S = 2**32
"""Seconds after which a timestamp begins anew, the first time on 2036-02-07 (RFC 5905 section 6)."""
VERSION, CLIENT, SERVER = 4, 3, 4
UNSYNCHRONISED, MAX_STRATUM = 3, 15


class NtpError(ValueError):
    """Not an answer to the question, or a server without the time; the message is for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`offset_s` is how far the local clock is behind the server's."""

    stratum: int
    offset_s: float


def encode_query(cookie: int) -> bytes:
    """A client packet; `cookie` (64 bits) stands as the transmit time, so that an answer can be told from a forgery."""
    return PACKET.pack(VERSION << 3 | CLIENT, 0, 0, 0, 0, 0, 0, 0, 0, 0, cookie)


def parse_answer(data: bytes, cookie: int, sent: float, received: float) -> Answer:
    """The server's answer; `sent` and `received` are Unix times of the local clock. Raises NtpError."""
    try:
        first, stratum, _, _, _, _, reference, _, origin, arrived, left = PACKET.unpack_from(data)
    except struct.error as error:
        raise NtpError("a broken answer") from error
    if first & 7 != SERVER or origin != cookie:
        raise NtpError("not an answer to the question")
    if stratum == 0:
        raise NtpError(f"the server refuses ({_kiss_code(reference)})")
    if stratum > MAX_STRATUM or first >> 6 == UNSYNCHRONISED:
        raise NtpError("the server's clock is not synchronised")
    return Answer(stratum, (_unix(arrived) - sent + _unix(left) - received) / 2)


def _kiss_code(reference: int) -> str:
    """A kiss-o'-death packet's reason, four ASCII letters (RFC 5905 section 7.4)."""
    return reference.to_bytes(4, "big").decode("ascii", "replace").strip("\0")


def _unix(timestamp: int) -> float:
    """The era is the one in which the time is not before this software's, whatever the local clock says."""
    seconds = timestamp / 2**32 - UNIX_EPOCH
    return seconds if seconds >= RELEASED.timestamp() else seconds + ERA_S
