"""The guard's end of validation: a child process with nothing to steal tries a configuration with the real tools."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from linjevakt_agent.base import errors, tools
from linjevakt_agent.base.errors import ConfigError, StorageError, UnavailableError
from linjevakt_agent.base.paths import PUBLIC_KEY, REVOKED, ROUTER_PUBLIC, Paths
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force.drift import View

_CELL = "/usr/lib/linjevakt/cell"
_ELSEWHERE = ("unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--", _CELL)


class NamespaceChecker:
    """Runs `validate` in a cell: no keys, an empty network, files and processes that end with it.

    A process of its own also keeps the guard small: what parses certificates is gone when the answer is there.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        for left in paths.run.glob("check-*"):  # by a guard that was killed: no secret stays behind
            shutil.rmtree(left, ignore_errors=True)

    def check(self, sections: Sections, timeout: float) -> None:
        """Raise InvalidError naming section and line; StorageError or UnavailableError if it could not be tried."""
        self._try(sections, timeout)

    def outcome(self, sections: Sections, timeout: float) -> View:
        """Return what these sections come to where they are loaded; raises ConfigError if it cannot be found out."""
        said = self._try(sections, timeout, "--outcome")
        try:
            return msgspec.json.decode(said.strip().splitlines()[-1], type=dict[str, tuple[str, ...]])
        except (IndexError, msgspec.DecodeError) as error:
            raise UnavailableError(f"a trial of the running configuration ended without a word: {error}") from error

    def _try(self, sections: Sections, timeout: float, *options: str) -> str:
        with self._written(sections) as directory:
            trial = tools.python("linjevakt_agent.validation.validate", str(directory), *options)
            try:
                return tools.run([*_ELSEWHERE, str(directory), *trial], timeout=timeout)
            except ToolError as error:
                raise _verdict(error) from error

    @contextmanager
    def _written(self, sections: Sections) -> Iterator[Path]:
        """Write to the tmpfs, for root's eyes only, the sections and what of the box itself a trial may know."""
        try:
            self._paths.run.mkdir(parents=True, exist_ok=True)
            directory = Path(tempfile.mkdtemp(prefix="check-", dir=self._paths.run))
        except OSError as error:
            raise StorageError(f"cannot write to {self._paths.run}: {os.strerror(error.errno or 0)}") from error
        try:
            for name, body in sections.items():
                (directory / name).write_bytes(body.encode())
            for name, source in self._known().items():
                with suppress(FileNotFoundError):  # the trial says what is missing
                    shutil.copyfile(source, directory / name)
            yield directory
        except OSError as error:
            raise StorageError(f"cannot write to {directory}: {os.strerror(error.errno or 0)}") from error
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _known(self) -> dict[str, Path]:
        return {PUBLIC_KEY: self._paths.identity / ROUTER_PUBLIC, REVOKED: self._paths.section("ca.crl")}


def _verdict(error: ToolError) -> ConfigError:
    lines = error.output.strip().splitlines()
    try:
        return errors.from_json(msgspec.json.decode(lines[-1], type=dict[str, str | int | None]))
    except (IndexError, msgspec.DecodeError):
        return UnavailableError(f"the configuration could not be checked: {lines[-1] if lines else error.message}")
