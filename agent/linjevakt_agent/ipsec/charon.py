"""charon asked over its vici socket, for a bounded time whatever it does."""

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import vici
from vici.exception import CommandException, DeserializationException, EventUnknownException, SessionException

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.base.volatile import peer

SOCKET = "run/charon.vici"
"""Below the root; root alone may open it: whoever may can end any tunnel and load any other, past the guard."""

BARRED = "barred-"
"""What the connections begin with that have no children: by them a hub bars somebody who has a router's certificate."""

TIMEOUT_S = 2.0
"""charon answers in a millisecond; one whose threads are all taken never does."""


_REFUSED = (CommandException, EventUnknownException)
_NONSENSE = (
    SessionException,
    DeserializationException,
    struct.error,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
)
"""What vici, and whoever reads what it gives, stumble over when the octets are not what charon says of itself."""


class CharonError(ToolError):
    """charon does not answer, or not as it should."""


class NotRunningError(CharonError):
    """Nobody listens at the socket."""


@contextmanager
def session(path: Path, timeout_s: float = TIMEOUT_S) -> Iterator[vici.Session]:
    """Ask at charon's vici socket; each answer may take `timeout_s` seconds. Raises CharonError."""
    try:
        with closing(socket.socket(socket.AF_UNIX)) as channel:
            channel.settimeout(timeout_s)
            # vici forgets the time-out in the middle of a packet, and there the kernel remembers it
            whole, part = divmod(timeout_s, 1)
            channel.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(whole), int(part * 1_000_000))
            )
            channel.connect(str(path))
            yield vici.Session(channel)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError("charon is not running") from error
    except BlockingIOError as error:
        raise CharonError(f"charon at {path}: timed out") from error
    except (OSError, *_REFUSED) as error:
        raise CharonError(f"charon at {path}: {reason(error)}") from error
    except _NONSENSE as error:
        raise CharonError(f"charon at {path} makes no sense: {type(error).__name__} {reason(error)}") from error


def process(asked: vici.Session) -> int:
    """The process at the other end, as the kernel knows it."""
    return peer(asked.transport.socket)


def sas(asked: vici.Session, connection: str) -> list[Mapping[str, Any]]:
    """Return the connection's IKE SAs: `{"state": b"ESTABLISHED", "child-sas": {...}, ...}`."""
    return [event[connection] for event in asked.list_sas({"ike": connection}) if connection in event]


def children(asked: vici.Session, connection: str) -> frozenset[str]:
    """Return the names of the children that the connection shall have, as loaded; none if it is not."""
    loaded = [event[connection] for event in asked.list_conns({"ike": connection}) if connection in event]
    return frozenset(name for one in loaded for name in one["children"])


def initiate(asked: vici.Session, connection: str, child: str) -> None:
    """Have a child started, in an IKE SA that there is or a new one; does not wait. Raises CommandException."""
    list(asked.initiate({"ike": connection, "child": child, "timeout": "-1"}))


def creating(sa: Mapping[str, Any]) -> bool:
    """Whether a child is asked for, or will be, in this IKE SA."""
    return b"CHILD_CREATE" in (*sa.get("tasks-queued", ()), *sa.get("tasks-active", ()))
