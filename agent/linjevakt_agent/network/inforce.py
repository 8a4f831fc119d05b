"""Which of its addressings each line has now: what guard, agent and a new configuration agree on until a reboot."""

from pathlib import Path

import msgspec

from linjevakt_agent.base.schema import Addressing, Line, Network
from linjevakt_agent.base.volatile import publish

FILE = "addressing.json"


def present(config: Network, run: Path) -> Network:
    """Return `config` with each line addressed as it is now: as configured, but for a choice that is still offered."""
    chosen = _read(run)
    return msgspec.structs.replace(config, line=tuple(_present(line, chosen.get(line.name)) for line in config.line))


def choose(config: Network, line: str, addressing: Addressing, run: Path) -> None:
    """Have the line addressed so from now on; the caller holds the network's lock. Raises OSError."""
    now = {row.name: row.addressing for row in present(config, run).line}
    publish(run / FILE, msgspec.json.encode(now | {line: addressing}))


def _present(line: Line, chosen: Addressing | None) -> Line:
    return line.addressed(chosen) if chosen in line.addressings else line


def _read(run: Path) -> dict[str, Addressing]:
    """What was written; nothing after a boot, and nothing if it cannot be read: lines are then as configured."""
    try:
        return msgspec.json.decode((run / FILE).read_bytes(), type=dict[str, Addressing])
    except (OSError, ValueError):
        return {}
