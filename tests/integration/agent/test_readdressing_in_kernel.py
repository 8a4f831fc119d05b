"""The line watch finds home over a line that nobody configured: real links, udhcpc and udhcpd (needs root)."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from tests.integration.agent.namespaces import InNamespace, ip

from linjevakt_agent import dhcp, kernel, network
from linjevakt_agent.paths import Paths, default_root
from linjevakt_agent.schema import Network
from linjevakt_agent.wan import LineWatch

pytestmark = pytest.mark.lab

HOOK = Path(__file__).parents[3] / "agent/system/rootfs/usr/lib/linjevakt/udhcpc-hook"
NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "static"
address = "198.51.100.2/30"
gateway = "198.51.100.1"
priority = 1
[[line.alternative]]
method = "dhcp"
[[line]]
name = "wan1"
kind = "mobile"
method = "static"
address = "100.64.1.2/30"
gateway = "100.64.1.1"
priority = 2
[[port]]
name = "lan0"
addresses = ["10.64.1.1/24"]
[[route]]
prefix = "10.0.0.0/8"
type = "unreachable"
metric = 4000
[watch]
target = "203.0.113.2"
"""
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


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hook of this checkout; udhcpc is nobody's child and would outlive the test."""
    monkeypatch.setattr(dhcp, "HOOK", HOOK)
    yield
    dhcp.ensure(frozenset(), network.run_directory() / "dhcp")


def config(text: str = NETWORK) -> Network:
    return msgspec.toml.decode(text, type=Network)


def rows() -> Rows:
    file = Paths(default_root()).run / "lines.json"
    return {row["name"]: row for row in json.loads(file.read_text())["lines"]} if file.exists() else {}


def watch(until: Callable[[Rows], bool], least_s: float = 0.0) -> list[Rows]:
    """Run an agent's line watch until its lines are as wanted; returns all that it has told."""
    told: list[Rows] = []
    began = time.monotonic()

    def happened() -> bool:
        told.append(rows())
        assert time.monotonic() - began < 30, told[-1]
        return time.monotonic() - began > least_s and bool(told[-1]) and until(told[-1])

    (Paths(default_root()).run / "lines.json").unlink(missing_ok=True)
    asyncio.run(LineWatch(config(), Paths(default_root()).run).run(until=happened))
    return told


def up(method: str) -> Callable[[Rows], bool]:
    return lambda told: told["wan0"]["up"] is True and told["wan0"]["method"] == method


def addresses(name: str) -> frozenset[str]:
    return kernel.read().interfaces[name].addresses


def test_a_line_with_a_wrong_fixed_address_answers_by_dhcp_within_6_s_and_keeps_that_till_the_cable_is_pulled(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere(tmp_path) as far:
            with far.home("192.168.1") as plugged:
                told = watch(up("dhcp"))
                assert time.monotonic() - plugged < 6
                assert (told[-1]["wan1"]["in_use"], told[-1]["wan1"]["changes"]) == (True, 0), "mobile meanwhile"
                (lent,) = addresses("wan0")
                assert lent.startswith("192.168.1.5")
                assert addresses("wan1") == {"100.64.1.2/30"}
                watch(lambda told: told["wan0"]["in_use"] is True)
                network.apply(config(), config(NETWORK.replace("10.250.0.11", "10.250.0.12")))
                assert addresses("wan0") == {lent}
                told = watch(up("dhcp"), least_s=4)
                assert {row["wan0"]["method"] for row in told if row} == {"dhcp"}, "one that answers is left alone"
            watch(lambda told: told["wan0"]["method"] == "static")
            assert addresses("wan0") == {"198.51.100.2/30"}
            assert not list((Paths(default_root()).run / "dhcp").glob("wan0.*")), "and no client goes on asking"
            far.ip("addr", "add", "198.51.100.1/30", "dev", "wan0p")
            plugged = far.plug()
            watch(up("static"))
            assert time.monotonic() - plugged < 2

    in_namespace(body)


def way_to(address: str) -> str:
    """How the kernel would send a packet there, or why not."""
    return subprocess.run(["ip", "route", "get", address], check=False, capture_output=True, text=True).stderr or ip(
        "route", "get", address
    )


def test_a_home_network_with_the_addresses_of_the_inside_is_only_passed_through(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere(tmp_path) as far, far.home("10.0.0"):
            watch(up("dhcp"))
            assert "No route to host" in way_to("10.0.0.77"), "inside is reached by the tunnel or not at all"

    in_namespace(body)


def test_a_line_that_meets_the_routers_own_address_says_so_and_the_lan_keeps_it(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere(tmp_path) as far, far.home("10.64.1"):
            watch(
                lambda told: told["wan0"]["detail"] == "was given 10.64.1.1, which is this router's own address inside"
            )
            assert "dev lan0" in way_to("10.64.1.77")
            assert addresses("wan0") == frozenset()

    in_namespace(body)
