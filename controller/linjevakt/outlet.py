"""Standard output and error that fit every terminal: letters it lacks are replaced, and a reader may leave early.

A command that a `head` reads does its work to the end and exits with its own code: what nobody takes is dropped.
"""

import io
import sys
from typing import TYPE_CHECKING, TextIO

from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputError(OSError):
    """Standard output cannot be written, as on a full disk; so nothing more can be told there."""


def fit() -> None:
    """Puts them in the place of the process's own streams; one that is closed, or somebody else's, stays as it is."""
    if sys.stdout is sys.__stdout__ and sys.stdout:
        sys.stdout = _fitting(sys.stdout, _Answers)
    if sys.stderr is sys.__stderr__ and sys.stderr:
        sys.stderr = _fitting(sys.stderr, _Outlet)


def _fitting(stream: TextIO, kind: type["_Outlet"]) -> TextIO:
    outlet = io.BufferedWriter(kind(stream.fileno()))
    return io.TextIOWrapper(
        outlet, encoding=stream.encoding, errors="replace", line_buffering=bool(stream.line_buffering)
    )


class _Outlet(io.FileIO):
    """A descriptor that is written to until its reader leaves or it fails."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._is_over = False

    def write(self, octets: "ReadableBuffer", /) -> int:
        """See io.RawIOBase; all octets are taken once it is over. Raises what `failed` does."""
        if not self._is_over:
            try:
                return super().write(octets)
            except BrokenPipeError:
                self._is_over = True
            except OSError as error:
                self._is_over = True
                self.failed(error)
        return memoryview(octets).nbytes

    def failed(self, error: OSError) -> None:
        """Of standard error: nobody is left to be told."""


class _Answers(_Outlet):
    """Standard output: standard error can tell that it failed, once."""

    def failed(self, error: OSError) -> None:
        """Raises OutputError."""
        raise OutputError(error.errno, error.strerror, Saying("standard output")) from error
