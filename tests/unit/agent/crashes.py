"""What the tests of power cuts share: power that goes off, boot time that moves, and what must be whole after it."""

import shutil

from tests.unit.agent.fake_box import config, in_force, transaction

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import text
from linjevakt_agent.config.store import Store
from linjevakt_agent.guard.transaction import Transaction

S = "session"


class PowerCut(BaseException):
    """Nothing catches this, as nothing catches a power cut."""


class Power:
    """Counts changes and goes off before the one numbered `cut_at` (from 0); never, if None."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.left = cut_at
        self.last = ""

    def __call__(self, step: str) -> None:
        self.last = step
        if self.left == 0:
            raise PowerCut(step)
        if self.left is not None:
            self.left -= 1


class Clock:
    """Boot time that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def boot(paths: Paths) -> None:
    shutil.rmtree(paths.root / "run")
    paths.run.mkdir(parents=True)


def start(paths: Paths, power: Power | None = None, clock: Clock | None = None) -> Transaction:
    box = transaction(paths, power or Power(), clock or Clock())
    box.recover()
    return box


def commit(box: Transaction, hostname: str, revert_in: float | None = None) -> None:
    box.load(S, "replace", config(hostname))
    box.commit(S, revert_in, "")


def check_whole(paths: Paths) -> None:
    """Each link leads to a generation that is exactly what was committed, and the running one is in force."""
    store = Store(paths)
    for link in ("running", "confirmed", "previous"):
        if generation := store.generation(link):
            assert text.config_hash(store.sections(link)) == generation.hash
    running = store.generation("running")
    if running:
        assert in_force(paths) == running.hash
