"""A real Prometheus scrapes the controller and finds every router's health."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.lab.measure import eventually

from linjevakt_lab import provision
from linjevakt_lab.provision import Controller

CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: linjevakt
    static_configs: [{{targets: ["{target}"]}}]
"""
SEEN_WITHIN_S = 60.0
Query = Callable[[str], dict[str, float]]


@pytest.fixture
def query(controller: Controller, tmp_path: Path) -> Iterator[Query]:
    """Asks a Prometheus that scrapes the controller each second: PromQL in, value by router out."""
    with provision.served(controller, poll_s=2) as address:
        config = tmp_path / "prometheus.yml"
        config.write_text(CONFIG.format(target=address.removeprefix("http://")))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        argv = [f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address={listen}"]
        with (tmp_path / "log").open("w") as log:
            prometheus = subprocess.Popen(["prometheus", *argv], stdout=log, stderr=log)
        try:
            yield lambda expression: _ask(listen, expression)
        finally:
            prometheus.terminate()
            prometheus.wait(timeout=15)


def _ask(listen: str, expression: str) -> dict[str, float]:
    try:
        answer = httpx.get(f"http://{listen}/api/v1/query", params={"query": expression})
    except httpx.ConnectError:  # it does not listen yet
        return {}
    found: list[dict[str, Any]] = answer.json().get("data", {}).get("result", [])
    return {row["metric"].get("router", ""): float(row["value"][1]) for row in found}


def test_prometheus_sees_every_router_up_and_proven(controller: Controller, query: Query) -> None:
    everyone = dict.fromkeys(controller.lab.routers, 1.0)
    assert eventually(lambda: query("linjevakt_router_up") == everyone, SEEN_WITHIN_S), query("linjevakt_router_up")
    sites = {router: 1.0 for router in everyone if router.startswith("rtr-")}
    assert query("linjevakt_tunnel_up and on(router) linjevakt_router_up").keys() >= sites.keys()
    worst = "min by (router) (linjevakt_probe_ok)"  # a line that another test broke is probed again within the time
    assert eventually(lambda: query(worst) == sites, SEEN_WITHIN_S), query(worst)


def test_the_metrics_follow_prometheus_conventions(controller: Controller) -> None:
    with provision.served(controller, poll_s=2) as address:
        metrics = httpx.get(f"{address}/metrics").content
    lint = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, check=False)
    assert (lint.returncode, lint.stderr.decode()) == (0, "")
