"""Of many log lines of a kind one a second is written, and the next one says how many there were."""

import errno
import logging
import sys
from dataclasses import dataclass, field

import pytest

from linjevakt.daemons.sparing import Sparing


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Log:
    """A logger whose lines end up in `lines`."""

    clock: Clock = field(default_factory=Clock)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sparing = Sparing(self.clock)

    def say(self, text: str, *values: object, error: BaseException | None = None) -> None:
        told = (type(error), error, error.__traceback__) if error else None
        record = logging.LogRecord("uvicorn.error", logging.WARNING, __file__, 1, text, values, told)
        if self.sparing.filter(record):
            self.lines.append(logging.Formatter("%(message)s").format(record))


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_flood_is_one_line_a_second(log: Log) -> None:
    for n in range(100_000):
        log.clock.now = 100 + n / 10_000
        log.say("Invalid HTTP request received from %s.", n)
    assert len(log.lines) == 10
    assert log.lines[0] == "Invalid HTTP request received from 0."
    assert log.lines[1] == "Invalid HTTP request received from 10000. (9999 more like it before)"


def test_lines_of_other_kinds_are_written_all_the_same(log: Log) -> None:
    for text in ("one", "two", "one", "three"):
        log.say(text)
    assert log.lines == ["one", "two", "three"]


def test_after_a_while_nothing_is_said_to_be_missing(log: Log) -> None:
    log.say("one")
    log.clock.now += 5
    log.say("one")
    assert log.lines == ["one", "one"]


def test_an_error_of_the_system_has_no_traceback_and_one_of_ours_has(log: Log) -> None:
    for error in (OSError(errno.EMFILE, "Too many open files"), KeyError("x")):
        try:
            raise error
        except (OSError, KeyError):
            log.say(f"{type(error).__name__}\nsocket: <object>", error=sys.exc_info()[1])
    assert log.lines[0] == "OSError: [Errno 24] Too many open files"
    assert "Traceback" in log.lines[1]


def test_kinds_without_end_take_no_memory(log: Log) -> None:
    for n in range(10_000):
        log.say(f"kind {n}")
    assert len(log.lines) == 10_000
    assert len(log.sparing._kinds) <= 1000  # noqa: SLF001 - memory is what it is about
