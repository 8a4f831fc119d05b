"""What a hub answers to probes with a size: as long as what came, and nothing else."""

import asyncio
import contextlib
import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.lines import echoes, ikeprobe

IP = bytes([0x45]) + bytes(19)
TOKEN = b"toke"


def datagram(body: bytes, port: int = 4500) -> bytes:
    return IP + struct.pack("!HHHH", 40000, port, 8 + len(body), 0xBEEF) + body


def test_a_padded_probe_is_answered_to_where_it_came_from_and_as_long() -> None:
    body = ikeprobe.NON_ESP + ikeprobe.request(TOKEN, 9, 1400)
    answer = echoes.sized(datagram(body)) or b""
    assert struct.unpack("!HHHH", answer[:8]) == (4500, 40000, 8 + len(body), 0)
    assert ikeprobe.answered(answer[12:], TOKEN) == 9
    assert len(answer) == 8 + len(body)


@given(st.binary(max_size=120))
def test_nothing_else_is(body: bytes) -> None:
    for packet in (body, datagram(body), datagram(bytes(4) + body)):
        assert echoes.sized(packet) is None


def test_what_is_not_for_the_port_of_the_tunnel_is_not() -> None:
    assert echoes.sized(datagram(ikeprobe.NON_ESP + ikeprobe.request(TOKEN, 9, 1400), port=500)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets are root's")
def test_the_kernel_gives_us_padded_probes_alone() -> None:
    """Of the tunnels' packets, signs of life and IKE on the same port, none reaches us."""
    seen: list[bytes] = []

    def noted(packet: bytes) -> bytes | None:
        seen.append(packet)
        return echoes.sized(packet)

    async def asked() -> bytes:
        kind = echoes.Echo(socket.IPPROTO_UDP, noted, 65536, at_once=8, pause_s=0.001, wanted=ikeprobe.PADDED)
        answering = asyncio.create_task(echoes.answer_at("127.0.0.2", kind))
        await asyncio.sleep(0.1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as site:
            site.bind(("127.0.0.1", 0))
            others = (b"\0\0\0\7" + bytes(1400), ikeprobe.NON_ESP + bytes(1400))
            wanted = ikeprobe.NON_ESP + ikeprobe.request(TOKEN, 5, 1000)
            for body in (*others, ikeprobe.NON_ESP + ikeprobe.request(TOKEN, 4), wanted):
                with contextlib.suppress(ConnectionRefusedError):
                    site.sendto(body, ("127.0.0.2", 4500))
            try:
                return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(site, 2048), 2)
            finally:
                answering.cancel()

    answer = asyncio.run(asked())
    assert ikeprobe.answered(answer.removeprefix(ikeprobe.NON_ESP), TOKEN) == 5
    assert len(seen) == 1
