"""A full LAN in the morning: `python3 morning.py GATEWAY PREFIX PCS` on a PC of the lab that has the addresses of many.

PREFIX is the first three numbers of the addresses; each has six connections for flex.pac at once and asks 30 names.
Says as JSON how many files and answers came.
"""

import asyncio
import contextlib
import json
import struct
import sys
import time

CONNECTIONS = 6
NAMES = 30
ASKING_S = 3.0  # PCs, router and what is behind the hub share two cores: a router of its own is asked all within one
WITHIN_S = 6.0
REQUEST = b"GET /flex.pac HTTP/1.1\r\nHost: pac\r\nConnection: close\r\n\r\n"


async def fetched(gateway: str, own: str) -> bool:
    """Whether flex.pac came, whole, to one address."""
    reader, writer = await asyncio.open_connection(gateway, 80, local_addr=(own, 0))
    writer.write(REQUEST)
    said = await reader.read()
    writer.close()
    return said.startswith(b"HTTP/1.1 200") and b"FindProxyForURL" in said


class Resolver(asyncio.DatagramProtocol):
    """Counts answers."""

    answers = 0

    def datagram_received(self, data: bytes, _address: object) -> None:
        """An answer without an error."""
        Resolver.answers += data[3] & 0x0F == 0


async def asked(gateway: str, own: str) -> None:
    """Ask the names one after the other, each from a port of its own."""
    loop = asyncio.get_running_loop()
    for number in range(NAMES):
        name = f"morning{number}".encode()
        question = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + bytes([len(name)]) + name
        question += b"\3nhn\2no\0" + struct.pack("!HH", 1, 1)
        transport, _ = await loop.create_datagram_endpoint(Resolver, local_addr=(own, 0), remote_addr=(gateway, 53))
        transport.sendto(question)
        loop.call_later(4, transport.close)
        await asyncio.sleep(ASKING_S / NAMES)


async def main(gateway: str, prefix: str, count: int) -> None:
    """Let them all begin at once."""
    own = [f"{prefix}.{number}" for number in range(10, 10 + count)]
    began, files = time.monotonic(), 0
    asking = asyncio.gather(*(asked(gateway, address) for address in own))
    fetching = [asyncio.create_task(fetched(gateway, address)) for address in own for _ in range(CONNECTIONS)]
    for one in asyncio.as_completed(fetching, timeout=WITHIN_S):
        with contextlib.suppress(OSError, TimeoutError):
            files += await one
    seconds = time.monotonic() - began
    await asking
    await asyncio.sleep(2)
    print(json.dumps({"files": files, "answers": Resolver.answers, "seconds": round(seconds, 2)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
