"""What a fuzzer throws: values that have broken programs before, and valid documents with something wrong in them."""

import copy
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

_NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 10**400, 1e308, 0.1, "", " ", "\0", "\x1b[2J", "\ud800", "\u202e", "a" * 5000,
    "../../etc/passwd", "{{ 7 * 7 }}", "=cmd()", "[/foo]",
    "0.0.0.0/0", "10.64.1.0/24", "255.255.255.255", "2026-02-30", [[[[[[]]]]]],
    "9999-12-31", "2026-03-10T12:00:00+23:59", "310000019", "fjellheim", "rtr-fjellheim", "legekontor",
    [], {}, [[]] * 50,
    {"": ""}, {"a" * 1000: 1}, ["x"] * 300,
)  # fmt: skip


def dice(seed: int) -> Random:
    """What falls the same way whenever the seed is the same: a finding can be had again."""
    return Random(seed)


def value(dice: Random, depth: int = 3) -> Any:
    """Anything that JSON can say."""
    choice = dice.random()
    if depth and choice < 0.15:
        return [value(dice, depth - 1) for _ in range(dice.randrange(4))]
    if depth and choice < 0.3:
        return {text(dice): value(dice, depth - 1) for _ in range(dice.randrange(4))}
    return text(dice) if choice < 0.5 else copy.deepcopy(dice.choice(_NASTY))


def text(dice: Random) -> str:
    """Some characters, most of them unusual."""
    return "".join(
        chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x3000)))) for _ in range(dice.randrange(12))
    )


def mutated(dice: Random, whole: Any) -> Any:
    """The document with one to three of its values replaced, removed, doubled or added."""
    changed = copy.deepcopy(whole)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            return value(dice)
        inside, key = dice.choice(places)
        match dice.randrange(4):
            case 0:
                del inside[key]
            case 1 if isinstance(inside, list):
                inside.append(copy.deepcopy(inside[key]))
            case 2 if isinstance(inside, dict):
                inside[text(dice)] = value(dice)
            case _:
                inside[key] = value(dice)
    return changed


def bent(dice: Random, raw: bytes) -> bytes:
    """The octets with some flipped, cut out, doubled or put in."""
    octets = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(octets) + 1)
        upto = min(len(octets), at + dice.choice((1, 1, 1, 8, 200)))
        piece = bytes(octets[at:upto])
        junk = dice.choice(
            (dice.randbytes(dice.randrange(1, 4)), b"\0", b"- ", b": ", b"[{", b"&a *a", b"\n\n", b'"', b";")
        )
        octets[at:upto] = dice.choice((b"", piece * 2, junk, junk + piece))
    return bytes(octets)


def packets(dice: Random, samples: Sequence[bytes], count: int) -> Iterator[bytes]:
    """`count` packets: one in ten is noise, the others are bent samples."""
    for _ in range(count):
        yield dice.randbytes(dice.randrange(2000)) if dice.random() < 0.1 else bent(dice, dice.choice(samples))


def as_json(document: Any) -> bytes:
    """As a client would send it; half a surrogate pair as an escape."""
    return json.dumps(document).encode()


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, found in inner:
        yield document, key
        yield from _places(found)
