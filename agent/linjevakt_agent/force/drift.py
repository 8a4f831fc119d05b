"""How what is in force differs from a generation, as values, and when to look at it and put it back; pure."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, Self

import msgspec

View = Mapping[str, Sequence[str]]
"""What is, or shall be, in force: lines by section, in an order that means something, or sorted."""

What = Literal["state", "file", "service"]

LOOK_EVERY_S = 20.0
SURE_AFTER_S = 3.0
"""Between two looks of which both must see it: in between lies what changes by design, such as a charon that starts."""

SETTLED_S = 1800.0
"""Where nothing has been put back for so long, the next difference is put back at once again."""

LONGEST_PAUSE_S = 600.0
MOST_LINES = 100
"""That are kept of a section: whoever may change it may change it without end."""

_SHOWN = 3


class Difference(msgspec.Struct, frozen=True, order=True):
    """What differs of one section: the state of kernel or charon, its file, or a service.

    `lines` begin with `-` (in force, and not of the generation) or `+` (lacking).
    """

    section: str
    what: What
    lines: tuple[str, ...]

    def __str__(self) -> str:
        more = f"; {len(self.lines) - _SHOWN} more" if len(self.lines) > _SHOWN else ""
        return f"{self.section}: {'; '.join(self.lines[:_SHOWN])}{more}"

    @property
    def place(self) -> tuple[str, What]:
        """What stays the same while somebody changes it again and again."""
        return self.section, self.what


def compare(expected: View, found: View) -> tuple[Difference, ...]:
    """Return what differs of the sections that both know."""
    both = sorted(expected.keys() & found.keys())
    rows = ((name, tuple(islice(_lines(expected[name], found[name]), MOST_LINES))) for name in both)
    return tuple(Difference(name, "state", lines) for name, lines in rows if lines)


def _lines(expected: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    hunks = difflib.unified_diff(found, expected, lineterm="", n=0)
    yield from (line for number, line in enumerate(hunks) if number > 1 and not line.startswith("@@"))


def shown(differences: Sequence[Difference]) -> str:
    """Return them as parts of a diff: what is in force besides, or lacks, against what is running by the files."""
    parts = ((f"--- in force/{row.section}", f"+++ running/{row.section}", *row.lines) for row in differences)
    return "".join(f"{line}\n" for part in parts for line in part)


class Vigil(msgspec.Struct, frozen=True):
    """What the looks so far have shown, and what is due; times in seconds of one clock.

    A difference is `sure` when two looks in a row saw one at its place. What is put back and comes again is put back
    after a pause that doubles: whoever fights with us does not keep the guard from its other work.
    """

    look_at: float
    suspected: tuple[Difference, ...] = ()
    sure: tuple[Difference, ...] = ()
    mend_at: float = 0.0
    mended_at: float = 0.0
    mended: int = 0

    def after(self, now: float, found: tuple[Difference, ...]) -> Self:
        """Return what is known after a look."""
        before = {row.place for row in self.suspected}
        sure = tuple(row for row in found if row.place in before)
        soon = len(sure) < len(found)
        look_at = now + (SURE_AFTER_S if soon else LOOK_EVERY_S)
        return msgspec.structs.replace(self, look_at=look_at, suspected=found, sure=sure)

    def to_mend(self, now: float) -> bool:
        """Whether what is sure is to be put back now."""
        return bool(self.sure) and now >= self.mend_at

    def after_mending(self, now: float) -> Self:
        """Return what is known after it was put back, or could not be."""
        again = self.mended + 1 if now - self.mended_at < SETTLED_S else 0
        pause = min(LONGEST_PAUSE_S, LOOK_EVERY_S * 2**again)
        return msgspec.structs.replace(
            self,
            look_at=now + SURE_AFTER_S,
            suspected=self.sure,
            mended=again,
            mended_at=now,
            mend_at=now + pause,
        )
