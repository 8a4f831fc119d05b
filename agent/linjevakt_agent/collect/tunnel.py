"""Whether the tunnel to the hub is up, since when and over which line, as charon tells through its vici socket."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError, lines, settings
from linjevakt_agent.ipsec import charon
from linjevakt_agent.ipsec.charon import CharonError, NotRunningError
from linjevakt_agent.ipsec.refusals import Refusal, Validity

FILE = "tunnel.json"
"""Where `run` tells why the tunnel is not whole, if it knows: a Refusal, or null."""

LIVING = frozenset({"ESTABLISHED", "REKEYING"})
"""IKE SA states in which its children are its own, and carry (strongSwan, ike_sa.h)."""

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
    """The running configuration's tunnel now; root alone may ask. Raises CollectError."""
    configured = settings.agent(paths).tunnel
    if configured is None:
        return Tunnel(up=None, detail="no tunnel is configured")
    found = read(paths.root / charon.SOCKET, configured.connection, lines.by_address(lines.read(paths)))
    refusal = None if found.up else _refusal(paths.run / FILE)
    return replace(found, detail=f"{found.detail}; {refusal}") if refusal else found


def refused(paths: Paths) -> Validity | None:
    """When the certificate is good that charon last refused by this box's clock, if it still does."""
    try:
        refusal = _refusal(paths.run / FILE)
    except CollectError:
        return None
    return refusal.validity if refusal else None


def _refusal(path: Path) -> Refusal | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Refusal | None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CollectError(f"tunnel: {path}: {reason(error)}") from error


def read(path: Path, connection: str, names: Mapping[str, str], timeout_s: float = charon.TIMEOUT_S) -> Tunnel:
    """The tunnel now; `path` is charon's vici socket, `names` tells the line of each local address.

    A charon that is not there is a tunnel that is down; one that does not answer properly raises CollectError.
    """
    try:
        with charon.session(path, timeout_s) as asked:
            return parse(charon.sas(asked, connection), charon.children(asked, connection), connection, names)
    except NotRunningError as error:
        return Tunnel(up=False, detail=error.message)
    except CharonError as error:
        raise CollectError(f"tunnel: {error.message}") from error


def parse(
    sas: Collection[Mapping[str, Any]], wanted: Collection[str], connection: str, names: Mapping[str, str]
) -> Tunnel:
    """Read the connection's IKE SAs as vici tells them; `wanted` are the children's names.

    While the IKE SA is reauthenticated there are two, and the children in either.
    """
    carrying = [sa for sa in sas if _state(sa) in LIVING and any(map(_carries, _children(sa)))]
    if not carrying:
        return Tunnel(up=False, detail=_why_down(sas, connection))
    newest = min(carrying, key=lambda sa: int(sa["established"]))
    local, remote = newest["local-host"].decode(), newest["remote-host"].decode()
    line = names.get(local)
    detail = f"established with {remote} from {local}" + (f" over {line}" if line else "")
    missing = lacking(sas, wanted)
    if missing:
        detail += f", without {', '.join(sorted(missing))}"
    return Tunnel(up=not missing, detail=detail, age_s=float(newest["established"]), local=local, line=line)


def lacking(sas: Iterable[Mapping[str, Any]], wanted: Collection[str]) -> frozenset[str]:
    """Return those of the children `wanted` that none of the IKE SAs carries."""
    carried = {
        child["name"].decode() for sa in sas if _state(sa) in LIVING for child in _children(sa) if _carries(child)
    }
    return frozenset(wanted) - carried


def under_way(sas: Iterable[Mapping[str, Any]]) -> bool:
    """Whether charon itself is at it: makes an IKE SA or a new one of an old one, or asks for a child."""
    return any(_state(sa) in {"CREATED", "CONNECTING", "REKEYING"} or charon.creating(sa) for sa in sas)


def _why_down(sas: Collection[Mapping[str, Any]], connection: str) -> str:
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
