"""A line that swallows full packets, one way or both: transfers go on, it is told, and no proof passes it over."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.lab.measure import eventually

from linjevakt_agent.lines.pathmtu import carried
from linjevakt_lab.lab import Lab

ROUTER = "rtr-fjellheim"
CLIENT = f"pc-{ROUTER}-lan0"
PRIMARY, BACKUP = "wan0", "wan1"
MEGABYTE = 1_000_000
PROXY = "http://10.255.0.30:3128"
STORE = "http://192.0.2.80:8081/"
_SERVER = f"""
import http.server
class Store(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(bytes({MEGABYTE}))
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"])); self.send_response(200); self.end_headers()
http.server.ThreadingHTTPServer(("192.0.2.80", 8081), Store).serve_forever()
"""
_FETCH = ("curl", "-s", "-x", PROXY, "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{size_upload}")


@pytest.fixture(scope="module", autouse=True)
def store(controller: Any) -> Iterator[None]:
    """A web server on the internet that gives and takes a megabyte."""
    lab: Lab = controller.lab
    lab.run(CLIENT, ["sh", "-c", f"head -c {MEGABYTE} /dev/zero >/tmp/megabyte"])
    server = lab.popen("www", ["python3", "-c", _SERVER], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: downloads(lab, 5), 10)
        yield
    finally:
        server.kill()
        server.wait(timeout=10)


@contextmanager
def narrowed(lab: Lab, line: str, **sizes: int) -> Iterator[None]:
    """A line that is narrow while the block runs, and found whole again after it."""
    assert eventually(lambda: seen(lab, PRIMARY)["in_use"], 30)
    lab.narrow(ROUTER, line, **sizes)
    try:
        yield
    finally:
        lab.widen(ROUTER, line)
        lab.run(ROUTER, ["sv", "restart", "agent"])  # which asks at once whether more passes
        assert eventually(lambda: seen(lab, line)["path_mtu"] == 1500, 20)
        assert eventually(lambda: tunnel_mtu(lab) == 1400, 5)


def fetched(lab: Lab, within_s: float, *more: str) -> list[str]:
    """Status, octets down, octets up of one transfer through the proxy; whatever curl has when it gives up."""
    argv = [*_FETCH, "-m", str(within_s), *more, STORE]
    return lab.run(CLIENT, argv, check=False, timeout=within_s + 10).stdout.split()


def downloads(lab: Lab, within_s: float) -> bool:
    return fetched(lab, within_s)[:2] == ["200", str(MEGABYTE)]


def uploads(lab: Lab, within_s: float) -> bool:
    found = fetched(lab, within_s, "-H", "Expect:", "--data-binary", "@/tmp/megabyte")
    return [found[0], found[2]] == ["200", str(MEGABYTE)]


def seen(lab: Lab, name: str) -> dict[str, Any]:
    lines = json.loads(lab.run(ROUTER, ["cat", "/run/linjevakt/lines.json"]).stdout)["lines"]
    return next(line for line in lines if line["name"] == name)


def tunnel_mtu(lab: Lab) -> int:
    return int(lab.run(ROUTER, ["cat", "/sys/class/net/ipsec0/mtu"]).stdout)


ONE_WAY = (pytest.param((way,), marks=pytest.mark.attack, id=way) for way in ("up", "down"))  # a minute each


@pytest.mark.parametrize("ways", [("up", "down"), *ONE_WAY])
def test_a_megabyte_passes_both_ways_on_a_line_that_swallows_full_packets(lab: Lab, ways: tuple[str, ...]) -> None:
    with narrowed(lab, PRIMARY):
        for size in (1428, 1400, 1300):
            lab.run(CLIENT, ["ip", "route", "flush", "cache"])  # a host that has been told keeps to it for ten minutes
            lab.narrow(ROUTER, PRIMARY, **dict.fromkeys(ways, size))
            began = time.monotonic()
            assert eventually(lambda: uploads(lab, 2) and downloads(lab, 2), 45)
            print(f"{size} {' and '.join(ways)}: transfers go on {time.monotonic() - began:.1f} s after the change")
            assert eventually(lambda size=size: seen(lab, PRIMARY)["path_mtu"] == size, 3)  # type: ignore[misc]  # mypy infers no lambda with a default
            assert tunnel_mtu(lab) == carried(size)


def test_a_line_in_reserve_that_is_narrower_is_known_before_it_takes_over(lab: Lab) -> None:
    with narrowed(lab, BACKUP, up=1400, down=1300):
        lab.run(ROUTER, ["sv", "restart", "agent"])  # reserves are asked when they come up, and then every ten minutes
        assert eventually(lambda: seen(lab, BACKUP)["path_mtu"] == 1300, 20)
        assert tunnel_mtu(lab) == carried(1300)
        lab.run(CLIENT, ["ip", "route", "flush", "cache"])
        transfer = lab.popen(
            CLIENT, [*_FETCH, "-m", "30", "--limit-rate", "200k", STORE], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(1)
        lab.break_line(ROUTER, PRIMARY, "blackhole")
        said, _ = transfer.communicate(timeout=40)
        lab.mend(ROUTER, PRIMARY)
        assert said.split()[:2] == ["200", str(MEGABYTE)], "a download goes on when the narrower line takes over"


def test_a_proof_is_not_whole_while_full_packets_are_swallowed(lab: Lab) -> None:
    """Asked at once, before the line watch has looked: what the proof carries is a packet of full size."""
    with narrowed(lab, PRIMARY, down=1300):
        proof = json.loads(lab.run(ROUTER, ["linjevakt-agent", "prove"]).stdout)
        assert not proof["tunnel"]["up"]
        assert proof["tunnel"]["detail"] == (
            "a packet of full size (1464 octets) does not pass wan0 from the hub, though small ones do"
        )
        assert eventually(lambda: seen(lab, PRIMARY)["path_mtu"] == 1300, 45)
        assert json.loads(lab.run(ROUTER, ["linjevakt-agent", "prove"]).stdout)["tunnel"]["up"]
        assert "path MTU 1300 of 1500" in lab.run(ROUTER, ["linjevakt-agent", "status"]).stdout.replace("\n ", "")
