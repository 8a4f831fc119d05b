"""Whether the tunnel to the hub is up, since when and over which line, as charon tells through its vici socket."""

import socket
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vici
from vici.exception import DeserializationException, SessionException

from linjevakt_agent.collect import CollectError, lines, settings
from linjevakt_agent.paths import Paths

SOCKET = "run/charon.vici"
TIMEOUT_S = 2.0
"""charon answers in a millisecond; one whose threads are all taken never does."""

CARRYING = frozenset({"INSTALLED", "REKEYING", "UPDATING"})
"""Child SA states in which packets pass (strongSwan, child_sa.h)."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The IKE connection's state; `age_s` counts from the IKE SA's last (re)keying, `local` is the outer address.

    `up` says that every segment is carried, and the management; it is None where no tunnel is configured: a hub.
    """

    up: bool | None
    detail: str
    age_s: float | None = None
    local: str | None = None
    line: str | None = None


def of(paths: Paths) -> Tunnel:
    """The running configuration's tunnel now. Raises CollectError."""
    configured = settings.agent(paths).tunnel
    if configured is None:
        return Tunnel(up=None, detail="no tunnel is configured")
    return read(paths.root / SOCKET, configured.connection, lines.by_address(lines.read(paths)))


def read(path: Path, connection: str, names: Mapping[str, str]) -> Tunnel:
    """The tunnel now; `path` is charon's vici socket, `names` tells the line of each local address.

    A charon that is not there is a tunnel that is down; one that does not answer properly raises CollectError.
    """
    try:
        return parse(*_ask(path, connection), connection, names)
    except (FileNotFoundError, ConnectionRefusedError):
        return Tunnel(up=False, detail="charon is not running")
    except (OSError, SessionException, DeserializationException, ValueError) as error:
        raise CollectError(f"tunnel: charon at {path}: {str(error) or type(error).__name__}") from error


def _ask(path: Path, connection: str) -> tuple[list[Mapping[str, Any]], Collection[str]]:
    """What there is, and the names of the children that there shall be."""
    with closing(socket.socket(socket.AF_UNIX)) as channel:
        channel.settimeout(TIMEOUT_S)
        channel.connect(str(path))
        session = vici.Session(channel)
        sas = list(session.list_sas({"ike": connection}))
        configured = [event[connection] for event in session.list_conns({"ike": connection}) if connection in event]
        return sas, [name for one in configured for name in one["children"]]


def parse(
    answer: Iterable[Mapping[str, Any]], wanted: Collection[str], connection: str, names: Mapping[str, str]
) -> Tunnel:
    """Read vici's `list-sa` events: {connection: {"state": b"ESTABLISHED", "child-sas": {...}, ...}}.

    `wanted` are the children's names. While the IKE SA is reauthenticated there are two, and the children in either.
    """
    sas = [event[connection] for event in answer if connection in event]
    carrying = [sa for sa in sas if _state(sa) == "ESTABLISHED" and any(map(_carries, _children(sa)))]
    if not carrying:
        return Tunnel(up=False, detail=_why_down(sas, connection))
    newest = min(carrying, key=lambda sa: int(sa["established"]))
    local, remote = newest["local-host"].decode(), newest["remote-host"].decode()
    line = names.get(local)
    detail = f"established with {remote} from {local}" + (f" over {line}" if line else "")
    carried = {child["name"].decode() for sa in carrying for child in _children(sa) if _carries(child)}
    lacking = sorted(set(wanted) - carried)
    if lacking:
        detail += f", without {', '.join(lacking)}"
    return Tunnel(up=not lacking, detail=detail, age_s=float(newest["established"]), local=local, line=line)


def _why_down(sas: list[Mapping[str, Any]], connection: str) -> str:
    if not sas:
        return f"no IKE SA for connection {connection}"
    states = ", ".join(sorted({_state(sa) for sa in sas}))
    children = sorted({_state(child) for sa in sas for child in _children(sa)})
    return f"IKE SA {states}, child SA {', '.join(children) or 'none'}"


def _state(sa: Mapping[str, Any]) -> str:
    return str(sa["state"].decode())


def _children(sa: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    children: Mapping[str, Mapping[str, Any]] = sa.get("child-sas", {})
    return children.values()


def _carries(child: Mapping[str, Any]) -> bool:
    return _state(child) in CARRYING
