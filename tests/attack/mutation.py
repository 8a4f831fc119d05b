"""Malformed inputs made of well-formed ones: seeded, so that whatever was found is found again."""

import random
from collections.abc import Callable, Iterator, Sequence

SEED = 8
_LONGEST = 2000
_INTERESTING = (0x00, 0x7F, 0x80, 0x82, 0x84, 0xFF, 0x0A, 0x22, 0x7B)


def mutated(samples: Sequence[bytes], count: int, seed: int = SEED) -> Iterator[bytes]:
    """Yield `count` inputs: one in ten at random, the others samples with one to eight changes."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.1:
            yield chance.randbytes(chance.randrange(_LONGEST))
            continue
        data = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 8)):
            chance.choice(_CHANGES)(data, chance)
        yield bytes(data)


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _put(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice(_INTERESTING)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _drop(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.randint(1, 8)]


def _insert(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.randbytes(chance.randint(1, 40))


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.randint(1, 60)] * chance.randint(1, 4)
    del data[_LONGEST:]


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _put, _cut, _drop, _insert, _repeat)
