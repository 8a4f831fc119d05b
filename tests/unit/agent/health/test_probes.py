"""Each kind of probe against a real server on loopback, and the codecs against what they may meet."""

import ipaddress
import json
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import timing

from linjevakt_agent.base.schema import Probe
from linjevakt_agent.services import dns, ntp, probes

PAC = 'function FindProxyForURL(url, host) { return "DIRECT"; }\n'


def probe(kind: str, target: str, *, timeout_s: float = 1.0, **settings: Any) -> Probe:
    row = {
        "service": "s",
        "segment": "s",
        "kind": kind,
        "source": "127.0.0.1",
        "target": target,
        "timeout_s": timeout_s,
    }
    return msgspec.convert(row | settings, Probe)


@contextmanager
def udp_server(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """Answer datagrams until the block ends; gives host:port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (received := channel.recvfrom(4096))[0] != b"stop":
                if reply := answer(received[0]):
                    channel.sendto(reply, received[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{channel.getsockname()[1]}"
        finally:
            channel.sendto(b"stop", channel.getsockname())
            thread.join()


class Web(BaseHTTPRequestHandler):
    """A web server, and a proxy that answers for www.example.com by itself."""

    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.client_address[0], self.path))
        known = {"/": b"hello", "/flex.pac": PAC.encode(), "/wrong.pac": b"<html>", "http://www.example.com/": b"hello"}
        body = known.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def do_CONNECT(self) -> None:
        self.seen.append((self.client_address[0], self.path))
        self.send_response(200 if self.path == "www.example.com:443" else 403)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    seen: list[tuple[str, str]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Seeing", (Web,), {"seen": seen})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()
        thread.join()


def dns_answer(query: bytes, *addresses: str, rcode: int = 0) -> bytes:
    """What a name server would answer, with a compressed name and a CNAME ahead of the addresses."""
    (number,) = struct.unpack_from("!H", query)
    records = b"\xc0\x0c" + struct.pack("!2HIH", 5, 1, 60, 6) + b"\x03www\xc0\x10" if addresses else b""
    for address in addresses:
        records += b"\xc0\x0c" + struct.pack("!2HIH", 1, 1, 60, 4) + ipaddress.ip_address(address).packed
    count = len(addresses) + bool(addresses)
    return struct.pack("!6H", number, 0x8180 | rcode, 1, count, 0, 0) + query[12:] + records


def ntp_answer(query: bytes, *, stratum: int = 2, behind_s: float = 0.0, leap: int = 0) -> bytes:
    now = int((time.time() + behind_s + ntp.UNIX_EPOCH) * 2**32)
    origin = struct.unpack_from("!Q", query, 40)[0]
    reference = int.from_bytes(b"RATE", "big")
    return ntp.PACKET.pack(leap << 6 | 4 << 3 | 4, stratum, 6, -20, 0, 0, reference, now, origin, now, now)


def test_dns_tells_what_the_server_says_of_the_name() -> None:
    with udp_server(lambda query: dns_answer(query, "192.0.2.80", "192.0.2.81")) as server:
        outcome = probes.run(probe("dns", "www.example.com", server=server))
    assert outcome.ok
    assert outcome.detail == "127.0.0.1 answers that www.example.com is 192.0.2.80, 192.0.2.81"
    assert 0 < outcome.ms < timing.HANGS_S * 1000


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (lambda query: dns_answer(query, rcode=3), "no such name"),
        (lambda query: dns_answer(query, rcode=2), "server failure"),
        (dns_answer, "no address for the name"),
        (lambda query: b"\0\0" + dns_answer(query, "192.0.2.80")[2:], "not an answer to the question"),
        (lambda query: dns_answer(query.replace(b"www", b"xxx"), "192.0.2.80"), "an answer to another question"),
        (lambda query: dns_answer(query, "192.0.2.80")[:-3], "no address for the name"),
        (lambda query: query[:5], "a broken answer"),
    ],
)
def test_dns_fails_with_the_reason(answer: Callable[[bytes], bytes], detail: str) -> None:
    with udp_server(answer) as server:
        query_zero = probes.run(probe("dns", "www.example.com", server=server))
    assert (query_zero.ok, query_zero.detail) == (False, detail)


def test_one_lost_datagram_is_no_failure() -> None:
    heard: list[bytes] = []

    def second_time_only(query: bytes) -> bytes | None:
        heard.append(query)
        return dns_answer(query, "192.0.2.80") if len(heard) > 1 else None

    with udp_server(second_time_only) as server:
        assert probes.run(probe("dns", "www.example.com", server=server, timeout_s=0.4)).ok
    assert len(heard) == 2


def test_a_silent_server_fails_in_time() -> None:
    with udp_server(lambda _: None) as server:
        outcome = probes.run(probe("dns", "www.example.com", server=server, timeout_s=0.3))
    assert (outcome.ok, outcome.detail) == (False, "no answer within 0.3 s")
    assert 290 < outcome.ms < 500


def test_a_closed_port_fails_at_once() -> None:
    with udp_server(lambda _: None) as server:
        pass
    outcome = probes.run(probe("ntp", server))
    assert (outcome.ok, outcome.detail) == (False, "connection refused")


def test_a_source_that_is_not_ours_fails_with_the_reason() -> None:
    outcome = probes.run(probe("tcp", "127.0.0.1:1", source="192.0.2.1"))
    assert (outcome.ok, outcome.detail) == (False, "cannot assign requested address")


def test_a_name_that_cannot_be_resolved_is_told() -> None:
    outcome = probes.run(probe("tcp", "no-such-host.invalid:443", timeout_s=5))
    assert not outcome.ok
    assert "no-such-host.invalid cannot be resolved" in outcome.detail


def test_ntp_tells_stratum_and_how_far_the_clock_is_off() -> None:
    with udp_server(lambda query: ntp_answer(query, behind_s=2.0)) as server:
        outcome = probes.run(probe("ntp", server))
    assert outcome.ok, outcome
    assert outcome.detail.startswith("stratum 2, the router's clock is ")
    assert float(outcome.detail.split()[6]) == pytest.approx(2000, abs=1 + outcome.ms)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (lambda query: ntp_answer(query, stratum=0), "the server refuses (RATE)"),
        (lambda query: ntp_answer(query, stratum=16), "the server's clock is not synchronised"),
        (lambda query: ntp_answer(query, leap=3), "the server's clock is not synchronised"),
        (lambda query: ntp_answer(query[:40] + bytes(8)), "not an answer to the question"),
        (lambda query: query, "not an answer to the question"),
        (lambda query: query[:20], "a broken answer"),
    ],
)
def test_ntp_fails_with_the_reason(answer: Callable[[bytes], bytes], detail: str) -> None:
    with udp_server(answer) as server:
        outcome = probes.run(probe("ntp", server))
    assert (outcome.ok, outcome.detail) == (False, detail)


def test_http_comes_from_the_probes_source(web: tuple[str, list[tuple[str, str]]]) -> None:
    outcome = probes.run(probe("http", f"http://{web[0]}/", source="127.0.0.7"))
    assert (outcome.ok, outcome.detail, outcome.body) == (True, "127.0.0.1 answers 200 OK", None)
    assert web[1] == [("127.0.0.7", "/")]


def test_http_fails_with_the_servers_words(web: tuple[str, list[tuple[str, str]]]) -> None:
    outcome = probes.run(probe("http", f"http://{web[0]}/none"))
    assert (outcome.ok, outcome.detail) == (False, f"{web[0]} answers 404 Not Found")


def test_the_proxy_is_asked_for_the_whole_address(web: tuple[str, list[tuple[str, str]]]) -> None:
    outcome = probes.run(probe("http_proxy", "http://www.example.com/", server=web[0]))
    assert (outcome.ok, outcome.detail) == (True, f"the proxy {web[0]} answers 200 OK for www.example.com")
    assert web[1] == [("127.0.0.1", "http://www.example.com/")]


@pytest.mark.parametrize(("host", "ok"), [("www.example.com", True), ("blocked.example.com", False)])
def test_the_proxy_opens_the_way_to_https_or_not(
    web: tuple[str, list[tuple[str, str]]],
    host: str,
    ok: bool,  # noqa: FBT001
) -> None:
    assert probes.run(probe("http_proxy", f"https://{host}/", server=web[0])).ok == ok


def test_the_pac_file_is_fetched_whole(web: tuple[str, list[tuple[str, str]]]) -> None:
    outcome = probes.run(probe("pac", f"http://{web[0]}/flex.pac"))
    assert (outcome.ok, outcome.body) == (True, PAC)


def test_a_page_that_is_no_pac_file_fails(web: tuple[str, list[tuple[str, str]]]) -> None:
    outcome = probes.run(probe("pac", f"http://{web[0]}/wrong.pac"))
    assert (outcome.ok, outcome.detail) == (False, "the file has no function FindProxyForURL")


def test_tcp_only_connects(web: tuple[str, list[tuple[str, str]]]) -> None:
    assert probes.run(probe("tcp", web[0])).ok
    assert web[1] == []


def test_a_server_that_drips_is_cut_off_in_time() -> None:
    """It drips on for as long as it is listened to: a line may have 64 KiB, and it takes 20 minutes for that."""
    with timing.ends(), socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            channel, _ = listener.accept()
            with channel, suppress(OSError):
                channel.sendall(b"HTTP/1.0 200 OK\r\nX: ")
                while True:
                    channel.sendall(b"y")
                    time.sleep(0.02)

        thread = threading.Thread(target=drip)
        thread.start()
        outcome = probes.run(probe("http", f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout_s=0.4))
        thread.join()
    assert (outcome.ok, outcome.detail) == (False, "no answer within 0.4 s")


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (probe("dns", "www.example.com"), "a dns probe needs `server`"),
        (probe("dns", "a..b", server="127.0.0.1"), "'a..b' is not a domain name"),
        (probe("tcp", "127.0.0.1"), "'127.0.0.1' is not host:port"),
        (probe("http", "ftp://127.0.0.1/"), "'ftp://127.0.0.1/' is not an http or https URL"),
    ],
)
def test_a_probe_that_makes_no_sense_is_an_outcome_too(row: Probe, detail: str) -> None:
    outcome = probes.run(row)
    assert not outcome.ok
    assert outcome.detail.startswith(detail)


@given(st.binary(max_size=80))
def test_no_datagram_can_make_the_dns_codec_stumble(data: bytes) -> None:
    query = dns.encode_query(0, "www.example.com")
    for answer in (data, query[:2] + b"\x81\x80" + query[4:6] + b"\0\x03\0\0\0\0" + query[12:] + data):
        try:
            assert dns.parse_answer(answer, query)
        except dns.DnsError:
            continue


@given(st.binary(max_size=80), st.integers(0, 2**64 - 1))
def test_no_datagram_can_make_the_ntp_codec_stumble(data: bytes, cookie: int) -> None:
    try:
        ntp.parse_answer(data, cookie, 0.0, 1.0)
    except ntp.NtpError:
        return


@given(st.integers(-(10**6), 10**6), st.floats(0, 10))
def test_the_clocks_offset_is_that_of_rfc_5905(offset_s: int, delay_s: float) -> None:
    cookie, sent = secrets.randbits(64), 1_800_000_000.0
    stamps = [int((sent + offset_s + delay + ntp.UNIX_EPOCH) * 2**32) for delay in (delay_s, delay_s)]
    data = ntp.PACKET.pack(0o44, 1, 0, 0, 0, 0, 0, 0, cookie, *stamps)
    answer = ntp.parse_answer(data, cookie, sent, sent + 2 * delay_s)
    assert answer.offset_s == pytest.approx(offset_s, abs=1e-3)


def test_outcomes_can_be_written_as_json(web: tuple[str, list[tuple[str, str]]]) -> None:
    assert json.loads(msgspec.json.encode(probes.run(probe("tcp", web[0]))))["ok"] is True
