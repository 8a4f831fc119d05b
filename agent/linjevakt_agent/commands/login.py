"""What a login over SSH may run: the agent's commands and the few reads of the NAPALM driver; never a shell."""

import os
import re
import shlex
from typing import NoReturn

from linjevakt_agent.base.errors import InvalidError, UnavailableError

AGENT = "linjevakt-agent"

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT = ("HOME", "USER", "LOGNAME", "SSH_CONNECTION")
_HOST = r"[A-Za-z0-9][A-Za-z0-9.:-]{0,252}"
_OF_THE_AGENT = "config|status|prove|openings|facts|readings|identity"
_READS = {
    "ip -json -details -statistics link": r"ip -json -details -statistics link",
    "ip -json addr": r"ip -json addr",
    "ip -json -4 -statistics neigh": r"ip -json -4 -statistics neigh",
    "ping -n -c N -W N -s N -t N [-I FROM] HOST": (
        rf"ping -n -c \d{{1,3}} -W \d{{1,2}} -s \d{{1,5}} -t \d{{1,3}}( -I {_HOST})? {_HOST}"
    ),
    "traceroute -n -m N -w N [-s FROM] HOST": rf"traceroute -n -m \d{{1,3}} -w \d{{1,2}}( -s {_HOST})? {_HOST}",
}
"""How a read is written, for people, and its pattern; N has 1 to 3 digits, after -W and -w 1 or 2, after -s 1 to 5."""

ALLOWED = "allowed: " + "; ".join([f"{AGENT} {_OF_THE_AGENT} (a configuration from stdin, no --root)", *_READS])


def permitted(asked: str) -> list[str]:
    """Return the words of a command that a login may run; raises InvalidError. The agent's own are for it to judge."""
    try:
        words = shlex.split(asked)
    except ValueError as error:
        raise InvalidError(f"the command cannot be split into words ({error}); {ALLOWED}") from error
    if not words:
        raise InvalidError(f"this login is no shell: {ALLOWED}")
    joined = " ".join(words) if not any(re.search(r"\s", word) for word in words) else ""
    if words[0] != AGENT and not any(re.fullmatch(read, joined) for read in _READS.values()):
        raise InvalidError(f"`{short(words)}` is not for a login: {ALLOWED}")
    return words


def short(words: list[str]) -> str:
    """The begin of a command, fit to be shown."""
    return re.sub(r"[^ -~]", "?", " ".join(words))[:60]


def become(words: list[str]) -> NoReturn:
    """Run a read in our place, in a clean environment. Raises UnavailableError when the box does not have it."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        os.execvpe(words[0], words, environment | {"PATH": _PATH, "LC_ALL": "C.UTF-8"})  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise UnavailableError(f"cannot run {words[0]}: {error.strerror}") from error
