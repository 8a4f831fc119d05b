"""Whether a packet of full size passes, against hubs and paths on the loopback interface."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from linjevakt_agent.lines import fullsize, ikeprobe
from linjevakt_agent.lines.ikeprobe import ProbeSocket

SIZE = 1464
_HEADERS, _HEADER = 28, 28  # of IPv4 and UDP, and of IKE


class Hub(asyncio.DatagramProtocol):
    """Answers what is not larger than `up`, shortly like charon, and whole what is not larger than `down`."""

    def __init__(self, up: int, down: int) -> None:
        self.up, self.down = up, down

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, asker: tuple[str, int]) -> None:
        size, whole = len(data) + _HEADERS, ikeprobe.echo(data)
        if size > self.up or whole is None:
            return
        self.transport.sendto(whole[:_HEADER], asker)
        if size <= self.down:
            self.transport.sendto(whole, asker)


@contextmanager
def probing(target: tuple[str, int]) -> Iterator[ProbeSocket]:
    probe = ProbeSocket("lo", "127.0.0.1", target)
    try:
        yield probe
    finally:
        probe.close()


async def heard(up: int, down: int) -> fullsize.Heard:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Hub(up, down), sock=bound)
        with probing(bound.getsockname()) as probe:
            found = await fullsize.tried(probe, SIZE)
        transport.close()
    return found


@pytest.mark.parametrize(
    ("up", "down", "passes"),
    [
        (1500, 1500, True),
        (SIZE, SIZE, True),
        (1460, 1500, False),
        (1500, 1460, False),
        (1500, 0, True),  # a hub that echoes nothing tells of one way only
        (1460, 0, False),
        (0, 0, None),  # the line is down: others say so
    ],
)
def test_a_packet_of_full_size_passes_both_ways_or_it_does_not(
    monkeypatch: pytest.MonkeyPatch, up: int, down: int, *, passes: bool | None
) -> None:
    monkeypatch.setattr(fullsize, "ROUND_S", 0.05)
    found = asyncio.run(heard(up, down))
    assert found.tells(SIZE) is passes


def test_the_way_on_which_it_is_lost_is_named() -> None:
    there, back = fullsize.Heard({576}, {576}), fullsize.Heard({576, SIZE}, {576})
    assert "does not pass wan0 to the hub" in fullsize.detail(there, "wan0", SIZE)
    assert "does not pass wan0 from the hub" in fullsize.detail(back, "wan0", SIZE)
