"""The few changes that the store makes to the file system, each on the disk before the next one begins."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from linjevakt_agent.base.errors import StorageError

_STATES = {errno.EROFS: "the disk is read-only", errno.ENOSPC: "the disk is full", errno.EIO: "the disk is broken"}


def _stays_on(_step: str) -> None:
    """Let the change happen: the power stays on."""


class Disk:
    """Durable file operations: what has returned survives a power cut (fsync of the file and of its directory).

    `before_step` is called ahead of every single change, so that a test can cut the power between any two of them.
    All raise StorageError when the disk is full, read-only or broken.
    """

    def __init__(self, before_step: Callable[[str], None] = _stays_on) -> None:
        self._before_step = before_step

    @contextmanager
    def _step(self, what: str, path: Path) -> Iterator[None]:
        try:
            self._before_step(f"{what} {path.name}")
            yield
        except OSError as error:
            raise StorageError(refusal(f"cannot {what} {path}", error)) from error

    def furnish(self, directory: Path, mode: int) -> None:
        """Make sure that a directory is there with its mode; a disk that has it so is not written to."""
        if _has(directory, mode):
            return
        with self._step("furnish", directory):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(mode)

    def write(self, path: Path, data: str, mode: int = 0o640) -> None:
        """Write a file whole or not at all: readers see the old content or the new, and never one open to others."""
        fresh = path.with_name(f".{path.name}.new")
        with self._step("write", fresh), create(fresh, mode) as file:
            file.write(data.encode())
            file.flush()
            os.fsync(file.fileno())
        self.rename(fresh, path)

    def link(self, target: Path, link: Path) -> None:
        """Make `link` a symlink to `target` in one step, whatever it was before; the link is relative."""
        fresh = link.with_name(f".{link.name}.new")
        with self._step("link", fresh):
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.path.relpath(target, link.parent))
        self.rename(fresh, link)

    def rename(self, source: Path, target: Path) -> None:
        """Rename within one file system, replacing a file or symlink of that name."""
        with self._step("rename", source):
            source.replace(target)
            sync_directory(target.parent)

    def make_directory(self, path: Path, files: dict[str, tuple[str, int]]) -> None:
        """Make a directory with `files` (name -> content, mode) appear whole; one already there is replaced.

        It is closed to others until it is whole.
        """
        fresh = path.with_name(f".{path.name}.new")
        with self._step("make", fresh):
            _clear(fresh)
            fresh.mkdir(mode=0o700)
            fresh.chmod(0o2700)  # files get our group
        try:
            for name, (content, mode) in files.items():
                self.write(fresh / name, content, mode)
        except StorageError:
            shutil.rmtree(fresh, ignore_errors=True)  # a full disk has no room for half a directory
            raise
        self.remove(path)
        with self._step("open", fresh):
            fresh.chmod(0o2711)  # services that have left root behind read files here that they know the names of
        self.rename(fresh, path)

    def remove(self, path: Path) -> None:
        """Remove a file, a symlink (not its target) or a directory with all in it, if it is there."""
        if not os.path.lexists(path):
            return
        if path.is_dir() and not path.is_symlink():
            self._remove_directory(path)
            return
        with self._step("remove", path):
            path.unlink(missing_ok=True)
            sync_directory(path.parent)

    def sweep(self, directory: Path) -> None:
        """Remove what operations that were cut short have left."""
        for left in (*directory.glob(".*.new"), *directory.glob(".*.gone")):
            with self._step("sweep", left):
                _clear(left)

    def _remove_directory(self, path: Path) -> None:
        gone = path.with_name(f".{path.name}.gone")  # one half removed must never be taken for a whole one
        with self._step("clear", gone):
            shutil.rmtree(gone, ignore_errors=True)
        self.rename(path, gone)
        with self._step("remove", gone):
            shutil.rmtree(gone)


def refusal(what: str, error: OSError) -> str:
    """Return why something could not be written, the disk's state first where the error tells it."""
    state = _STATES.get(error.errno or 0)
    return f"{f'{state}: ' if state else ''}{what}: {error.strerror or error}"


def _has(directory: Path, mode: int) -> bool:
    try:
        found = directory.stat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(found) and stat.S_IMODE(found) == mode


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def create(path: Path, mode: int) -> BinaryIO:
    """Open a new file for writing that never was more open than `mode`; what lay there, a link above all, is removed.

    Raises OSError, also when another puts something there meanwhile.
    """
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(handle, mode)  # whatever the umask
    return os.fdopen(handle, "wb")


def read_text(path: Path) -> str:
    """Return a file's text as its bytes have it: `Path.read_text` takes CR for the end of a line. Raises OSError.

    Noise that a bad disk has put there becomes U+FFFD: the text is another one than was written, and can be told of.
    """
    return path.read_bytes().decode("utf-8", "replace")


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
