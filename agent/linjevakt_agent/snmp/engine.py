"""This SNMP engine's identity, clock and count of starts, which outlives power cuts (RFC 3414 section 2.2)."""

import logging
import time
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import StorageError
from linjevakt_agent.base.paths import Paths

log = logging.getLogger(__name__)

MAX_BOOTS = 2**31 - 1
"""From here the count stays, and the engine answers no authenticated request until it gets a new engine id."""
MAX_MESSAGE_SIZE = 65507
"""Octets of the largest UDP payload over IPv4."""
FILE = "snmp-engine.json"


class Kept(msgspec.Struct, frozen=True):
    """What stands on the disk."""

    engine_id: str
    boots: Annotated[int, msgspec.Meta(ge=0, le=MAX_BOOTS)]


@dataclass(frozen=True, slots=True)
class Engine:
    """This SNMP engine (RFC 3411) since its start, `started` on the monotonic clock."""

    engine_id: bytes
    boots: int
    max_message_size: int = MAX_MESSAGE_SIZE
    started: float = field(default_factory=time.monotonic)

    def time(self) -> int:
        """snmpEngineTime, in seconds."""
        return int(time.monotonic() - self.started)

    def up_time(self) -> int:
        """sysUpTime, in hundredths of a second; wraps after 497 days."""
        return int((time.monotonic() - self.started) * 100) % 2**32


def start(paths: Paths, engine_id: str) -> Engine:
    """Count one more start of the engine `engine_id` (hexadecimal), on the disk before anybody is answered."""
    boots = min(_last_boots(paths, engine_id) + 1, MAX_BOOTS)
    try:
        Disk().write(paths.base / FILE, msgspec.json.encode(Kept(engine_id, boots)).decode())
    except (OSError, StorageError) as error:  # a full disk is a reason to be seen by the monitoring, not to go silent
        log.error("snmpEngineBoots could not be kept: %s", error)  # noqa: TRY400 the cause is all in the message
    return Engine(bytes.fromhex(engine_id), boots)


def _last_boots(paths: Paths, engine_id: str) -> int:
    """0 for an engine id that was never used; a count that cannot be read is taken as the highest (section 2.2.2)."""
    path = paths.base / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        log.error("%s: %s; SNMP stays closed until agent.toml has a new engine_id", path, error)  # noqa: TRY400
        return MAX_BOOTS
    return kept.boots if kept.engine_id == engine_id else 0
