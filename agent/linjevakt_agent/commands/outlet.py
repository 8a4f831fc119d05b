"""Standard output and error that fit every reader: one who leaves early, as `head` does, stops nothing and is no error.

What the agent answers is UTF-8 in any locale, for programs and files take it; what it says beside that is in the
letters of the terminal, with `?` for those it lacks.
"""

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def fit() -> None:
    """Puts them in the place of the process's own streams; one that is closed, or somebody else's, stays as it is."""
    if sys.stdout is sys.__stdout__ and sys.stdout:
        sys.stdout = _fitting(sys.stdout, _Answers, "utf-8")
    if sys.stderr is sys.__stderr__ and sys.stderr:
        sys.stderr = _fitting(sys.stderr, _Outlet, sys.stderr.encoding)


def _fitting(stream: TextIO, kind: type["_Outlet"], encoding: str) -> TextIO:
    outlet = io.BufferedWriter(kind(stream.fileno()))
    return io.TextIOWrapper(outlet, encoding=encoding, errors="replace", line_buffering=bool(stream.line_buffering))


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
        """Raises OSError."""
        raise OSError(error.errno, error.strerror, "standard output") from error
