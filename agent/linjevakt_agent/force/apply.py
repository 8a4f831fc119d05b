"""Puts a generation in force: one step a kind of section, in an order in which nothing leaks and nobody is locked out.

What leaves a LAN is shut before its rules go, what is new is opened when its rules are there; the neighbours on the
same router notice neither. Nothing is forwarded while lines change: the new rules end that in the same transaction
that brings them in. Tunnels follow, since the rules must let them through; then what only makes traffic fairer; then
services, all at once, and of those only the ones whose file changed.
"""

import socket
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from linjevakt_agent.base import host, tools
from linjevakt_agent.base.disk import read_text
from linjevakt_agent.base.errors import ApplyError, ConfigError, reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Agent, Network, Revoked
from linjevakt_agent.base.volatile import exclusively
from linjevakt_agent.config import sections
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force import changeover, shaping
from linjevakt_agent.force.drift import Difference
from linjevakt_agent.force.inspector import BoxInspector
from linjevakt_agent.ipsec import charon, tunnels
from linjevakt_agent.network import network

_CHARON_START_S = 15.0
_HOLD = """
table inet linjevakt_hold {
    chain forward {
        type filter hook forward priority -300; policy drop;
    }
}
"""


class Applier(Protocol):
    """Puts configurations in force on a box."""

    def apply(
        self, old: Path | None, new: Path | None, *, keep_going: bool = False, only: Collection[str] = ()
    ) -> list[ApplyError]:
        """Change the box from the generation in `old` to that in `new`; return what failed, empty if nothing did.

        `old` is None when it is not known what is in force (after a boot): everything is put in force anew, or `only`
        the sections named. `old` is `new` when somebody has changed what is in force: what `only` names, sections and
        services, is put back, and nothing else is touched. `new` is None for a box without configuration. Stops at the
        first failure unless `keep_going` (on the way back); services are restarted side by side, so all of them are
        tried. Each failure names its section.
        """

    def devices_appeared(self, names: set[str], running: Path) -> None:
        """Give devices that have come back what the running generation has for them. Raises ApplyError."""

    def look(self, running: Sections, config_hash: str) -> tuple[Difference, ...]:
        """Return what in kernel, charon and services is not as this generation says, as far as it can be known now."""


@dataclass(frozen=True)
class Change:
    """What a step works on: the directories of both generations, and the box."""

    old: Path | None
    new: Path | None
    paths: Paths

    def before(self, name: str) -> str:
        """Return the section as it was, empty if it was not there."""
        return _read(self.old, name)

    def after(self, name: str) -> str:
        """Return the section as it shall be, empty if it shall not be there."""
        return _read(self.new, name)

    @property
    def again(self) -> bool:
        """Whether the same is put in force again, as somebody has changed what is."""
        return self.old is not None and self.old == self.new

    def alters(self, name: str) -> bool:
        """Whether the section differs."""
        return self.before(name) != self.after(name)

    def touches(self, name: str) -> bool:
        """Whether the section must be put in force: it changed, or nobody knows what is in force."""
        return self.old is None or self.again or self.alters(name)


def _read(directory: Path | None, name: str) -> str:
    file = directory / name if directory else None
    return read_text(file) if file and file.exists() else ""


def _hostname(change: Change) -> None:
    if name := change.after("hostname").strip():
        try:
            socket.sethostname(name)
        except OSError as error:
            raise ApplyError(f"cannot set the host name: {error.strerror}") from error


def _shut(change: Change) -> None:
    """Shut what leaves or changes, so that rules written for one network never judge another.

    A port is shut alone; where lines or routes change, or nobody knows what is there, all forwarding is held.
    """
    if change.new is None:
        return  # addresses left behind do no harm behind rules that deny everything; a boot clears them
    old, new = _networks(change)
    if old is not None:
        network.shut(changeover.leaving(old, new))
    if old is None or not changeover.only_ports(old, new):
        tools.run(["nft", "-f", "-"], stdin=_HOLD)
        _open(change)


def _open(change: Change) -> None:
    """Add what is new; an address that goes stays until the tunnel, whose routes may name it, has let go of it."""
    if change.new is None:
        return
    old, new = _networks(change)
    if change.again:
        network.remove_by_hand()
    both = changeover.together(old, new) if old else None
    network.apply(both, both or new)


def _clear(change: Change) -> None:
    if change.new is not None:
        network.apply(*_networks(change))


def _networks(change: Change) -> tuple[Network | None, Network]:
    return _network_of(change.before("network.toml")), msgspec.toml.decode(change.after("network.toml"), type=Network)


def _network_of(body: str) -> Network | None:
    return msgspec.toml.decode(body, type=Network) if body else None


def _firewall(change: Change) -> None:
    without = change.paths.settings / "default.nft"
    tools.run(["nft", "-f", str(change.new / "nftables.conf" if change.new else without)])


def _tunnels(change: Change) -> None:
    vici_socket = change.paths.root / charon.SOCKET
    _await_charon(vici_socket)
    if change.new is not None:
        lines = frozenset(line.name for line in _networks(change)[1].line)
        tunnels.introduce(lines, change.paths.run, vici_socket)
        _await_charon(vici_socket)
    with exclusively(change.paths.run / tunnels.LOCK):  # `run` starts what it misses
        _load_tunnels(change)


