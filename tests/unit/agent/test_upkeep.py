"""What was changed by hand, as the guard finds it: told of, put back or left, whoever works on the box meanwhile."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from tests.unit.agent.fake_box import FileApplier, FileChecker, config

from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import CollectError
from linjevakt_agent.collect import drift as told
from linjevakt_agent.config.store import Store
from linjevakt_agent.force.drift import LOOK_EVERY_S, SURE_AFTER_S
from linjevakt_agent.guard.transaction import Transaction
from linjevakt_agent.guard.upkeep import HOLD_S


@dataclass
class Box:
    """A box that runs a generation, with a clock that only its test moves on."""

    paths: Paths
    now: float = 1000.0
    applier: FileApplier = field(init=False)
    config: Transaction = field(init=False)

    def __post_init__(self) -> None:
        self.paths.run.mkdir(parents=True, exist_ok=True)
        self.applier = FileApplier(self.paths)
        self.config = Transaction(self.paths, Store(self.paths), self.applier, FileChecker(), lambda: self.now)
        self.config.recover()

    def commit(self, hostname: str = "rtr-a", **more: str) -> None:
        self.config.load("me", "replace", config(hostname, **more))
        self.config.commit("me", None, "")
        self.applier.tried.clear()

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.config.due_in()) <= until - self.now:
            self.now += due
            self.config.tick()
        self.now = until

    @property
    def told(self) -> set[str]:
        found = msgspec.json.decode(told.file(self.paths).read_bytes(), type=told.Drift)
        return {row.section for row in found.differences}

    @property
    def held(self) -> str:
        return msgspec.json.decode(told.file(self.paths).read_bytes(), type=told.Drift).held


@pytest.fixture
def box(tmp_path: Path) -> Box:
    found = Box(Paths(tmp_path))
    found.commit()
    found.wait(2 * LOOK_EVERY_S)
    return found


def test_what_was_changed_by_hand_is_put_back_and_nothing_else(box: Box) -> None:
    box.applier.by_hand = {"nftables.conf", "nginx"}
    box.wait(LOOK_EVERY_S + SURE_AFTER_S)
    assert box.applier.tried == [{"nftables.conf", "nginx"}]
    box.wait(LOOK_EVERY_S)
    assert box.told == set()
    assert len(box.applier.tried) == 1


def test_a_file_that_was_changed_is_written_anew_and_put_in_force(box: Box) -> None:
    file = box.paths.section("authorized_keys")
    file.write_text("mine\n")
    extra = box.paths.running / "nginx.conf"
    extra.write_text("mine\n")
    box.paths.section("ca.crt").unlink()
    box.wait(LOOK_EVERY_S + SURE_AFTER_S)
    assert file.read_text() == "key\n"
    assert box.paths.section("ca.crt").read_text() == "cert\n"
    assert not extra.exists()
    assert box.applier.tried == [{"authorized_keys", "nginx.conf", "swanctl.conf"}]
    box.wait(2 * LOOK_EVERY_S)
    assert box.told == set()


def test_no_file_is_written_that_was_never_seen_whole(box: Box) -> None:
    box.paths.section("authorized_keys").write_text("mine\n")
    anew = Box(box.paths, now=box.now)
    anew.wait(2 * LOOK_EVERY_S)
    assert anew.told == {"configuration"}
    assert box.paths.section("authorized_keys").read_text() == "mine\n"
    assert anew.applier.tried == []


def test_by_the_policy_tell_it_is_told_of_and_stays(tmp_path: Path) -> None:
    box = Box(Paths(tmp_path))
    box.commit(**{"agent.toml": 'router = "rtr-a"\ndrift = "tell"\n'})
    box.wait(LOOK_EVERY_S)
    box.applier.by_hand = {"network.toml"}
    box.wait(10 * LOOK_EVERY_S)
    assert box.told == {"network.toml"}
    assert "tell" in box.held
    assert box.applier.tried == []


def test_root_may_hold_it(box: Box) -> None:
    (box.paths.run / "hands-off").touch()
    box.applier.by_hand = {"network.toml"}
    box.wait(10 * LOOK_EVERY_S)
    assert (box.told, box.applier.tried) == ({"network.toml"}, [])
    assert "hands-off" in box.held
    (box.paths.run / "hands-off").unlink()
    box.wait(LOOK_EVERY_S)
    assert box.applier.tried == [{"network.toml"}]


@pytest.mark.parametrize("age_s", [HOLD_S + 1.0, -60.0])
def test_a_hold_ends_after_an_hour_and_none_is_from_the_future(box: Box, age_s: float) -> None:
    hold = box.paths.run / "hands-off"
    hold.touch()
    then = time.time() - age_s
    os.utime(hold, (then, then))
    box.applier.by_hand = {"network.toml"}
    box.wait(LOOK_EVERY_S + SURE_AFTER_S)
    assert box.applier.tried == [{"network.toml"}]


@pytest.mark.parametrize("pending", [False, True])
def test_nothing_is_put_back_while_somebody_works_on_the_configuration(box: Box, *, pending: bool) -> None:
    box.config.load("me", "replace", config("rtr-b"))
    if pending:
        box.config.commit("me", 100.0, "")
    box.applier.tried.clear()
    box.applier.by_hand = {"network.toml"}
    box.wait(LOOK_EVERY_S + 2 * SURE_AFTER_S)
    assert (box.told, box.applier.tried) == ({"network.toml"}, [])
    assert box.config.status()["drift"] == ({"section": "network.toml", "what": "state", "lines": ("-by hand",)},)


def test_a_diff_shows_what_was_changed_by_hand_and_the_commit_puts_it_right(box: Box) -> None:
    box.applier.by_hand = {"nftables.conf"}
    box.config.load("me", "replace", config())
    assert box.config.diff("me") == {"diff": "--- in force/nftables.conf\n+++ running/nftables.conf\n-by hand\n"}
    box.config.commit("me", None, "")
    assert box.applier.tried == [set(), {"nftables.conf"}]
    box.config.load("me", "replace", config())
    assert box.config.diff("me") == {"diff": ""}


def test_who_changes_it_again_and_again_neither_fills_the_log_nor_keeps_the_guard_busy(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    box.applier.by_hand, box.applier.stays = {"nftables.conf"}, True
    box.wait(3600.0)
    assert box.told == {"nftables.conf"}
    assert 5 < len(box.applier.tried) < 12
    assert len(caplog.records) < 15


def test_the_agent_says_when_the_guard_looks_no_more(box: Box) -> None:
    with pytest.raises(CollectError, match="has not looked"):
        told.read(box.paths)  # its clock began at 1000 s, the machine's is elsewhere
