"""Tries now and then whether the disk still takes a write, for a worn one may say so in no other way, and tells it."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import msgspec

from linjevakt_agent.base import volatile
from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import storage
from linjevakt_agent.collect.storage import Storage

WELL_S = 600.0
"""Pause after a write that was taken: each one wears the flash by a few blocks."""

ILL_S = 10.0
"""Pause after one that was not, or that the file system says will not be."""

FILE = "tried"
log = logging.getLogger(__name__)


async def watch(root: Path) -> None:
    """Try, publish, wait, for ever. A disk that hangs keeps nobody but this waiting."""
    paths, told = Paths(root), storage.of_state("writable")
    while True:
        found = await asyncio.to_thread(tried, paths)
        with suppress(OSError):  # the tmpfs is full as well: what the file system says itself is told all the same
            volatile.publish(paths.run / storage.FILE, msgspec.json.encode(found))
        if found != told:
            log.warning("the disk is %s%s", found.state, f": {found.detail}" if found.detail else "")
        told = found
        await _until_due(paths, found)


async def _until_due(paths: Paths, found: Storage) -> None:
    waited = 0.0
    while waited < (WELL_S if found.state == "writable" else ILL_S):
        await asyncio.sleep(ILL_S)
        waited += ILL_S
        if storage.read(paths).state != found.state:
            return


def tried(paths: Paths, disk: Disk | None = None) -> Storage:
    """Write a small file to the disk, and say how that ended."""
    try:
        (disk or Disk()).write(paths.base / FILE, "")
    except StorageError as error:
        cause = error.__cause__
        return storage.of_error(cause if isinstance(cause, OSError) else OSError())
    return storage.of_state("writable")
