"""The demonstration: raise the lab, provision every example site, prove it, and say where to look."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from linjevakt.cli.terminal import Rows, echo
from linjevakt.model.stop import Stop
from linjevakt_lab import provision
from linjevakt_lab.lab import Lab

PAGE_PORT = 8080
SERVER_FILE = "server.json"
_PUSHED_WITHIN_S = 600.0
_LOOK_S = 0.2
_GOES_ON = "the lab is up. `lab demo` goes on, `lab down` takes it down"


def run(lab: Lab, stop: Stop) -> bool:
    """Provision all that the lab holds. True when every site is proven.

    Raises StoppedError when `stop` is wanted before that; every router is whole then, and another run goes on.
    """
    started = time.monotonic()
    controller = _controller(lab)
    stop.check(said=_GOES_ON)
    provision.stage_all(controller, lambda step: echo(f"  {step}", err=True), stop)
    stop.check(said=_GOES_ON)
    address = _server(controller)
    echo("Provisioning every router: plan, commit with a revert timer, proof, confirm", err=True)
    results = _push_all(controller, stop)
    _show(controller, results)
    proven = bool(results) and all(result["ok"] for result in results)
    if not proven:
        stop.check(said=_GOES_ON)
    provision.wait_for_clients(lab)
    _where_to_look(address, time.monotonic() - started)
    return proven


def _controller(lab: Lab) -> provision.Controller:
    echo("Starting the controller on embedded SQLite; a new one gets the example inventory", err=True)
    return provision.found(lab)


def _server(controller: provision.Controller) -> str:
    """The running server's address; one that a former run started is used again."""
    note = controller.home / SERVER_FILE
    if note.exists():
        known = json.loads(note.read_text())
        if Path(f"/proc/{known['pid']}").exists():
            return str(known["address"])
    server, address = provision.start_server(controller, port=PAGE_PORT)
    note.write_text(json.dumps({"pid": server.pid, "address": address}))
    return address


def _push_all(controller: provision.Controller, stop: Stop) -> list[dict[str, Any]]:
    """Every router's result; the progress display of `linjevakt push` goes straight to the terminal."""
    pushed = controller.lab.popen(
        "noc",
        controller.argv("push", "--all", "--json"),
        env=controller.environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    results: list[dict[str, Any]] = json.loads(_said(pushed, stop) or "[]")
    return results


def _said(pushed: subprocess.Popen[str], stop: Stop) -> str:
    """What the push prints, once it has ended; an interrupt is passed on to it, once, and it ends safely by itself."""
    gives_up, passed_on = time.monotonic() + _PUSHED_WITHIN_S, False
    while True:
        try:
            return pushed.communicate(timeout=_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > gives_up:
                raise
            if stop.wanted and not passed_on:
                pushed.terminate()
                passed_on = True


def _show(controller: provision.Controller, results: list[dict[str, Any]]) -> None:
    title = "Provisioned, and proven over the tunnel"
    rows = Rows("site", "line", "tunnel", "proof", "result", "seconds", title=title)
    sites = {row["router"]: row["site"] for row in controller.json("inventory", "show")}
    for result in results:
        rows.add_row(sites[result["router"]] or result["router"], *_cells(result))
    rows.show(err=True)


def _cells(result: dict[str, Any]) -> tuple[str, ...]:
    """One router's row: line in use, tunnel, proof, result, seconds; a failure says why in the proof's cell."""
    proof = result["proof"] or {"legs": [], "line": "", "ok": False}
    tunnel = next((leg["ok"] for leg in proof["legs"] if leg["name"] == "tunnel"), None)
    return (
        proof["line"] or "-",
        {True: "up", False: "down", None: "-"}[tunnel],
        f"{len(proof['legs'])} checks" if proof["ok"] else result["reason"] or "none",
        result["state"],
        f"{result['seconds']:.1f}",
    )


def _where_to_look(address: str, seconds: float) -> None:
    echo(f"Done in {seconds:.0f} s. Look at", err=True)
    for what, path in (("the fleet", "/"), ("metrics", "/metrics"), ("the API", "/api/v1/openapi.json")):
        echo(f"  {what:<10} {address}{path}", err=True)
    echo("Try:  .venv/bin/lab status", err=True)
    echo("      .venv/bin/lab linjevakt health rtr-fjellheim             (any command of linjevakt)", err=True)
    echo("      .venv/bin/lab break rtr-fjellheim wan0 --how blackhole   (and mend)", err=True)
    echo("Take it down with: make demo-down", err=True)
