"""Malformed packets against every reader of what a line, a hub or a service sends: each refuses in its own words."""

import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from tests.attack import fuzz

from linjevakt_agent.lines import especho, ikeprobe
from linjevakt_agent.services import dns, ntp

TOKEN = b"\x59\xc0\x78\x1f"
COOKIE = 0x1122334455667788
QUERY = dns.encode_query(7, "www.example.com")
DNS_ANSWER = (
    struct.pack("!6H", 7, 0x8180, 1, 2, 0, 0)
    + QUERY[12:]
    + b"\xc0\x0c"
    + struct.pack("!2HIH", 1, 1, 60, 4)
    + b"\xc0\x00\x02\x50"
    + b"\xc0\x0c"
    + struct.pack("!2HIH", 5, 1, 60, 2)
    + b"\xc0\x0c"
)
NTP_ANSWER = ntp.PACKET.pack(4 << 3 | 4, 2, 6, -20, 0, 0, 0, 0, COOKIE, 3_900_000_000 << 32, 3_900_000_000 << 32)
IKE_ANSWER = TOKEN + bytes.fromhex("0000002a0000000000000000292022200000000000000024000000080000" + "0005")
IP = bytes.fromhex("45000028000040004032000a7f0000017f000001")
ECHO = especho.answer(IP + especho.request(TOKEN, 3)) or b""


def read_dns(data: bytes) -> None:
    with suppress(dns.DnsError):
        assert dns.parse_answer(data, QUERY)


def read_ntp(data: bytes) -> None:
    with suppress(ntp.NtpError):
        assert 0 < ntp.parse_answer(data, COOKIE, 1.0, 2.0).stratum <= ntp.MAX_STRATUM


def read_ike(data: bytes) -> None:
    assert ikeprobe.answered(data, TOKEN) is None or data.startswith(TOKEN)


def read_echo(data: bytes) -> None:
    assert especho.answered(IP + data, TOKEN) is None or TOKEN in data
    assert len(especho.answer(data) or b"") <= len(data)


READERS: tuple[tuple[Callable[[bytes], None], bytes], ...] = (
    (read_dns, DNS_ANSWER),
    (read_ntp, NTP_ANSWER),
    (read_ike, IKE_ANSWER),
    (read_echo, ECHO),
)
over_all = pytest.mark.parametrize(("read", "sample"), READERS, ids=lambda value: getattr(value, "__name__", ""))


@over_all
def test_the_sample_is_what_a_reader_takes(read: Callable[[bytes], None], sample: bytes) -> None:
    """Else the mutations would all die at the first check."""
    read(sample)
    assert dns.parse_answer(DNS_ANSWER, QUERY) == ["192.0.2.80"]
    assert ntp.parse_answer(NTP_ANSWER, COOKIE, 1.0, 2.0).stratum == 2
    assert ikeprobe.answered(IKE_ANSWER, TOKEN) == 42
    assert especho.answered(IP + ECHO, TOKEN) == 3


@over_all
def test_some_malformed_packets_upset_no_reader(read: Callable[[bytes], None], sample: bytes) -> None:
    for packet in fuzz.packets(fuzz.dice(8), [sample], 500):
        read(packet)


@pytest.mark.attack
@over_all
def test_many_malformed_packets_upset_no_reader(
    read: Callable[[bytes], None], sample: bytes, seed: int, count: int
) -> None:
    for packet in fuzz.packets(fuzz.dice(seed), [sample], count):
        read(packet)
