"""Says as JSON which addresses answer ARP on an interface: `python3 - INTERFACE OWN-ADDRESS ADDRESS...` on any node."""

import json
import socket
import struct
import sys
import time

PATIENCE_S = 1.0
ARP = 0x0806
# Hardware and protocol type and length for IPv4 on Ethernet, operation 1: a request (RFC 826).
REQUEST = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
REPLY = b"\0\2"


def answers(interface: str, own: str, address: str) -> bool:
    """Whether somebody on the wire says that the address is theirs."""
    wanted = socket.inet_aton(address)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as wire:
        wire.bind((interface, 0))
        wire.settimeout(PATIENCE_S)
        mac = wire.getsockname()[4]
        question = REQUEST + mac + socket.inet_aton(own) + b"\0" * 6 + wanted
        wire.send(b"\xff" * 6 + mac + struct.pack("!H", ARP) + question)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                frame = wire.recv(128)
            except TimeoutError:
                break
            if frame[20:22] == REPLY and frame[28:32] == wanted:
                return True
    return False


if __name__ == "__main__":
    print(json.dumps({address: answers(sys.argv[1], sys.argv[2], address) for address in sys.argv[3:]}))
