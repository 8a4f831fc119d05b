"""Whether the disk takes writes: as the file system says, and as the last tried write ended."""

import asyncio
import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import storage
from linjevakt_agent.machine import storagewatch

ROOMY = SimpleNamespace(f_flag=0, f_bfree=100_000, f_frsize=4096, f_files=1000, f_ffree=900)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A box with a disk."""
    found = Paths(tmp_path)
    found.base.mkdir(parents=True)
    found.run.mkdir(parents=True)
    return found


def refusing(number: int) -> Disk:
    """A disk that refuses every step."""

    def refuse(_step: str) -> None:
        raise OSError(number, os.strerror(number))

    return Disk(refuse)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "writable"),
        ({"f_flag": os.ST_RDONLY}, "read-only"),
        ({"f_bfree": 10}, "full"),
        ({"f_ffree": 0}, "full"),
        ({"f_files": 0, "f_ffree": 0}, "writable"),  # btrfs and others count no inodes
        ({"f_flag": os.ST_RDONLY, "f_bfree": 0}, "read-only"),
    ],
)
def test_what_the_file_system_says_of_itself_is_believed(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, said: dict[str, int], state: str
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**(vars(ROOMY) | said)))
    found = storage.read(paths)
    assert (found.state, bool(found.detail)) == (state, state != "writable")


@pytest.mark.parametrize(
    ("number", "state"),
    [(errno.EROFS, "read-only"), (errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EIO, "failing")],
)
def test_a_refused_write_says_what_is_wrong(paths: Paths, number: int, state: str) -> None:
    found = storagewatch.tried(paths, refusing(number))
    assert found.state == state
    assert found.detail
    assert storagewatch.tried(paths).state == "writable"


def test_a_disk_that_fails_at_writes_alone_is_known_from_the_last_try(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: ROOMY)
    monkeypatch.setattr(storagewatch, "Disk", lambda: refusing(errno.EIO))

    async def watched() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(storagewatch.watch(paths.root), 0.5)

    asyncio.run(watched())
    found = storage.read(paths)
    assert found.state == "failing"
    assert "Input/output error" in found.detail


def test_without_a_disk_at_all_it_is_no_writable_one(tmp_path: Path) -> None:
    assert storage.read(Paths(tmp_path)).state == "failing"
