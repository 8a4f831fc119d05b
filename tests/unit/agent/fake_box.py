"""A box without root: what is in force is a file that, like a kernel's state, a boot takes away."""

import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

from linjevakt_agent.base.disk import Disk, read_text
from linjevakt_agent.base.errors import ApplyError, InvalidError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import text
from linjevakt_agent.config.store import Store
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force.drift import Difference
from linjevakt_agent.guard.guard import Guard
from linjevakt_agent.guard.transaction import Transaction, boottime

BASE = {
    "hostname": "rtr-a\n",
    "network.toml": '[management]\naddress = "10.250.0.11"\n',
    "router.crt": "cert\n",
    "ca.crt": "cert\n",
    "swanctl.conf": "connections { }\n",
    "nftables.conf": "flush ruleset\n",
    "authorized_keys": "key\n",
    "agent.toml": 'router = "rtr-a"\n',
    "secrets.toml": '"snmp.linjevakt.auth" = "aa11"\n',
}


def config(hostname: str = "rtr-a", **more: str) -> str:
    """Return a complete configuration text; `hostname` tells one from another."""
    return text.canonical(BASE | {"hostname": f"{hostname}\n"} | more)


def digest(hostname: str) -> str:
    """Return the config hash of `config(hostname)`."""
    return text.config_hash(text.parse(config(hostname)))


def in_force(paths: Paths) -> str:
    """Return the hash of what is in force, `torn` in the middle of a change, empty after a boot."""
    file = paths.run / "in-force"
    return file.read_text() if file.exists() else ""


class FileApplier:
    """Puts a generation in force by writing its hash down.

    Host name `refused` cannot be applied, `slow` takes long, and of `ill` one section does not go in, ever.
    """

    def __init__(self, paths: Paths, before_step: Callable[[str], None] = lambda _step: None) -> None:
        self._paths = paths
        self._before_step = before_step
        self.came_back: list[set[str]] = []
        self.tried: list[set[str]] = []
        self.changes: list[tuple[Path | None, Path | None]] = []
        self.by_hand: set[str] = set()
        self.stays = False  # whoever has changed it by hand does so again at once
        self.looks = 0

    def apply(
        self, old: Path | None, new: Path | None, *, keep_going: bool = False, only: Collection[str] = ()
    ) -> list[ApplyError]:
        self.tried.append(set(only))
        self.changes.append((old, new))
        if new and old in {None, new} and not self.stays:
            self.by_hand -= set(only) or self.by_hand
        self._put("torn")
        if new and read_text(new / "hostname") == "slow\n":
            time.sleep(1.0)
        if new and not keep_going and read_text(new / "hostname") == "refused\n":
            return [ApplyError("dnsmasq does not start: address already in use", section="dnsmasq.conf")]
        sections = {file.name: read_text(file) for file in new.iterdir() if file.name != "meta.json"} if new else {}
        self._put(text.config_hash(sections))
        ill = keep_going and new and read_text(new / "hostname") == "ill\n"
        return [ApplyError("no such device", section="shaping.tc")] if ill else []

    def _put(self, what: str) -> None:
        self._before_step(f"in force: {what}")
        (self._paths.run / "in-force").write_text(what)

    def devices_appeared(self, names: set[str], running: Path) -> None:
        del running
        self.came_back.append(names)

    def look(self, running: Sections, config_hash: str) -> tuple[Difference, ...]:
        """Find what a test has changed by hand."""
        assert text.config_hash(running) == config_hash
        self.looks += 1
        return tuple(Difference(name, "state", ("-by hand",)) for name in sorted(self.by_hand))


class FileChecker:
    """Accepts everything but a host name with a space in it; thinks about `weighty` for long."""

    def check(self, sections: Sections, timeout: float) -> None:
        assert timeout > 0
        if sections["hostname"] == "weighty\n":
            time.sleep(min(0.3, timeout))
        if " " in sections["hostname"]:
            raise InvalidError("must be one label", section="hostname", line=1)


def transaction(
    paths: Paths, before_step: Callable[[str], None] = lambda _step: None, clock: Callable[[], float] = boottime
) -> Transaction:
    """Return the transaction of such a box; `before_step` hears of every change to the disk and to what is in force."""
    paths.run.mkdir(parents=True, exist_ok=True)
    return Transaction(paths, Store(paths, Disk(before_step)), FileApplier(paths, before_step), FileChecker(), clock)


if __name__ == "__main__":
    at = Paths(Path(sys.argv[1]))
    Guard(at, transaction(at), lambda name: {"csr": f"request for {name}"}).serve()
