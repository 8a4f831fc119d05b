"""Slow clients, and too many of them: an honest one is answered all the while, and the log stays short."""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Response
from tests import timing

from linjevakt.daemons import patience
from linjevakt.daemons.patience import PatientProtocol

_HALF_A_REQUEST = b"GET / HTTP/1.1\r\nHost: loc"
_LARGE = 50_000_000  # octets: more than a socket's buffers hold


@contextmanager
def _served(home: Path, descriptors: int) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """`linjevakt serve` with so many file descriptors; yields its port and process."""
    environment = os.environ | {"LINJEVAKT_HOME": str(home)}
    command = [sys.executable, "-m", "linjevakt.main"]
    subprocess.run([*command, "init"], env=environment, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        argv = [*command, "serve", "--fd", str(fd), "--poll", "0"]
        server = subprocess.Popen(argv, env=environment, pass_fds=(fd,), stderr=subprocess.PIPE, text=True)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (descriptors, descriptors))
    try:
        _seconds_to_answer(port, patience_s=60)
        yield port, server
    finally:
        server.kill()
        server.wait()


def _seconds_to_answer(port: int, patience_s: float = 10) -> float:
    began = time.monotonic()
    assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=patience_s).json() == {"status": "ok"}
    return time.monotonic() - began


def _slow(port: int, count: int) -> list[socket.socket]:
    found = []
    for _ in range(count):
        peer = socket.create_connection(("127.0.0.1", port), timeout=10)
        peer.sendall(_HALF_A_REQUEST)
        found.append(peer)
    return found


@pytest.mark.process
@pytest.mark.parametrize(("descriptors", "clients"), [(64, 200), (1024, 900)])
def test_an_honest_client_is_answered_beside_slow_ones_without_end(
    tmp_path: Path, descriptors: int, clients: int
) -> None:
    with _served(tmp_path / "home", descriptors) as (port, server):
        slow = _slow(port, clients)
        slowest = max(_seconds_to_answer(port) for _ in range(10))
        server.terminate()
        errors = server.communicate(timeout=patience.PATIENCE_S + 10)[1]
    for peer in slow:
        peer.close()
    assert slowest < patience.PATIENCE_S / 2, "it has waited until the slow ones were cut off"
    assert server.returncode == 0
    lines = errors.splitlines()
    assert "Traceback" not in errors
    assert len(lines) < 60, lines  # one a second while the clients came
    assert json.loads(lines[-1])["event"] == "stopped"


# --- in this process, with little patience ---


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that waits half a second."""
    monkeypatch.setattr(patience, "PATIENCE_S", 0.5)
    app = FastAPI()

    @app.get("/large")
    def large() -> Response:
        return Response(b"x" * _LARGE)

    @app.post("/late")
    async def late() -> str:
        await asyncio.sleep(1.5)
        return "here it is"

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, http=PatientProtocol, timeout_keep_alive=3600))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def _seconds_until_cut(port: int, said: bytes, *, trickle: bytes = b"", reads: bool = True) -> float:
    """From the first octet on; `trickle` is said again and again. At most as long as a hang."""
    with socket.create_connection(("127.0.0.1", port)) as peer, suppress(ConnectionError):
        began = time.monotonic()
        peer.sendall(said)
        while time.monotonic() - began < timing.HANGS_S:
            time.sleep(0.1)
            peer.sendall(trickle)
            if reads and not trickle and not peer.recv(65_536):
                break
            if not reads:
                peer.send(b"x")
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("said", "trickle"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\n", b"X: y\r\n"),
        (b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"POST /late HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", b""),
    ],
)
def test_who_does_not_end_a_request_is_cut_off(port: int, said: bytes, trickle: bytes) -> None:
    assert _seconds_until_cut(port, said, trickle=trickle) < timing.HANGS_S


def test_who_does_not_read_is_cut_off(port: int) -> None:
    assert _seconds_until_cut(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", reads=False) < timing.HANGS_S


def test_who_waits_for_us_is_not_cut_off(port: int) -> None:
    assert httpx.post(f"http://127.0.0.1:{port}/late", timeout=10).json() == "here it is"


def test_a_connection_that_is_used_again_stays(port: int) -> None:
    with httpx.Client() as client:
        for _ in range(4):
            assert client.post(f"http://127.0.0.1:{port}/late", timeout=10).json() == "here it is"
