"""Another user's process that keeps a guard at work with good requests: `flood SOCKET CONNECTIONS USER < LINE`."""

import os
import socket
import sys
import threading
import time
from contextlib import suppress

_AHEAD = 20
"""Requests that each connection has waiting."""

LASTS_S = 60.0


def _ask_without_end(path: str, line: bytes) -> None:
    while True:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            asking.connect(path)
            asking.sendall(line * _AHEAD)
            while asking.recv(65536):
                asking.sendall(line)
        time.sleep(0.01)


if __name__ == "__main__":
    at, connections, user = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    what = sys.stdin.buffer.read()
    for _ in range(connections):
        threading.Thread(target=_ask_without_end, args=(at, what), daemon=True).start()
    time.sleep(LASTS_S)
