"""Any sequence of commands, crashes and boots leaves a box whole."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.unit.agent.conftest import MEMORY
from tests.unit.agent.crashes import Clock, Power, PowerCut, S, boot, check_whole, start
from tests.unit.agent.fake_box import config

from linjevakt_agent.base.errors import ConfigError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config.store import Store


class Box(RuleBasedStateMachine):
    """Any sequence of commands, crashes and boots, against what must be in force."""

    @initialize()
    def switch_on(self) -> None:
        self.directory = TemporaryDirectory(dir=MEMORY)
        self.paths, self.clock = Paths(Path(self.directory.name)), Clock()
        self.power = Power()
        self.box = start(self.paths, self.power, self.clock)
        self.confirmed: str | None = None
        self.allowed: set[str | None] = {None}

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            self.directory.cleanup()

    def attempt(self, action: Callable[[], object], becomes: set[str | None]) -> None:
        """Carry out a command that may end with one of `becomes` confirmed, or with nothing changed."""
        self.allowed = {self.confirmed, *becomes}
        try:
            action()
        except PowerCut:
            self.restart(fresh_boot=False)
        except ConfigError:
            pass
        self.power.left = None
        confirmed = Store(self.paths).generation("confirmed")
        self.confirmed = confirmed.hash if confirmed else None
        assert self.confirmed in self.allowed

    def restart(self, *, fresh_boot: bool) -> None:
        if fresh_boot:
            boot(self.paths)
        self.power = Power()
        self.box = start(self.paths, self.power, self.clock)

    @rule(at=st.none() | st.integers(0, 60))
    def cut_power_soon(self, at: int | None) -> None:
        self.power.left = at

    @rule(name=st.sampled_from(["a", "b", "c", "refused", "two words"]), mode=st.sampled_from(["replace", "merge"]))
    def load(self, name: str, mode: str) -> None:
        self.attempt(lambda: self.box.load(S, mode, config(name)), set())

    @rule(revert_in=st.none() | st.just(60.0))
    def commit(self, revert_in: float | None) -> None:
        candidate = Store(self.paths).candidate()
        self.attempt(
            lambda: self.box.commit(S, revert_in, ""), {candidate.hash} if candidate and revert_in is None else set()
        )

    @rule()
    def confirm(self) -> None:
        running = Store(self.paths).generation("running")
        self.attempt(lambda: self.box.confirm(S), {running.hash if running else None})

    @rule()
    def rollback(self) -> None:
        previous = Store(self.paths).generation("previous")
        self.attempt(lambda: self.box.rollback(S), {previous.hash} if previous else set())

    @rule()
    def discard(self) -> None:
        self.attempt(lambda: self.box.discard(S), set())

    @rule(seconds=st.sampled_from([1.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds
        if self.box.due_in() == 0:
            self.attempt(self.box.tick, set())

    @rule(fresh_boot=st.booleans())
    def crash(self, *, fresh_boot: bool) -> None:
        self.attempt(lambda: self.restart(fresh_boot=fresh_boot), set())

    @precondition(lambda self: hasattr(self, "box"))
    @invariant()
    def what_is_in_force_is_whole(self) -> None:
        check_whole(self.paths)
        store = Store(self.paths)
        if store.pending() is None:
            assert store.generation("running") == store.generation("confirmed")


Box.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestBox = Box.TestCase
