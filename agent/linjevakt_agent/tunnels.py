"""Loading `swanctl.conf` into a charon, with what swanctl says made reliable."""

import re

from linjevakt_agent import tools
from linjevakt_agent.tools import ToolError

_NOISE = re.compile(r"^(opening directory|loaded |no \w+ found)")
_POINTERS = (
    (r"swanctl\.conf:(\d+)", None),
    (r"unknown option: (\S+),", r"(?m)^\s*{}\s*[={{]"),
    (r"invalid value for: (\S+),", r"(?m)^\s*{}\s*="),
    (r"certificate '(?:[^']*/)?([^'/]+)' failed", r"(?m)^.*{}"),
    (r"connection '([^']+)' failed", r"(?m)^\s*{}\s*\{{"),
)


def load(*options: str) -> None:
    """Make charon's connections and credentials those of the file; raises ToolError if any of it was not accepted.

    swanctl 5.9 exits with 0 after a syntax error and has then unloaded every connection, hence the look at its words.
    It looks for keys and certificates in the directory of the file: give it `/etc/swanctl` (or `$SWANCTL_DIR`).
    """
    try:
        said = tools.run(["swanctl", "--load-all", "--clear", "--noprompt", *options])
    except ToolError as error:
        raise _told(error.output) if error.ran else error from error
    if "invalid config file" in said:
        raise _told(said)


def _told(said: str) -> ToolError:
    lines = [line for line in said.splitlines() if line.strip() and not _NOISE.match(line)]
    return ToolError(tools.trimmed("\n".join(lines)) or tools.trimmed(said), said, ran=True)


def line_of(said: str, body: str) -> int | None:
    """Return the line of `body` (swanctl.conf) that swanctl's words point to."""
    for pattern, place in _POINTERS:
        if not (found := re.search(pattern, said)):
            continue
        if place is None:
            return int(found[1])
        if written := re.search(place.format(re.escape(found[1])), body):
            return body[: written.end()].count("\n") + 1
    return None