def _load_tunnels(change: Change) -> None:
    none = change.paths.settings / "default-swanctl.conf"
    vici_socket = change.paths.root / charon.SOCKET
    if change.new is None:
        tunnels.load("--file", str(none))
        return
    if change.old and (change.alters("router.crt") or change.alters("ca.crl")):
        tunnels.reauthenticate(vici_socket, none)
    tunnels.load()  # /etc/swanctl/swanctl.conf, a link to that of the running generation
    if peers := _revoked(change.after("agent.toml")) - _revoked(change.before("agent.toml")):
        tunnels.end(vici_socket, {row.router for row in peers})
    if change.old:
        tunnels.complete(vici_socket)


def _revoked(body: str) -> frozenset[Revoked]:
    """Whose certificates are revoked; an SA lives on after that, for charon looks at a certificate only once."""
    return frozenset(msgspec.toml.decode(body, type=Agent).revoked) if body else frozenset()


def _await_charon(vici: Path) -> None:
    """Charon may have been started together with us, or be on its way up again."""
    deadline = time.monotonic() + _CHARON_START_S
    while not _listens(vici):
        if time.monotonic() > deadline:
            raise ApplyError(f"charon does not answer on {vici}")
        time.sleep(0.1)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _shaping(change: Change) -> None:
    before = "" if change.again else change.before("shaping.tc")
    if before or change.after("shaping.tc"):
        shaping.apply(before, change.after("shaping.tc"))


Step = Callable[[Change], None]


def _service(section: str, service: str) -> Step:
    def step(change: Change) -> None:
        if not change.touches(section):
            return
        box = host.load(change.paths.settings / "host.toml")
        if change.after(section):
            box.restart_service(service)
        elif change.before(section):
            box.stop_service(service)

    return step


def _upkeep(service: str, section: str | None = None) -> Step:
    """Have a service as it shall be, whatever became of it: up, unless its section is not there."""

    def step(change: Change) -> None:
        box = host.load(change.paths.settings / "host.toml")
        if section is None or change.after(section):
            box.restart_service(service)
        else:
            box.stop_service(service)

    return step


STEPS: tuple[tuple[str, Step], ...] = (
    ("hostname", _hostname),
    ("network.toml", _shut),
    ("nftables.conf", _firewall),
    ("network.toml", _open),
    ("swanctl.conf", _tunnels),
    ("network.toml", _clear),
    ("shaping.tc", _shaping),
)
SERVICES: tuple[tuple[str, Step], ...] = tuple(
    (section, _service(section, service)) for section, service in sections.SERVICES
)
UPKEEP: tuple[tuple[str, Step], ...] = (
    *((service, _upkeep(service, section)) for section, service in sections.SERVICES),
    *((service, _upkeep(service)) for service in sections.ALWAYS),
)
"""By service: for one that somebody has stopped, or started."""


class BoxApplier:
    """The `Applier` of a real box; needs root."""

    def __init__(self, paths: Paths, inspector: BoxInspector) -> None:
        self._paths = paths
        self.look = inspector.look

    def apply(
        self, old: Path | None, new: Path | None, *, keep_going: bool = False, only: Collection[str] = ()
    ) -> list[ApplyError]:
        """See `Applier.apply`."""
        change = Change(old, new, self._paths)
        failures: list[ApplyError] = []
        for section, step in STEPS:
            if only and section not in {*only, *_end_of_hold(change)}:
                continue
            if (failure := _attempt(section, step, change)) is not None:
                failures.append(failure)
                if not keep_going:
                    return failures
        return failures + _restarted(change, only)

    def devices_appeared(self, names: set[str], running: Path) -> None:
        """See `Applier.devices_appeared`."""
        batch = _read(running, "shaping.tc")
        for name in names.intersection(shaping.devices(batch)):
            shaping.put_on(name, batch)


def _end_of_hold(change: Change) -> frozenset[str]:
    """The rules end a hold, whoever began it; there is none where the network stays."""
    return frozenset() if change.again else frozenset({"nftables.conf"})


def _restarted(change: Change, only: Collection[str]) -> list[ApplyError]:
    """Each takes a second to show that it stays up, and none waits for another: a box is sooner at work."""
    wanted = [row for row in SERVICES if not only or row[0] in only] + [row for row in UPKEEP if row[0] in only]
    with ThreadPoolExecutor(len(SERVICES)) as beside:
        begun = [beside.submit(_attempt, section, step, change) for section, step in wanted]
    return [failure for one in begun if (failure := one.result()) is not None]


def _said(error: OSError | ValueError) -> str:
    path = error.filename if isinstance(error, OSError) else None
    return f"{path}: {reason(error)}" if path else reason(error)


def _attempt(section: str, step: Step, change: Change) -> ApplyError | None:
    try:
        step(change)
    except (ConfigError, OSError, ValueError) as error:
        message = error.message if isinstance(error, ConfigError) else _said(error)
        return ApplyError(message, section=section)
    return None
