"""The guard's socket under a long fuzz: no traceback, no hang, no memory lost."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.unit.agent.conftest import MEMORY, GuardProcess
from tests.unit.agent.fuzz_guard import throw

from linjevakt_agent.base.paths import Paths

MOST_KIB = 16 * 1024
"""How much the guard may grow: what one request at a time needs, and no more with each."""

pytestmark = pytest.mark.attack


@pytest.fixture
def guard() -> Iterator[GuardProcess]:
    with TemporaryDirectory(dir=MEMORY) as directory:
        process = GuardProcess(Paths(Path(directory)))
        process.start()
        yield process
        process.kill()


def test_whatever_is_sent_is_answered_and_nothing_else_happens(guard: GuardProcess, seed: int, count: int) -> None:
    throw(guard, seed, 500)  # warm
    before = guard.memory_kib()
    assert throw(guard, seed + 1, count) == count
    assert guard.memory_kib() - before < MOST_KIB
    assert "Traceback" not in (guard.paths.root / "log").read_text()
