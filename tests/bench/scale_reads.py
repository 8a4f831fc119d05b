"""Reads at any size: requests of API, page and metrics within one process, commands as whole ones, and `serve`."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

import httpx
from fastapi import FastAPI
from tests.bench import large
from tests.bench.figures import Unavailable
from tests.bench.processes import memory, wait_until
from tests.bench.responders import free_port

from linjevakt import census, heap, settings, web
from linjevakt.health.metrics import Metrics
from linjevakt.main import Installation
from linjevakt.provisioning import revocation
from linjevakt.store import Store

_ROUNDS = 15
_LAUNCHER = (  # a process of a few MB: the peak of a child counts what its parent has when it begins
    "import os, subprocess, sys\n"
    "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)\n"
    "child.stdout.read()\n"
    "_, status, used = os.wait4(child.pid, 0)\n"
    "print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)\n"
)


def measure(sites: int, url: str) -> dict[str, float]:
    """Milliseconds and seconds of CPU, MB of memory; `url` is an empty database."""
    large.install(url, sites)
    variables = {"LINJEVAKT_DATABASE_URL": url, "LINJEVAKT_KEY": large.KEY}
    with closing(Store(url)) as store:
        keys = [site.key for site in store.inventory().sites]
    some, order = keys[len(keys) // 2], sites + 100
    commands = _commands({**os.environ, **variables}, some, order)
    served = _served({**os.environ, **variables}, _paths(some, order))
    os.environ |= variables
    return {**_requests(_paths(some, order)), **commands, **served}


def _paths(site: str, order: int) -> Mapping[str, str]:
    """What is asked for, by what that is called."""
    api, last = "/api/v1", "after=site/rtr-granli"
    return {
        "/routers/NAME": f"{api}/routers/rtr-{site}",
        "/routers/HUB": f"{api}/routers/hub-oslo",
        "/sites/KEY": f"{api}/sites/{site}",
        "/orders/N": f"{api}/orders/{order}",
        "100 routers": f"{api}/routers?{last}",
        "100 sites": f"{api}/sites?after={site}",
        "100 organisations": f"{api}/organisations?after=5",
        "100 lines": f"{api}/lines?after={site}",
        "100 gates": f"{api}/gates?after={site}",
        "100 boxes": f"{api}/stock?after=BENCH-5",
        "100 healths": f"{api}/health?after=rtr-{site}",
        "100 pushes": f"{api}/pushes",
        "100 orders": f"{api}/orders",
        "100 orders, ended too": f"{api}/orders?every=true",
        "100 revoked": f"{api}/revoked",
        "the fleet page": "/",
        "/metrics": "/metrics",
    }


# --- requests ---


def _requests(paths: Mapping[str, str]) -> dict[str, float]:
    """Of each, the middle of several one after another, in a process that has read the register."""
    heap.tune()
    app = _app(Installation(settings.load()))
    for path in paths.values():
        _asked(app, path)
    heap.settle()
    return {f"GET {name}, ms CPU": median(_asked(app, path) for _ in range(_ROUNDS)) for name, path in paths.items()}


def _app(opened: Installation) -> FastAPI:
    fleet, store = opened.fleet, opened.store
    told = (lambda: revocation.standing(fleet), census.Taker(fleet).take)
    return web.create(opened.desk, Metrics(store.healths.each, store.pushes.totals, *told).scraped)


def _asked(app: FastAPI, path: str) -> float:
    """Milliseconds of CPU of one request, all threads of the process together."""

    async def ask() -> float:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            begun = time.process_time()
            answer = await client.get(path, timeout=None)
            spent = time.process_time() - begun
        if answer.status_code != HTTPStatus.OK:
            raise Unavailable(f"GET {path}: {answer.status_code} {answer.text[:200]}")
        return 1000 * spent

    return asyncio.run(ask())


# --- commands ---


def _commands(environment: Mapping[str, str], site: str, order: int) -> dict[str, float]:
    """Whole processes, Python's start included, into a pipe."""
    asked: Mapping[str, str] = {
        "site show KEY": f"site show {site}",
        "order list": "order list",
        "order show N": f"order show {order}",
        "order advance N": f"order advance {order} business=yes document=2026/1 --who bench --no-run",
        "router show NAME": f"router show rtr-{site}",
        "router list": "router list",
        "site list": "site list",
        "org list": "org list",
    }
    found: dict[str, float] = {}
    for name, words in asked.items():
        cpu_s, peak_mb = _command(environment, words)
        found |= {f"{name}, s CPU": cpu_s, f"{name}, MB at most": peak_mb}
    return found


def _command(environment: Mapping[str, str], words: str) -> tuple[float, float]:
    """Seconds of CPU, and MB at most. Raises Unavailable when it fails."""
    program = [sys.executable, "-m", "linjevakt", *words.split()]
    argv = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *program]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    code, cpu_s, peak_mb = done.stdout.split()
    if code != "0":
        raise Unavailable(f"linjevakt {words}: {done.stderr.strip()}")
    return float(cpu_s), float(peak_mb)


# --- serve ---


def _served(environment: Mapping[str, str], paths: Mapping[str, str]) -> dict[str, float]:
    """Memory of `linjevakt serve` once it was asked for everything; it polls nobody and runs no order."""
    port = free_port()
    argv = [sys.executable, "-m", "linjevakt", "serve", "--listen", f"127.0.0.1:{port}", "--poll", "0", "--no-orders"]
    silent = subprocess.DEVNULL
    with subprocess.Popen(argv, env=environment, stdout=silent, stderr=silent) as process:
        try:
            wait_until(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), 60, "linjevakt serve gave no answer")
            for path in paths.values():
                _answers(f"http://127.0.0.1:{port}{path}", patience_s=60)
            return {"serve, MB RSS": memory(process.pid)["MB RSS"]}
        finally:
            process.terminate()
            process.wait(timeout=60)


def _answers(url: str, patience_s: float = 1) -> bool:
    try:
        with urlopen(url, timeout=patience_s) as answer:  # noqa: S310 - loopback
            return bool(answer.read())
    except (URLError, TimeoutError):
        return False
