"""The real guard of a box of which only the files are real: what is put in force touches no kernel and no service."""

import sys
from collections.abc import Collection
from pathlib import Path

from linjevakt_agent.base.errors import ApplyError, ConfigError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.box import identify
from linjevakt_agent.config.store import Store
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force.drift import Difference
from linjevakt_agent.guard.guard import Guard
from linjevakt_agent.guard.transaction import Transaction
from linjevakt_agent.validation import content

READINGS = (
    ("hostname", content.hostname),
    ("network.toml", content.network),
    ("secrets.toml", content.secrets),
    ("agent.toml", content.agent),
    ("authorized_keys", content.authorized_keys),
)


class Reader:
    """Checks what can be checked by reading."""

    def check(self, sections: Sections, timeout: float) -> None:
        del timeout
        for name, reading in READINGS:
            try:
                reading(sections)
            except ConfigError as error:
                error.section = name
                raise


class Nothing:
    """Puts nothing in force."""

    def apply(
        self, old: Path | None, new: Path | None, *, keep_going: bool = False, only: Collection[str] = ()
    ) -> list[ApplyError]:
        del old, new, keep_going, only
        return []

    def devices_appeared(self, names: set[str], running: Path) -> None:
        """There are no devices."""

    def look(self, running: Sections, config_hash: str) -> tuple[Difference, ...]:
        """Find nothing changed."""
        del running, config_hash
        return ()


if __name__ == "__main__":
    paths = Paths(Path(sys.argv[1]))
    Guard(paths, Transaction(paths, Store(paths), Nothing(), Reader()), identify(paths)).serve()
