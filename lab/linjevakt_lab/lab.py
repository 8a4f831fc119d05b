"""The lab itself: raise it, run commands in it, break it, take it down."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from linjevakt.inventory import load_catalogue
from linjevakt_lab import image, preflight, removal, services, timepiece, wiring
from linjevakt_lab.box import Box
from linjevakt_lab.breakage import How
from linjevakt_lab.derive import NAME_SERVER, PROXIES, derive
from linjevakt_lab.disks import MEND, SPOIL, Ill
from linjevakt_lab.errors import LabError
from linjevakt_lab.lines import Lines
from linjevakt_lab.places import State, prefix_from_environment
from linjevakt_lab.scenario import Expectation, Scenario
from linjevakt_lab.shell import Progress, run
from linjevakt_lab.topology import Node, Role, Topology

_TINI = ("tini", "-s", "--")
_PC_DHCP = Path(__file__).with_name("pc-dhcp.sh")
_INIT = {
    Role.ROUTER: (*_TINI, "/sbin/linjevakt-init"),
    # Ask for ever: the router in front may not have its configuration yet.
    Role.PC: (*_TINI, "udhcpc", "-f", "-i", "eth0", "-s", f"{_PC_DHCP}", "-t", "3", "-T", "1", "-A", "2"),
    Role.NOC: (*_TINI, "sleep", "infinity"),
}
_BAD_DISK = "disk"
_SERVICES = (*_TINI, "runsvdir", "-P", "/etc/service")
_GUESTS = {Role.PC: "", Role.NOC: f"nameserver {NAME_SERVER}\n"}
_PARALLEL = 8
_READY_SECONDS = 20
_OUTSIDE = "http://www.example.com/"


@dataclass(frozen=True)
class Plan:
    """What a lab was raised from, kept on disk while it is up."""

    scenario: str
    inventory: Path
    image: Path
    topology: Topology
    expect: tuple[Expectation, ...]


_PLAN = TypeAdapter(Plan)


class Lab:
    """One lab that is up, or half up."""

    def __init__(self, state: State, plan: Plan) -> None:
        self._state = state
        self._plan = plan
        self._lines = Lines(plan.topology, state, self._box)

    @classmethod
    def up(cls, scenario: Scenario, progress: Progress, *, prefix: str | None = None) -> "Lab":
        """Raise a lab; every router boots without any configuration.

        Raises LabError, and leaves nothing behind, when it cannot be done or a lab of this prefix is up already.
        """
        state = State(prefix or prefix_from_environment())
        preflight.check_host()
        preflight.check_own(state)
        if state.plan.exists() or wiring.namespaces(state):
            raise LabError(f"The lab {state.prefix} is up already, in part at least: take it down with `lab down`.")
        removal.take_down(state)  # files that a crash has left
        topology = derive(scenario.inventory, scenario.setting)
        preflight.check_kernel(state)
        root = image.box_image(progress)
        state.folder.mkdir(parents=True)
        inventory = scenario.inventory_folder(state.folder / "inventory")
        plan = Plan(scenario.name, inventory, root, topology, scenario.expect)
        state.plan.write_bytes(_PLAN.dump_json(plan, by_alias=True))
        lab = cls(state, plan)
        try:
            lab._raise(scenario, progress)
        except BaseException:
            lab.down()
            raise
        return lab

    @classmethod
    def load(cls, prefix: str | None = None) -> "Lab":
        """Return the lab that is up; raises LabError when there is none."""
        state = State(prefix or prefix_from_environment())
        preflight.check_root()
        if not state.plan.exists():
            raise LabError(f"No lab {state.prefix} is up: raise one with `lab up`.")
        try:
            return cls(state, _PLAN.validate_json(state.plan.read_bytes()))
        except ValidationError as error:
            raise LabError(
                f"Another version of the lab raised {state.prefix}: take it down with `lab down`, then raise it anew."
            ) from error

    @property
    def state(self) -> Path:
        """The lab's folder; what is put there is gone when the lab is taken down."""
        return self._state.folder

    @property
    def inventory_path(self) -> Path:
        """The inventory that the lab was derived from."""
        return self._plan.inventory

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """What the scenario says that clients see."""
        return self._plan.expect

    @property
    def routers(self) -> tuple[str, ...]:
        """Every router of the inventory, hubs first."""
        return tuple(node.name for node in self._nodes(Role.ROUTER) if not node.spare)

    @property
    def spares(self) -> tuple[str, ...]:
        """The factory-new routers that the inventory does not have."""
        return tuple(node.name for node in self._nodes(Role.ROUTER) if node.spare)

    @property
    def clients(self) -> tuple[str, ...]:
        """The PCs on ports that a segment of the inventory has."""
        return tuple(node.name for node in self._nodes(Role.PC) if not node.spare)

    def run(  # noqa: PLR0913 as subprocess.run
        self,
        node: str,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 as subprocess.run names it
        timeout: float | None = 30,
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a node; raises as `subprocess.run` does, and LabError when the node is off.

        It has a session of its own: the terminal's Ctrl-C is for who runs it to look at, not for the command.
        """
        box = self._box(node)
        try:
            return subprocess.run(
                box.entering(argv),
                input=input,
                timeout=timeout,
                check=check,
                env=env or box.environment(),
                capture_output=True,
                text=True,
                start_new_session=True,
            )
        except subprocess.CalledProcessError as error:
            error.add_note(f"{node} said: {error.stdout}{error.stderr}")
            raise

    def popen(self, node: str, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a command in a node; it ends when the process returned is ended. `options` are those of `Popen`."""
        box = self._box(node)
        return subprocess.Popen(box.entering(argv), **{"env": box.environment(), "text": True, **options})

    def become(self, node: str, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
        """Replace this process by a command in a node, with the terminal and the exit code."""
        box = self._box(node)
        command = box.entering(argv)
        os.execvpe(command[0], command, env or box.environment())  # noqa: S606 no shell is wanted

    def kill_box(self, name: str) -> None:
        """Cut the power: processes and network state are gone, the disk stays, the far ends lose their carrier."""
        box = self._box(name)
        box.cut_power()
        wiring.renew(self._lines.topology, self._state, name)
        self._lines.forget(name)

    def boot(self, name: str) -> None:
        """Give a box that is off its power back; it boots from the disk as it was left."""
        box = self._box(name)
        for file, text in wiring.configuration(self._lines.topology, name).items():
            _write(box.folder / file, text)
        box.boot()

    def spoil_disk(self, name: str, ill: Ill) -> None:
        """Make a box's disk a bad one, now and whenever it boots, until `mend_disk`."""
        _write(self._box(name).folder / _BAD_DISK, SPOIL[ill])
        self.run(name, ["sh", "-euc", SPOIL[ill]])

    def mend_disk(self, name: str, ill: Ill) -> None:
        """Make it a good one again, with what it took meanwhile."""
        (self._box(name).folder / _BAD_DISK).unlink()
        self.run(name, ["sh", "-euc", MEND[ill]])

    def wind(self, router: str, to: datetime | None) -> None:
        """Give a router that is off a clock of its own, which says `to` now, or (None) the host's again.

        Raises LabError.
        """
        box = self._box(router)
        if box.pid() is not None:
            raise LabError(f"{router} is running: a clock is wound while the box is off.")
        if to is None:
            timepiece.remove(box.disk)
        else:
            timepiece.wind(box.disk, self._state.agent_layer, to)

    def move(self, router: str, line: str, place: str) -> None:
        """Pull a line's cable out and plug it in elsewhere: a place of the scenario, or `home`.

        The router sees what a router sees: its interface loses the carrier for a second and a half, and gets it back.
        Raises LabError when the place is taken, or the line broken.
        """
        self._lines.move(router, line, place)

    def unplug(self, router: str, line: str) -> None:
        """Pull a line's cable out and leave it loose; raises LabError if it is so already, or broken."""
        self._lines.unplug(router, line)

    def break_line(self, router: str, line: str, how: How | str) -> None:
        """Break a line in one of the ways of `How`; raises LabError if it is broken already, or loose."""
        self._lines.break_line(router, line, how)

    def mend(self, router: str, line: str) -> None:
        """Undo what `break_line` did; a line that is whole stays so."""
        self._lines.mend(router, line)

    def narrow(self, router: str, line: str, *, up: int = 1500, down: int = 1500) -> None:
        """Have the provider swallow larger packets, from the router and to it, until `widen`; `status` tells none."""
        self._lines.narrow(router, line, up, down)

    def widen(self, router: str, line: str) -> None:
        """Undo what `narrow` did."""
        self._lines.widen(router, line)

    def mend_all(self) -> None:
        """Mend every line."""
        self._lines.mend_all()

    @contextmanager
    def capture(self, node: str, interface: str, path: Path) -> Iterator[None]:
        """Write to `path` (pcap) what passes an interface of a node while the block runs; raises LabError."""
        netns = self._state.netns(self._plan.topology.node(node).name)
        argv = [
            "ip",
            "netns",
            "exec",
            netns,
            "tcpdump",
            "-n",
            "-U",
            "--immediate-mode",
            "-Z",
            "root",
            "-i",
            interface,
            "-w",
            str(path),
        ]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as tcpdump:
            said = tcpdump.stderr.readline() if tcpdump.stderr else ""
            if "listening on" not in said:
                tcpdump.kill()
                raise LabError(f"tcpdump does not listen on {interface} of {node}: {said.strip()}")
            try:
                yield
            finally:
                tcpdump.send_signal(signal.SIGINT)
                tcpdump.wait(timeout=10)

    def status(self) -> dict[str, Any]:
        """Return prefix, scenario, inventory, vacant (places) and, a row each, nodes and lines.

        Nodes: name, role, spare, up, pid. Lines: router, line, place (None: loose), behind_nat, broken.
        """
        return {
            "prefix": self._state.prefix,
            "scenario": self._plan.scenario,
            "inventory": str(self._plan.inventory),
            "nodes": [self._node_status(node) for node in self._plan.topology.nodes],
            "lines": self._lines.status(),
            "vacant": [socket.name for socket in self._lines.topology.vacant],
        }

    def _node_status(self, node: Node) -> dict[str, Any]:
        pid = self._box(node.name).pid()
        return {"name": node.name, "role": node.role, "spare": node.spare, "up": pid is not None, "pid": pid}

    def _nodes(self, role: Role) -> Iterator[Node]:
        return (node for node in self._plan.topology.nodes if node.role is role)

    def down(self) -> None:
        """Take everything down: processes, mounts, namespaces, files."""
        removal.take_down(self._state)

    def _raise(self, scenario: Scenario, progress: Progress) -> None:
        topology = self._plan.topology
        progress(f"cabling {len(topology.nodes)} nodes")
        wiring.lay(topology, self._state)
        self._state.nodes.mkdir()
        run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self._state.nodes])
        image.agent_layer(self._state.agent_layer)
        behind = services.behind(scenario.inventory.installation, load_catalogue())
        for node in topology.nodes:
            self._furnish(node, behind)
        progress(f"booting {len(topology.nodes)} nodes")
        _for_all([node.name for node in topology.nodes], self.boot)
        progress("waiting for names and proxies")
        self._await_services()

    def _await_services(self) -> None:
        """Return when the NOC gets a page of the internet by name through each proxy; raises LabError after 20 s."""
        deadline = time.monotonic() + _READY_SECONDS
        for proxy in PROXIES:
            fetch = ["curl", "-sS", "--fail", "-m", "2", "-x", f"http://{proxy}:{services.PROXY_PORT}", _OUTSIDE]
            while (done := self.run("noc", fetch, check=False)).returncode:
                if time.monotonic() > deadline:
                    raise LabError(f"The proxy {proxy} of the lab does not answer: {done.stderr.strip()}")
                time.sleep(0.05)

    def _furnish(self, node: Node, behind: services.Behind) -> None:
        """Write what a node needs to boot, and what is on its disk."""
        folder = self._state.node(node.name)
        for name, text in services.files(node, behind).items():
            _write(folder / "upper" / name, text)
        if node.role in _GUESTS:
            _write(folder / "resolv.conf", _GUESTS[node.role])

    def _box(self, name: str) -> Box:
        role = self._plan.topology.node(name).role
        layers: tuple[Path, ...] = () if role in _GUESTS else (self._plan.image,)
        if role is Role.ROUTER:
            layers = (self._state.agent_layer, *layers)
        return Box(name, self._state.netns(name), self._state.node(name), layers, _INIT.get(role, _SERVICES))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755 if path.name == "run" else 0o644)


def _for_all(names: Iterable[str], action: Callable[[str], None]) -> None:
    """Do the same to many nodes at once; raises what the first of them raised, when all are done."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(action, names))
