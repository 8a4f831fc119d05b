"""Says something in the names of others: `python3 - TARGET SOURCE...` sends a datagram to port 9 from each source."""

import socket
import struct
import sys


def main(target: str, *sources: str) -> None:
    """Three times each, for one may be lost."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as wire:
        for source in 3 * sources:
            ends = socket.inet_aton(source) + socket.inet_aton(target)
            header = struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
            wire.sendto(header + struct.pack("!HHHH", 4444, 9, 8, 0), (target, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
