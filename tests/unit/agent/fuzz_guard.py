"""Throws made-up requests at a guard: seeded, so that what was found can be found again."""

import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

from tests.unit.agent.conftest import GuardProcess
from tests.unit.agent.fake_box import config

GRACE_S = 20.0
"""A guard that answers nothing for so long hangs (the machine may be busy)."""

_A_CONNECTION = 40
_OPERATIONS = ("load", "diff", "commit", "confirm", "rollback", "discard", "show", "status", "identity", "reboot", "")
_FIELDS = ("op", "session", "mode", "text", "revert_in", "message", "place", "sanitized", "name", "nonsense")


def requests(seed: int, count: int) -> Iterator[bytes]:
    """Yield `count` lines, without their ends."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be guessed
    makers = (_random_octets, _changed_request, _changed_octets, _deep, _huge_number, _text)
    for _ in range(count):
        yield chance.choice(makers)(chance).replace(b"\n", b" ")


def throw(guard: GuardProcess, seed: int, count: int) -> int:
    """Send them, some in pieces and some with the connection cut; return how many were answered.

    Every whole request must be answered by one line of JSON with `ok` or `error`, within `GRACE_S`.
    """
    chance, answered, batch = random.Random(seed), 0, []  # noqa: S311
    for number, line in enumerate(requests(seed, count), start=1):
        batch.append(line)
        if len(batch) == _A_CONNECTION or number == count:
            answered += _conversation(guard, chance, batch)
            batch = []
    return answered


def _conversation(guard: GuardProcess, chance: random.Random, lines: list[bytes]) -> int:
    with socket.socket(socket.AF_UNIX) as asking, asking.makefile("rb") as answers:
        asking.settimeout(GRACE_S)
        asking.connect(str(guard.paths.socket))
        for line in lines:
            cut = chance.randrange(len(line) + 1)
            asking.sendall(line[:cut])
            asking.sendall(line[cut:] + b"\n")
            answer = json.loads(answers.readline())
            assert len(answer) == 1, answer
            assert set(answer) <= {"ok", "error"}, answer
            assert answer.get("error", {}).get("kind") != "unavailable", (line[:200], answer)
        with suppress(OSError):  # half a request, and away
            asking.sendall(chance.randbytes(chance.randrange(64)).replace(b"\n", b""))
    return len(lines)


def _request(chance: random.Random) -> dict[str, object]:
    values: tuple[Callable[[], object], ...] = (
        lambda: chance.choice(("", "s", "replace", "merge", "running", "candidate", "\0", "\x1b[2J", "æ", "x" * 5000)),
        lambda: chance.choice((0, -1, 0.01, 1e308, -1e308, 2**63, 2**64, 10**40, True, None)),
        lambda: [[]] * chance.randrange(5),
        lambda: {"op": "status"},
        lambda: config(chance.choice("abc")),
    )
    fields = chance.sample(_FIELDS, chance.randrange(len(_FIELDS)))
    request = {name: chance.choice(values)() for name in fields}
    request["op"] = chance.choice(_OPERATIONS)
    return request


def _changed_request(chance: random.Random) -> bytes:
    return json.dumps(_request(chance)).encode()


def _changed_octets(chance: random.Random) -> bytes:
    octets = bytearray(_changed_request(chance))
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(octets))
        octets[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        octets = octets or bytearray(b"{")
    return bytes(octets)


def _random_octets(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(200))


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((10, 1000, 20_000))
    inner = chance.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth))
    return chance.choice((inner, b'{"op":"status","x":' + inner + b"}", b'{"op":' + inner + b"}"))


def _huge_number(chance: random.Random) -> bytes:
    number = chance.choice(("1" * 4000, "1e400", "-1e400", "NaN", "Infinity", "-0", "0." + "0" * 3000 + "1"))
    return f'{{"op":"commit","session":"s","revert_in":{number}}}'.encode()


def _text(chance: random.Random) -> bytes:
    """A configuration with something in it that does not belong there."""
    octets = bytearray(config(chance.choice("abc")).encode())
    for _ in range(chance.randrange(4)):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    text = octets.decode("utf-8", errors="surrogateescape" if chance.random() < 0.3 else "replace")
    mode = chance.choice(("replace", "merge"))
    return json.dumps({"op": "load", "session": "s", "mode": mode, "text": text}).encode()
