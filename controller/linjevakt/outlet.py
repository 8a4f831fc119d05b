"""Standard output and error that fit every terminal: letters it lacks are replaced, and a reader may leave early.

A command that a `head` reads does its work to the end and exits with its own code: what nobody takes is dropped.
"""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def fit() -> None:
    """Puts them in the place of the process's own streams; one that is closed, or somebody else's, stays as it is."""
    if sys.stdout is sys.__stdout__ and sys.stdout:
        sys.stdout = _fitting(sys.stdout, "standard output")
    if sys.stderr is sys.__stderr__ and sys.stderr:
        sys.stderr = _fitting(sys.stderr, "standard error")


def _fitting(stream: TextIO, called: str) -> TextIO:
    outlet = io.BufferedWriter(_Outlet(stream.fileno(), called))
    return io.TextIOWrapper(
        outlet, encoding=stream.encoding, errors="replace", line_buffering=bool(stream.line_buffering)
    )


class _Outlet(io.FileIO):
    """A descriptor that is written to until its reader leaves or it fails; it says the latter once, as an OSError."""

    def __init__(self, descriptor: int, called: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._called = called
        self._is_over = False

    def write(self, octets: "ReadableBuffer", /) -> int:
        """See io.RawIOBase; all octets are taken once it is over. Raises OSError that names the stream."""
        if not self._is_over:
            try:
                return super().write(octets)
            except BrokenPipeError:
                self._is_over = True
            except OSError as error:
                self._is_over = True
                raise OSError(error.errno, error.strerror, self._called) from error
        return memoryview(octets).nbytes
