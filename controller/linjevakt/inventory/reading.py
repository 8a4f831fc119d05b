"""Reads what the user names: a regular file or stdin, and no more of it than was agreed, before anything parses it."""

import os
import stat
import sys
from pathlib import Path
from typing import Final

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

MEGABYTE: Final = 1_000_000
STDIN: Final = "-"


def limited(source: str | Path, largest: int) -> bytes:
    """The octets of a file, or of stdin for `-`.

    Raises InvalidInputError for more than `largest`, or no plain file, and OSError for what cannot be opened.
    A file is opened once and never waited for: what has no end (a device, a pipe that nobody fills) is no file.
    """
    if str(source) == STDIN:
        return _enough("stdin", sys.stdin.buffer.read(largest + 1), largest)
    with open(source, "rb", opener=_unwaiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            what = Saying("{} is not a regular file. Give a file, or - and its content on stdin.", source)
            raise InvalidInputError(what)
        return _enough(str(source), file.read(largest + 1), largest)


def _unwaiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def size(octets: int) -> str:
    """As people say it: `64 MB`, `20 kB`."""
    return f"{octets // MEGABYTE} MB" if octets >= MEGABYTE else f"{octets // 1000} kB"


def _enough(shown: str, raw: bytes, largest: int) -> bytes:
    if len(raw) > largest:
        raise InvalidInputError(Saying("{} is larger than {}. Split it or clean it up.", shown, size(largest)))
    return raw
