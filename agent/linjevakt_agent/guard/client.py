"""Talks to the guard: one JSON line there, one back."""

import socket
import time
from typing import Any

import msgspec

from linjevakt_agent.base.errors import InvalidError, UnavailableError, from_json, reason
from linjevakt_agent.base.paths import Paths

LONGEST_REQUEST = 8 * 1024 * 1024
"""Octets that the guard reads of one request."""

_CONNECT_S = 5.0
"""How long a guard may be away: its supervisor starts it again within a second or two."""

_CROWDED_S = 30.0
"""How long to try while too many wait to be accepted: the guard accepts them all between two requests."""

_ANSWER_S = 180.0


def call(paths: Paths, op: str, **fields: object) -> dict[str, Any]:
    """Have the guard carry out `op` (see guard.Request) and return its result.

    Raises the ConfigError that the guard answers with, InvalidError if the request is too long for it, or
    UnavailableError if it does not answer.
    """
    request = msgspec.json.encode({"op": op, **fields}) + b"\n"
    if len(request) > LONGEST_REQUEST:
        raise InvalidError(f"more than {LONGEST_REQUEST >> 20} MiB: no router's configuration is so large")
    with _connected(paths) as connection:
        try:
            connection.sendall(request)
            with connection.makefile("rb") as answers:
                line = answers.readline()
        except OSError as error:
            raise _went_away(op) from error
    if not line.endswith(b"\n"):
        raise _went_away(op)
    answer = msgspec.json.decode(line, type=dict[str, dict[str, Any]])
    if "error" in answer:
        raise from_json(answer["error"])
    return answer["ok"]


def _connected(paths: Paths) -> socket.socket:
    began = time.monotonic()
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_ANSWER_S)
        try:
            connection.connect(str(paths.socket))
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError) as error:
            connection.close()
            crowded = isinstance(error, BlockingIOError)  # connect(2) of unix(7): the listen backlog is full
            if time.monotonic() - began > (_CROWDED_S if crowded else _CONNECT_S):
                why = "too many wait for the guard" if crowded else "no guard listens: is the service `guard` up?"
                raise UnavailableError(f"{paths.socket}: {why}") from error
            time.sleep(0.1)
        except PermissionError as error:
            connection.close()
            raise UnavailableError(f"{paths.socket}: only root and the group `linjevakt` may use the guard") from error
        except OSError as error:
            connection.close()
            raise UnavailableError(f"{paths.socket}: {reason(error)}") from error
        else:
            return connection


def _went_away(op: str) -> UnavailableError:
    return UnavailableError(f"the guard went away during '{op}'; ask `linjevakt-agent config status` how it ended")
