"""The other ends of a router's lines in a namespace of their own, and what its line watch tells meanwhile."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.agent.namespaces import ip

from linjevakt_agent.base.paths import Paths, default_root
from linjevakt_agent.base.schema import Network
from linjevakt_agent.lines.wan import LineWatch
from linjevakt_agent.network import kernel

HOOK = Path(__file__).parents[3] / "agent/system/rootfs/usr/lib/linjevakt/udhcpc-hook"
RESPONDER = """
import socket
answerer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
answerer.bind(("203.0.113.2", 500))
print("ready", flush=True)
while True:
    request, asker = answerer.recvfrom(2048)
    answerer.sendto(request[:19] + bytes([request[19] | 0x20]) + request[20:], asker)
"""
SERVER = """
start {net}.50
end {net}.59
interface wan0p
option router {net}.1
option subnet 255.255.255.0
option lease 3600
lease_file {folder}/leases
pidfile {folder}/pid
"""
Rows = dict[str, dict[str, object]]


@contextmanager
def running(argv: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A program for as long as the body takes."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


class Elsewhere:
    """The other ends of wan0 and wan1: a namespace with a hub that answers, and a network to plug wan0 into."""

    def __init__(self, holder: int, folder: Path) -> None:
        self._holder = str(holder)
        self._folder = folder

    def argv(self, *words: str) -> list[str]:
        return ["nsenter", "-t", self._holder, "-n", *words]

    def ip(self, *words: str) -> None:
        subprocess.run(self.argv("ip", *words), check=True)

    def plug(self) -> float:
        self.ip("link", "set", "wan0p", "up")
        return time.monotonic()

    def pull(self) -> None:
        self.ip("link", "set", "wan0p", "down")
        self.ip("addr", "flush", "dev", "wan0p")

    @contextmanager
    def home(self, net: str) -> Iterator[float]:
        """A home router that lends addresses, plugged into; gives the time of that."""
        (self._folder / "leases").touch()
        (self._folder / "udhcpd.conf").write_text(SERVER.format(net=net, folder=self._folder))
        self.pull()
        self.ip("addr", "add", f"{net}.1/24", "dev", "wan0p")
        with running(self.argv("busybox", "udhcpd", "-f", str(self._folder / "udhcpd.conf"))):
            yield self.plug()
        self.pull()


@contextmanager
def elsewhere(folder: Path) -> Iterator[Elsewhere]:
    with running(["unshare", "--net", "sleep", "infinity"]) as holder:
        far, here = Elsewhere(holder.pid, folder), Path("/proc/thread-self/ns/net").readlink()
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == here:
            time.sleep(0.01)
        for name in ("wan0p", "wan1p"):
            ip("link", "set", name, "netns", str(holder.pid))
        far.ip("link", "set", "lo", "up")
        far.ip("addr", "add", "203.0.113.2/32", "dev", "lo")
        far.ip("addr", "add", "100.64.1.1/30", "dev", "wan1p")
        far.ip("link", "set", "wan1p", "up")
        with running(far.argv(sys.executable, "-c", RESPONDER)) as hub:
            assert hub.stdout is not None
            hub.stdout.readline()
            yield far


def rows() -> Rows:
    file = Paths(default_root()).run / "lines.json"
    return {row["name"]: row for row in json.loads(file.read_text())["lines"]} if file.exists() else {}


def watch(config: Network, until: Callable[[Rows], bool], least_s: float = 0.0) -> list[Rows]:
    """Run an agent's line watch until its lines are as wanted; returns all that it has told."""
    told: list[Rows] = []
    began = time.monotonic()

    def happened() -> bool:
        told.append(rows())
        assert time.monotonic() - began < 30, told[-1]
        return time.monotonic() - began > least_s and bool(told[-1]) and until(told[-1])

    (Paths(default_root()).run / "lines.json").unlink(missing_ok=True)
    asyncio.run(LineWatch(config, Paths(default_root()).run).run(until=happened))
    return told


def addresses(name: str) -> frozenset[str]:
    return kernel.read().interfaces[name].addresses


def way_to(address: str) -> str:
    """How the kernel would send a packet there, or why not."""
    return subprocess.run(["ip", "route", "get", address], check=False, capture_output=True, text=True).stderr or ip(
        "route", "get", address
    )
