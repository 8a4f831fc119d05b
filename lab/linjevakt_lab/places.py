"""Where the lab finds its inputs and keeps its state, below the checkout."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from linjevakt_lab.errors import LabError

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache"
SCENARIOS = CHECKOUT / "lab" / "scenarios"

# A prefix becomes part of file and namespace names; the first hyphen of a namespace's name ends it.
_PREFIX = re.compile(r"[a-z][a-z0-9]{0,19}")


def prefix_from_environment() -> str:
    """Return the name of this lab (`LINJEVAKT_LAB`), so that several can run side by side."""
    return os.environ.get("LINJEVAKT_LAB") or "lv"


@dataclass(frozen=True)
class State:
    """The folder of one lab: everything it has made outside the kernel."""

    prefix: str

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise LabError(
                f"LINJEVAKT_LAB={self.prefix!r} cannot name a lab: use 1 to 20 of a-z and 0-9, a letter first."
            )

    @property
    def folder(self) -> Path:
        """Removed when the lab is taken down."""
        return CHECKOUT / ".lab" / self.prefix

    @property
    def plan(self) -> Path:
        """Its presence means that a lab is up, or has been left half up by a crash."""
        return self.folder / "plan.json"

    @property
    def other_checkout(self) -> Path | None:
        """Where else a lab of this name stands: namespaces are the machine's, a lab's folder is its checkout's."""
        mounted = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines()]
        tail = self.nodes.relative_to(CHECKOUT)
        others = [path for path in mounted if path != self.nodes and path.parts[-len(tail.parts) :] == tail.parts]
        return others[0].parents[len(tail.parts) - 1] if others else None

    @property
    def agent_layer(self) -> Path:
        """What a router has on its disk beyond Debian."""
        return self.folder / "agent"

    @property
    def nodes(self) -> Path:
        """The nodes' disks: in memory, so that fifty of them do not queue for the host's."""
        return self.folder / "nodes"

    def node(self, name: str) -> Path:
        """Return the folder of one node: its disk, its process id, its console."""
        return self.nodes / name

    def netns(self, name: str) -> str:
        """Return the network namespace of one node."""
        return f"{self.prefix}-{name}"
