"""What a benchmark hands over: contenders that do the same job, measured in turn, and the figures that come of it."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

log = logging.getLogger("bench")

FEWEST, LIMIT_S = 3, 60.0
"""A comparison that has had so many rounds begins no further one after so long: slow machines end in time too."""

Run = Callable[[], Mapping[str, float]]
"""Does the job once; returns what was measured, by unit."""


class Unavailable(Exception):  # noqa: N818 - a state of this machine, not a fault
    """This cannot be measured here; the text says why and what would help."""


@dataclass(frozen=True)
class Contender:
    """One way to do a job; `note` says what a reader must know to compare it fairly."""

    name: str
    run: Run
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One contender's values in one unit, a value for each round; none when it could not be measured (see `note`).

    `ours` holds the values of the first contender, which is Linjevakt, from the same rounds.
    """

    job: str
    contender: str
    unit: str
    values: tuple[float, ...]
    ours: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float | None:
        """The middle of all rounds."""
        return median(self.values) if self.values else None

    @property
    def ratio(self) -> float | None:
        """How many times ours, compared round by round, so that what slowed a whole round down cancels out."""
        ratios = [value / our for value, our in zip(self.values, self.ours, strict=False) if our]
        return median(ratios) if ratios else None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "job": self.job,
            "contender": self.contender,
            "unit": self.unit,
            "median": self.median,
            "ratio_to_ours": self.ratio,
            "values": list(self.values),
            "note": self.note,
        }


def compare(job: str, contenders: Sequence[Contender], rounds: int) -> list[Figure]:
    """Let every contender, ours first, do the job once a round; a machine's bad moments then hit all of them."""
    begun = time.monotonic()
    results: list[list[Mapping[str, float]]] = [[] for _ in contenders]
    missing: dict[str, str] = {}
    for number in range(rounds):
        if number >= FEWEST and time.monotonic() - begun > LIMIT_S:
            break
        log.info("%s: round %d of %d", job, number + 1, rounds)
        for contender, result in zip(contenders, results, strict=True):
            _take_turn(contender, result, missing)
    return [
        figure
        for contender, result in zip(contenders, results, strict=True)
        for figure in _figures(job, contender, result, results[0], missing.get(contender.name, contender.note))
    ]


def _take_turn(contender: Contender, result: list[Mapping[str, float]], missing: dict[str, str]) -> None:
    """Once out, always out: a contender that cannot be measured is not waited for again."""
    if contender.name in missing:
        return
    log.info("    %s", contender.name)
    try:
        result.append(contender.run())
    except Unavailable as reason:
        missing[contender.name] = f"not measured: {reason}"


def _figures(
    job: str,
    contender: Contender,
    result: Sequence[Mapping[str, float]],
    ours: Sequence[Mapping[str, float]],
    note: str,
) -> list[Figure]:
    units = list(result[0] if result else ours[0] if ours else {"": 0.0})
    return [
        Figure(job, contender.name, unit, _column(result, unit), _column(ours, unit), note if number == 0 else "")
        for number, unit in enumerate(units)
    ]


def _column(result: Sequence[Mapping[str, float]], unit: str) -> tuple[float, ...]:
    return tuple(row[unit] for row in result if unit in row)
