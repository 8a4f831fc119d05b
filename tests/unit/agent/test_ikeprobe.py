"""The probe's packets, against what strongSwan 5.9.8 answered."""

import socket

from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.lines.ikeprobe import ProbeSocket, answered, echo, request

TOKEN = bytes.fromhex("59c0781f")
STRONGSWAN = bytes.fromhex("59c0781f0000002a0000000000000000292022200000000000000024000000080000 0005".replace(" ", ""))


def test_a_probe_is_an_ike_header_of_a_major_version_that_does_not_exist() -> None:
    packet = request(TOKEN, 42)
    assert packet.hex() == "59c0781f0000002a" + "00" * 8 + "00302208000000000000001c"


def test_the_answer_of_a_real_responder_names_the_probe() -> None:
    assert answered(STRONGSWAN, TOKEN) == 42


def test_an_answer_to_somebody_else_is_not_ours() -> None:
    assert answered(STRONGSWAN, b"\0\0\0\1") is None


def test_our_own_request_coming_back_is_no_answer() -> None:
    assert answered(request(TOKEN, 42), TOKEN) is None


@given(st.binary(max_size=64))
def test_no_packet_whatever_upsets_the_reader(packet: bytes) -> None:
    assert answered(packet, TOKEN) is None or packet.startswith(TOKEN)


def test_a_responder_that_is_not_there_is_silence_and_no_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        target = unused.getsockname()
    probe = ProbeSocket("lo", "127.0.0.1", target)
    try:
        for sequence in range(1, 4):
            probe.send(sequence)
            assert list(probe.answers()) == []
    finally:
        probe.close()


@given(st.integers(1, 1440))
def test_a_padded_probe_comes_back_as_long_and_as_an_answer(padding: int) -> None:
    packet = request(TOKEN, 42, padding)
    back = echo(packet) or b""
    assert len(back) == len(packet) == 28 + padding
    assert answered(back, TOKEN) == 42
    assert echo(back) is None, "two hubs would send it to and fro"


def test_a_probe_without_padding_is_charons_to_answer() -> None:
    assert echo(request(TOKEN, 42)) is None


@given(st.binary(max_size=80))
def test_nothing_but_a_padded_probe_is_echoed(packet: bytes) -> None:
    assert echo(packet) is None
    assert echo(STRONGSWAN + packet) is None


def test_an_answer_tells_its_size_with_the_headers_below() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hub:
        hub.bind(("127.0.0.1", 0))
        probe = ProbeSocket("lo", "127.0.0.1", hub.getsockname())
        try:
            probe.send(7, 1400)
            packet, asker = hub.recvfrom(2048)
            assert len(packet) == 1400 - 28
            hub.sendto(echo(packet) or b"", asker)
            (answer,) = probe.answers()
            assert (answer.sequence, answer.size) == (7, 1400)
        finally:
            probe.close()
