"""The composition root of the guard: a real box's store, tools and keys."""

import re

import msgspec

from linjevakt_agent.base import logs, tools
from linjevakt_agent.base.errors import InvalidError, UnavailableError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.config.store import Store
from linjevakt_agent.force.apply import BoxApplier
from linjevakt_agent.force.inspector import BoxInspector
from linjevakt_agent.guard.guard import Guard, Identify
from linjevakt_agent.guard.transaction import Result, Transaction
from linjevakt_agent.validation.checker import NamespaceChecker

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")


def guard(paths: Paths) -> Guard:
    """Return the guard of the box whose files begin at `paths.root`, its log going to standard error."""
    logs.to_stderr("%(levelname)s %(name)s: %(message)s")
    checker = NamespaceChecker(paths)
    inspector = BoxInspector(paths, checker.outcome)
    config = Transaction(paths, Store(paths), BoxApplier(paths, inspector), checker)
    return Guard(paths, config, identify(paths))


def identify(paths: Paths) -> Identify:
    """Return what makes keys: a process of its own, since the library for it is larger than the guard."""

    def ask(name: str | None) -> Result:
        argv = tools.python("linjevakt_agent.identity", "--root", str(paths.root))
        if name and not _HOST_NAME.fullmatch(name):
            raise InvalidError("--name must be a host name: letters, digits, dots and hyphens, at most 63")
        try:
            return msgspec.json.decode(tools.run([*argv, *(["--name", name] if name else [])]), type=Result)
        except ToolError as error:
            raise UnavailableError(f"cannot make the box's keys: {error.message}") from error

    return ask
