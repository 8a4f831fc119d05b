"""Loading `swanctl.conf` into a charon: what swanctl says made reliable, a new certificate without a gap."""

import os
import re
import signal
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import vici
from vici.exception import CommandException

from linjevakt_agent.base import tools
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.base.volatile import publish, started, uptime
from linjevakt_agent.ipsec import charon
from linjevakt_agent.ipsec.charon import NotRunningError

LOCK = "tunnels.lock"
"""In `/run/linjevakt`: held by whoever starts or replaces SAs, so that no child is started twice."""

USUAL = frozenset({"wan0", "wan1", "wan2", "wan3"})
"""The lines that charon knows from `strongswan.conf`."""

INTERFACES = "charon.conf"
"""In `/run/linjevakt`, which `strongswan.conf` includes: the lines that charon knows, where there are others."""

_VICI_TIMEOUT_S = 5.0
_PATIENCE_S = 5.0
"""Long enough for one lost packet (the first retransmissions come after 1.0 and 2.3 s, strongswan.conf)."""

_AUTHENTICATED = {b"ESTABLISHED", b"REKEYING", b"REKEYED"}
"""Whose peer has shown its certificate; a rekeying does not look at it again (RFC 7296, section 2.8)."""

_NOISE = re.compile(r"^(opening directory|loaded |no \w+ found|expanding file pattern)")
_NAME = re.compile(r"(?<=[=,] )[a-z][a-z0-9.-]*")
_POINTERS = (
    (r"swanctl\.conf:(\d+)", None),
    (r"unknown option: (\S+),", r"(?m)^\s*{}\s*[={{]"),
    (r"invalid value for: (\S+),", r"(?m)^\s*{}\s*="),
    (r"certificate '(?:[^']*/)?([^'/]+)' failed", r"(?m)^.*{}"),
    (r"connection '([^']+)' failed", r"(?m)^\s*{}\s*\{{"),
)


def introduce(lines: frozenset[str], run: Path, vici_socket: Path) -> None:
    """Have charon start tunnels from these lines too: it reads their names once, so it may have to be started anew.

    Those that it knows stay known: without a line's address they start nothing. Its service starts it again, and it has
    all that was loaded to get anew. Raises OSError, ToolError.
    """
    file = run / INTERFACES
    written = file.read_text("ascii") if file.exists() else ""
    if not lines <= (known := USUAL.union(_NAME.findall(written))):
        names = ", ".join(sorted(known | lines))
        written = f"# {uptime()}\ncharon {{\n    interfaces_use = {names}\n}}\n"
        publish(file, written.encode())
    if written:
        with suppress(NotRunningError, FileNotFoundError, ProcessLookupError):
            _end_older(_process(vici_socket), float(written.split()[1]))


def _process(vici_socket: Path) -> int:
    with charon.session(vici_socket) as session:
        return charon.process(session)


def _end_older(pid: int, moment: float) -> None:
    """End the process if it was there before that moment (seconds since boot), and see it gone."""
    if started(pid) < moment:
        os.kill(pid, signal.SIGTERM)
        if not _wait_until(lambda: not Path(f"/proc/{pid}").exists()):
            os.kill(pid, signal.SIGKILL)


def load(*options: str) -> None:
    """Make charon's connections and credentials those of the file; raises ToolError if any of it was not accepted.

    Children that are the same as before keep their SAs. It looks for keys and certificates in the directory of the
    file: give it `/etc/swanctl` (or `$SWANCTL_DIR`).
    """
    _swanctl("--load-all", "--clear", "--noprompt", *options)


def reauthenticate(vici_socket: Path, none: Path) -> None:
    """Show the hub our certificate, and look at its own, anew, make before break; call `load` afterwards.

    Either end looks at the other's certificate only once: the hub holds an IKE SA to the address blocks that it was
    shown, so what is new must wait for this, and what is gone ends with it; a hub that was revoked since is refused
    now. If the hub does not go along, every SA is cut for `load` to build anew: nothing may live on under an old
    certificate. `none` is a file without connections. Raises ToolError.
    """
    _swanctl("--load-creds", "--clear", "--noprompt")
    with charon.session(vici_socket, _VICI_TIMEOUT_S) as session:
        if not _replaced(session):
            load("--file", str(none))
            _cut(session)


def complete(vici_socket: Path) -> None:
    """Start every child that a tunnel of ours lacks: charon starts what `load` changes, not what was refused before.

    Of a tunnel that is not up charon tries all, until it is. Raises ToolError.
    """
    with charon.session(vici_socket, _VICI_TIMEOUT_S) as session:
        _wait_until(lambda: not any(_busy(sa) for _name, sa in _ours(session)))
        for name, sa in _ours(session):
            if sa["state"] == b"ESTABLISHED":
                for child in charon.children(session, name) - _there(sa):
                    with suppress(CommandException):  # the proof tells what is not up
                        charon.initiate(session, name, child)


def end(vici_socket: Path, peers: Collection[str]) -> None:
    """End every IKE SA with one of these identities, in whatever state it is. Raises ToolError.

    Called once their certificates are refused, none escapes: charon lists an SA that a thread is busy with when that
    thread has done, and one whose peer has not said who it is has its certificate still to show.
    """
    with charon.session(vici_socket, _VICI_TIMEOUT_S) as session:
        there = [sa for event in session.list_sas() for sa in event.values()]
        for sa in there:
            if sa["remote-id"].decode(errors="replace").lower() in peers:  # charon does not tell RTR-A from rtr-a
                cut(session, sa["uniqueid"])


def cut(session: vici.Session, number: bytes | str) -> None:
    """End an IKE SA without waiting for the peer; one that is gone already is no error."""
    with suppress(CommandException):
        list(session.terminate({"ike-id": number, "force": "yes", "timeout": "-1"}))


def _replaced(session: vici.Session) -> bool:
    """Reauthenticate every IKE SA of ours; whether each has given way to another in time."""
    before = {sa["uniqueid"] for _name, sa in _ours(session) if sa["state"] in _AUTHENTICATED}
    for number in before:
        session.rekey({"ike-id": number, "reauth": "yes"})
    return _wait_until(lambda: before.isdisjoint(sa["uniqueid"] for _name, sa in _ours(session)))


def _wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while not (done := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


def _ours(session: vici.Session) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the IKE SAs that this box began, each with its connection's name: a site's, none of a hub's."""
    return [(name, sa) for event in session.list_sas() for name, sa in event.items() if sa.get("initiator") == b"yes"]


def _busy(sa: Mapping[str, Any]) -> bool:
    return sa["state"] == b"ESTABLISHED" and charon.creating(sa)


def _there(sa: Mapping[str, Any]) -> set[str]:
    return {child["name"].decode() for child in sa["child-sas"].values()}


def _cut(session: vici.Session) -> None:
    for _name, sa in _ours(session):
        cut(session, sa["uniqueid"])


def _swanctl(*arguments: str) -> None:
    """Run swanctl; 5.9 exits with 0 after a syntax error and has then unloaded all, hence the look at its words."""
    try:
        said = tools.run(["swanctl", *arguments])
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
