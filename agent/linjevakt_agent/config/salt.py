"""The box's own salt for fingerprints of secrets: a change shows, a value does not."""

import secrets
from contextlib import suppress
from pathlib import Path

from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import StorageError

FILE = "salt"
_OCTETS = 32


def of(identity: Path, disk: Disk) -> bytes:
    """Return the salt in `identity`, made where there is none; one that a bad disk does not keep is good for now."""
    if kept := _read(identity / FILE):
        return kept
    made = secrets.token_bytes(_OCTETS)
    with suppress(StorageError):
        disk.furnish(identity, 0o700)
        disk.write(identity / FILE, made.hex(), 0o600)
    return made


def _read(file: Path) -> bytes:
    try:
        return bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # never made, or damaged: another one does as well
        return b""
