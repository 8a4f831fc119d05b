"""Where everything of the agent lives on a box, below an optional root for tests."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT_VARIABLE = "LINJEVAKT_ROOT"
BASE = Path("/var/lib/linjevakt")
"""The base path as native configuration files name it; `Paths.base` is the same place seen from the root in use."""

ROUTER_PUBLIC = "router.pub"
"""In `identity/`: the public half of the router's key, for those who must know which it is and may not have it."""

PUBLIC_KEY = "public-key"
"""What `ROUTER_PUBLIC` is called beside the sections of a configuration on trial."""

REVOKED = "revoked-now"
"""What the running `ca.crl` is called there."""


def default_root() -> Path:
    """`$LINJEVAKT_ROOT`, else `/`."""
    return Path(os.environ.get(ROOT_VARIABLE) or "/")


@dataclass(frozen=True)
class Paths:
    """The agent's files on the file system that begins at `root`."""

    root: Path

    @property
    def base(self) -> Path:
        """What survives a power cut."""
        return self.root / BASE.relative_to("/")

    @property
    def run(self) -> Path:
        """What does not: a tmpfs."""
        return self.root / "run/linjevakt"

    @property
    def settings(self) -> Path:
        """What belongs to the box and not to its configuration."""
        return self.root / "etc/linjevakt-agent"

    @property
    def running(self) -> Path:
        """Symlink to the generation in force, on the tmpfs: what is in force is gone with the power."""
        return self.root / "run/linjevakt-running"  # services that have left root behind pass by it, not into `run`

    @property
    def stable(self) -> Path:
        """Symlink to `running`, made once: how native files and services name the generation in force."""
        return self.base / "running"

    @property
    def confirmed(self) -> Path:
        """Symlink to the generation that a boot puts in force."""
        return self.base / "confirmed"

    @property
    def identity(self) -> Path:
        """Private keys, made on the box; nothing here is ever sent away."""
        return self.base / "identity"

    @property
    def socket(self) -> Path:
        """Where the guard listens."""
        return self.run / "guard.sock"

    @property
    def booted(self) -> Path:
        """Exists once the guard has put a configuration in force since the box was switched on."""
        return self.run / "booted"

    def section(self, name: str) -> Path:
        """Return the file of one section of the running configuration."""
        return self.running / name
