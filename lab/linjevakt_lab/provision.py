"""Takes a lab from factory-new routers to provisioned ones with the real commands, as depot and engineers would."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from linjevakt import settings
from linjevakt.model.stop import Stop
from linjevakt_lab.errors import LabError
from linjevakt_lab.lab import Lab
from linjevakt_lab.scenario import Scenario

Progress = Callable[[str], None]
_BENCHES = 4  # routers staged at once


@dataclass(frozen=True)
class Controller:
    """A controller that lives in the lab's `noc`: its home folder, further settings (environment), and its command."""

    lab: Lab
    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the command needs to find its home; the settings of whoever runs the lab are those of another one."""
        ours = {name: value for name, value in os.environ.items() if not _is_of_an_installation(name)}
        return {**ours, "LINJEVAKT_HOME": str(self.home), **self.settings}

    def using(self, templates: Path) -> "Controller":
        """The same controller with other templates."""
        return replace(self, settings={**self.settings, "LINJEVAKT_TEMPLATES": str(templates)})

    def argv(self, *arguments: str) -> list[str]:
        """The command line of `linjevakt ARGUMENTS` in this Python environment."""
        return [str(Path(sys.executable).parent / "linjevakt"), *arguments]

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        check: bool = True,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run `linjevakt ARGUMENTS` in the noc. Raises CalledProcessError when it fails and `check` is set."""
        argv = self.argv(*arguments)
        return self.lab.run("noc", argv, input=stdin, check=check, timeout=timeout, env=self.environment)

    def become(self, *arguments: str) -> None:
        """Replace this process by `linjevakt ARGUMENTS` in the noc, with the terminal and the exit code."""
        self.lab.become("noc", self.argv(*arguments), env=self.environment)

    def json(self, *arguments: str, check: bool = True, timeout: float = 300) -> Any:
        """What `linjevakt ARGUMENTS --json` prints, decoded."""
        return json.loads(self.run(*arguments, "--json", check=check, timeout=timeout).stdout)


def controller(lab: Lab) -> Controller:
    """The controller beside the lab's state, as it is."""
    return Controller(lab, lab.state / "controller")


def found(lab: Lab) -> Controller:
    """The same with keys, database and, unless it has an inventory already, the lab's."""
    founded = controller(lab)
    founded.run("init")
    if founded.run("inventory", "show", check=False).returncode:
        founded.run("inventory", "import", str(lab.inventory_path))
    return founded


def _is_of_an_installation(variable: str) -> bool:
    return variable.removeprefix(settings.PREFIX).lower() in settings.Settings.model_fields


def stage(controller: Controller, router: str) -> None:
    """Staging at the depot: certify the box's own keys, load the bootstrap configuration at its console.

    A router that has been staged already is left as it is.
    """
    lab = controller.lab
    status = json.loads(lab.run(router, ["linjevakt-agent", "config", "status", "--json"]).stdout)
    if status["confirmed"]:
        return
    identity = lab.run(router, ["linjevakt-agent", "identity", "--name", router, "--json"]).stdout
    bootstrap = controller.run("router", "stage", router, "--identity", "-", stdin=identity).stdout
    lab.run(router, ["linjevakt-agent", "config", "load", "--replace", "-"], input=bootstrap)
    lab.run(router, ["linjevakt-agent", "config", "commit", "--message", "staging"])


def stage_all(controller: Controller, progress: Progress, stop: Stop) -> None:
    """Stage the inventory's routers, several at once; the hub first and alone: that makes the CA's certificate.

    Raises StoppedError, with those staged that were begun, when `stop` is wanted.
    """

    def staging(router: str) -> None:
        stop.check(router, "not staged")
        stage(controller, router)

    first, *others = controller.lab.routers
    progress(f"staging {first} at the depot")
    staging(first)
    with ThreadPoolExecutor(_BENCHES) as depot:
        staged = {depot.submit(staging, router): router for router in others}
        for done in as_completed(staged):
            done.result()
            progress(f"staged {staged[done]}")


@contextmanager
def raised(scenario: Scenario, progress: Progress, *, prefix: str | None = None) -> Iterator[Controller]:
    """A lab whose every router is staged, pushed and proven while the block runs. Raises LabError if one is not."""
    lab = Lab.up(scenario, progress, prefix=prefix)
    try:
        controller = found(lab)
        stage_all(controller, progress, Stop())
        results = controller.json("push", "--all", check=False)
        if failed := [f"{result['router']}: {result['reason']}" for result in results if not result["ok"]]:
            raise LabError(f"Not every router is proven. {'; '.join(failed)}")
        wait_for_clients(lab)
        yield controller
    finally:
        lab.down()


def wait_for_clients(lab: Lab, within_s: float = 20.0) -> None:
    """Wait until every PC of a segment has an address by DHCP. Raises LabError naming those that have none."""
    deadline = time.monotonic() + within_s
    waiting: Sequence[str] = lab.clients
    while waiting := [pc for pc in waiting if not lab.run(pc, ["ip", "-4", "route", "show", "default"]).stdout]:
        if time.monotonic() > deadline:
            raise LabError(
                f"No address by DHCP within {within_s:.0f} s: {', '.join(waiting)}. Are the sites provisioned?"
            )
        time.sleep(0.5)


@contextmanager
def served(controller: Controller, *, poll_s: float = 5.0) -> Iterator[str]:
    """Run `linjevakt serve` in the noc while the block runs; yields its address on this machine's loopback."""
    server, address = start_server(controller, poll_s=poll_s)
    try:
        yield address
    finally:
        server.terminate()
        server.wait(timeout=15)


def start_server(controller: Controller, *, port: int = 0, poll_s: float = 5.0) -> tuple[subprocess.Popen[str], str]:
    """Start `linjevakt serve` in the noc on a socket of this namespace's loopback; `port` 0 takes a free one."""
    listener = _listen(port)
    log = (controller.home / "serve.log").open("a")
    with listener, log:
        argv = controller.argv("serve", "--fd", str(listener.fileno()), "--poll", str(poll_s))
        server = controller.lab.popen(
            "noc",
            argv,
            env=controller.environment,
            pass_fds=(listener.fileno(),),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        return server, f"http://127.0.0.1:{listener.getsockname()[1]}"


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback: the port asked for, or a free one when that is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener
