"""Malformed SNMP datagrams against the real responder in a process of its own: it stays alive, small and quiet."""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.attack import fuzz

AUTH, PRIVACY = "made-up-auth-password", "made-up-privacy-password"
USER = ["-v3", "-l", "authPriv", "-u", "linjevakt", "-a", "SHA-256", "-A", AUTH, "-x", "AES", "-X", PRIVACY]
ROUTER_NAME = "1.3.6.1.4.1.32473.1.1.2.0"
SERVE = """
import sys
from pathlib import Path
from linjevakt_agent import run
from linjevakt_agent.snmp.service import serve
run.main(Path(sys.argv[1]), {"snmp": serve})
"""
BATCH = 250
GROWTH_KB = 40_000


@pytest.fixture
def served(box: Any, tmp_path: Path) -> Iterator[tuple[Any, "subprocess.Popen[bytes]", Path]]:
    """A responder with its process and its log."""
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-P", "-c", SERVE, str(box.root)], stderr=out)
    try:
        assert any("rtr-" in asked(box.port, "snmpget", ROUTER_NAME) for _ in range(20))
        yield box, process, log
    finally:
        process.terminate()
        process.wait(10)


def asked(port: int, tool: str, *names: str) -> str:
    command = [tool, "-r0", "-t2", "-On", *USER, f"127.0.0.1:{port}", *names]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout + answer.stderr


@contextmanager
def overheard(port: int, heard: list[bytes]) -> Iterator[int]:
    """A port that hands requests on to the responder, and writes them down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay:
        relay.bind(("127.0.0.1", 0))
        asker: tuple[str, int] | None = None

        def serve() -> None:
            nonlocal asker
            while (packet := relay.recvfrom(65535)) and packet[0] != b"stop":
                if packet[1][1] == port and asker:
                    relay.sendto(packet[0], asker)
                else:
                    heard.append(packet[0])
                    asker = packet[1]
                    relay.sendto(packet[0], ("127.0.0.1", port))

        thread = threading.Thread(target=serve)
        thread.start()
        yield relay.getsockname()[1]
        relay.sendto(b"stop", relay.getsockname())
        thread.join()


def recorded(port: int) -> list[bytes]:
    """What real managers send: discovery, GET, GETNEXT, GETBULK, each encrypted."""
    heard: list[bytes] = []
    with overheard(port, heard) as by:
        asked(by, "snmpget", ROUTER_NAME)
        asked(by, "snmpgetnext", "1.3.6.1.2.1.1")
        asked(by, "snmpbulkget", "1.3.6.1.4.1.32473.1.2")
    assert len(heard) >= 6
    return heard


def resident_kb(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def attack(served: tuple[Any, "subprocess.Popen[bytes]", Path], seed: int, count: int) -> None:
    box, process, log = served
    samples, before = recorded(box.port), resident_kb(process.pid)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number, packet in enumerate(fuzz.packets(fuzz.dice(seed), samples, count)):
            sender.sendto(packet, ("127.0.0.1", box.port))
            if number % BATCH == BATCH - 1:
                answer = "".join(asked(box.port, "snmpget", ROUTER_NAME) for _ in range(2))
                assert "rtr-fjellheim" in answer, f"seed {seed}, before packet {number}: {answer}"
    assert process.poll() is None
    assert "Traceback" not in log.read_text()
    growth = resident_kb(process.pid) - before
    assert growth < GROWTH_KB, f"{count} packets: {growth} kB more"
    print(json.dumps({"inputs": count, "seed": seed, "growth_kb": growth, "log_bytes": log.stat().st_size}))


@pytest.mark.process
def test_some_malformed_datagrams_do_no_harm(served: Any) -> None:
    attack(served, 8, BATCH)


@pytest.mark.attack
def test_many_malformed_datagrams_do_no_harm(served: Any, seed: int, count: int) -> None:
    attack(served, seed, count)
