"""Whether the box's disk takes writes: what the file system says of itself, and how the last tried write ended."""

import errno
import os
from typing import Literal

import msgspec

from linjevakt_agent.base.paths import Paths

FILE = "storage.json"
"""In the tmpfs: how the last tried write ended."""

FULL_BELOW = 256 * 1024
"""Octets: with less free there is no room for another generation."""

State = Literal["writable", "read-only", "full", "failing"]
_BY_ERROR: dict[int, State] = {errno.EROFS: "read-only", errno.ENOSPC: "full", errno.EDQUOT: "full"}
_DETAILS: dict[State, str] = {
    "writable": "",
    "read-only": "the disk is read-only: what is in force stays, nothing new is taken; replace the box's flash",
    "full": "the disk is full: what is in force stays, nothing new is taken; make room on it",
}


class Storage(msgspec.Struct, frozen=True):
    """`detail` says what it means and what to do, empty when all is well."""

    state: State
    detail: str = ""


def read(paths: Paths) -> Storage:
    """The disk as it is now. Who may not write learns of a disk that fails at writes alone from the last try."""
    try:
        found = os.statvfs(paths.base)
    except OSError as error:
        return of_error(error)
    if found.f_flag & os.ST_RDONLY:
        return of_state("read-only")
    if found.f_bfree * found.f_frsize < FULL_BELOW or (found.f_files and not found.f_ffree):
        return of_state("full")
    return _last_tried(paths)


def of_state(state: State) -> Storage:
    """A state that explains itself."""
    return Storage(state, _DETAILS[state])


def of_error(error: OSError) -> Storage:
    """What a refused write says of the disk."""
    if state := _BY_ERROR.get(error.errno or 0):
        return of_state(state)
    said = os.strerror(error.errno or 0)
    return Storage("failing", f"the disk fails ({said}): what is in force stays, nothing new is taken; replace it")


def _last_tried(paths: Paths) -> Storage:
    try:
        return msgspec.json.decode((paths.run / FILE).read_bytes(), type=Storage)
    except (OSError, ValueError):  # not tried yet
        return of_state("writable")
