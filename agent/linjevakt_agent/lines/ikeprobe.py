"""Asks an IKE responder for a sign of life, bound to one line: nothing but IKE is on the wire, and no state is made.

The request has a major version that does not exist. A responder answers it with an unauthenticated notification
INVALID_MAJOR_VERSION, whatever it knows of us, and forgets it (RFC 7296, section 2.5); the initiator's SPI comes back.
"""

import ctypes
import secrets
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

IKE_PORT = 500
NATT_PORT = 4500
NON_ESP = bytes(4)
"""Tells IKE from ESP on port 4500 (RFC 3948, section 2.2)."""

_HEADER = struct.Struct("!4sIQBBBBII")  # SPIi (our token, sequence), SPIr, next payload, version, exchange, flags, ...
_VERSION = 0x30
_IKE_SA_INIT = 34
_INITIATOR = 0x08
_RESPONSE = 0x20
_NO_STATE = 0
_AT_ONCE = 256
_SO_TIMESTAMPNS = 35  # socket(7): the kernel notes when a packet arrived; Python does not name it
_TIMESPEC = struct.Struct("@ll")
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; Python names neither this nor what follows
_INSTRUCTION = struct.Struct("@HBBI")  # struct sock_filter: code, where to if true, if false, operand (linux/filter.h)
_LOAD, _SAME, _MORE, _RETURN = 0x20, 0x15, 0x25, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ, |BPF_JGT, BPF_RET
_CAME_IN_BY = 0xFFFFF000 + 8  # SKF_AD_OFF + SKF_AD_IFINDEX: the device that a packet really came in by
_WHOLE = 0xFFFFFFFF
_INDEX_OF_HEADER, _LOAD_HALF, _LOAD_WORD, _LOAD_OCTET = 0xB1, 0x48, 0x40, 0x50  # BPF_LDX|BPF_MSH, BPF_LD|BPF_IND
Filter = tuple[tuple[int, int, int, int], ...]
PADDED: Filter = (
    (_INDEX_OF_HEADER, 0, 0, 0),
    (_LOAD_HALF, 0, 0, 2),  # port of the destination
    (_SAME, 0, 7, NATT_PORT),
    (_LOAD_HALF, 0, 0, 4),  # length
    (_MORE, 0, 5, 8 + 4 + 28),  # than a probe that only asks for a sign of life
    (_LOAD_WORD, 0, 0, 8),  # the non-ESP marker
    (_SAME, 0, 3, 0),
    (_LOAD_OCTET, 0, 0, 8 + 4 + 17),  # the version of IKE
    (_SAME, 0, 1, _VERSION),
    (_RETURN, 0, 0, _WHOLE),
    (_RETURN, 0, 0, 0),
)
"""Lets padded probes pass to a raw socket for UDP, which is offered a copy of every packet of the tunnels."""

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3
"""ip(7), linux/in.h: packets with the don't-fragment flag, as large as the device takes, whatever ICMP has told."""

_BELOW = 20 + 8  # the headers of IPv4 without options (RFC 791) and UDP (RFC 768)


def request(token: bytes, sequence: int, padding: int = 0) -> bytes:
    """The 28 octets of a probe, an IKE header alone, version 3.0; a padded one finds out whether its size passes."""
    length = _HEADER.size + padding
    header = _HEADER.pack(token, sequence, _NO_STATE, 0, _VERSION, _IKE_SA_INIT, _INITIATOR, 0, length)
    return header + bytes(padding)


def echo(packet: bytes) -> bytes | None:
    """The answer, as long as what came, to a padded probe; None if `packet` is none."""
    if len(packet) <= _HEADER.size:
        return None
    token, sequence, state, after, version, exchange, flags, number, length = _HEADER.unpack_from(packet)
    asked = (state, after, version, exchange, flags, number, length)
    if asked != (_NO_STATE, 0, _VERSION, _IKE_SA_INIT, _INITIATOR, 0, len(packet)):
        return None
    return _HEADER.pack(token, sequence, state, after, version, exchange, _RESPONSE, number, length) + bytes(
        length - _HEADER.size
    )


def answered(packet: bytes, token: bytes) -> int | None:
    """The sequence number that `packet` answers; None if it answers none of ours."""
    if len(packet) < _HEADER.size:
        return None
    echoed, sequence, _, _, _, _, flags, _, _ = _HEADER.unpack_from(packet)
    return sequence if echoed == token and flags & _RESPONSE else None


def bound(
    interface: str,
    address: str,
    target: tuple[str, int],
    kind: socket.SocketKind = socket.SOCK_DGRAM,
    protocol: int = 0,
) -> socket.socket:
    """Return a socket that leaves by one interface from one address, and hears only what comes in by that interface.

    A bound socket would hear this box itself when the target is one of its own addresses: the kernel takes what it
    delivers over the loopback for what came in where it was meant to go out, in IP_PKTINFO too.
    Raises OSError when the interface or the address is not there.
    """
    made = socket.socket(socket.AF_INET, kind | socket.SOCK_NONBLOCK, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        _hear_only(made, socket.if_nametoindex(interface))
        made.bind((address, 0))
        made.connect(target)
    except OSError:
        made.close()
        raise
    return made


def _hear_only(made: socket.socket, index: int) -> None:
    """Have the kernel drop what came in by another device than that of this index."""
    attach(made, ((_LOAD, 0, 0, _CAME_IN_BY), (_SAME, 0, 1, index), (_RETURN, 0, 0, _WHOLE), (_RETURN, 0, 0, 0)))


def attach(made: socket.socket, program: Filter) -> None:
    """Have the kernel give a socket what the program (classic BPF) lets pass, and nothing else. Raises OSError."""
    code = ctypes.create_string_buffer(b"".join(_INSTRUCTION.pack(*instruction) for instruction in program))
    made.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(code)))


class Answer(NamedTuple):
    """Of which probe, how many seconds it has waited for us, and how large it was, its IP and UDP headers included."""

    sequence: int
    waited_s: float
    size: int


class ProbeSocket:
    """Sends probes by one line; opening raises OSError when the interface or the address is not there.

    Port 4500 is where the tunnel itself passes: a provider may let IKE through on 500 and nothing there.
    """

    def __init__(self, interface: str, address: str, target: tuple[str, int]) -> None:
        self._token = secrets.token_bytes(4)
        self._marker = NON_ESP if target[1] == NATT_PORT else b""
        self._socket = bound(interface, address, target)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def send(self, sequence: int, size: int = 0) -> None:
        """Send one probe, padded to an IP packet of `size`; one that the kernel will not take is as good as lost."""
        padding = max(0, size - _BELOW - len(self._marker) - _HEADER.size)
        with suppress(OSError):
            self._socket.send(self._marker + request(self._token, sequence, padding))

    def answers(self) -> Iterator[Answer]:
        """Yield each answer that has arrived. An ICMP error is not an answer."""
        for _ in range(_AT_ONCE):
            try:
                packet, notes, _flags, _peer = self._socket.recvmsg(2048, 128)
            except BlockingIOError:
                return
            except OSError:
                continue
            if (sequence := answered(packet.removeprefix(self._marker), self._token)) is not None:
                yield Answer(sequence, _waited(notes), len(packet) + _BELOW)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


def _waited(notes: list[tuple[int, int, bytes]]) -> float:
    """Seconds since the kernel took the packet in; none when the clock has been set meanwhile."""
    for level, kind, data in notes:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            waited: float = time.time() - seconds - nanoseconds / 1e9
            return max(0.0, waited)
    return 0.0
