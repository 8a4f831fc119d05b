"""A download at a steady pace, to be given to `python3 -c` on any node: `serve` it, or `fetch` it through a proxy.

`serve PORT` prints a line when it listens; `fetch PROXY URL` goes on until its input is closed, then prints as JSON
whether the connection was cut before that, and when each piece came (seconds) with its length (octets).
"""

import json
import select
import socket
import sys
import threading
import time
from contextlib import suppress

PIECE = b"x" * 25_000
EVERY_S = 0.01  # 20 Mbit/s


def serve(port: str) -> None:
    """Send pieces to whoever asks, for as long as they take them."""
    listener = socket.create_server(("", int(port)))
    print("listening", flush=True)
    while True:
        site, _ = listener.accept()
        threading.Thread(target=send, args=(site,), daemon=True).start()


def send(site: socket.socket) -> None:
    """Send at the pace given; what could not be sent in time is made up for."""
    with suppress(OSError), site:
        site.recv(65536)
        site.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")
        due = time.monotonic()
        while True:
            site.sendall(PIECE)
            due += EVERY_S
            time.sleep(max(0.0, due - time.monotonic()))


def fetch(proxy: str, url: str) -> None:
    """Take what comes until told to stop."""
    host, port = proxy.split(":")
    came: list[tuple[float, int]] = []
    with socket.create_connection((host, int(port)), timeout=10) as site:
        site.sendall(f"GET {url} HTTP/1.0\r\n\r\n".encode())
        while whole := sys.stdin not in select.select([site, sys.stdin], [], [])[0]:
            if not (piece := site.recv(262144)):
                break
            came.append((time.time(), len(piece)))
    print(json.dumps({"cut": whole, "came": came}))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        fetch(*sys.argv[2:])
