"""Power cuts and crashes between any two changes: the box ends with the old or the new configuration, whole."""

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.unit.agent.conftest import MEMORY
from tests.unit.agent.crashes import Clock, Power, PowerCut, S, boot, check_whole, commit, start
from tests.unit.agent.fake_box import FileApplier, FileChecker, config, digest, in_force, transaction

from linjevakt_agent.base.errors import ConfigError, StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import text
from linjevakt_agent.config.store import KEPT, Store
from linjevakt_agent.force.drift import LOOK_EVERY_S
from linjevakt_agent.guard.transaction import RETRY_S, Transaction

Story = Callable[[Transaction], object]


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty directory in memory."""
    with TemporaryDirectory(dir=MEMORY) as directory:
        yield Path(directory)


def commit_and_confirm(box: Transaction) -> None:
    commit(box, "c", 60.0)
    box.confirm(S)


def commit_and_undo(box: Transaction) -> None:
    commit(box, "c", 60.0)
    box.rollback(S)


def commit_what_cannot_be_applied(box: Transaction) -> None:
    with pytest.raises(ConfigError):
        commit(box, "refused")


def box_after_a_and_b(place: Path, name: str) -> Paths:
    """Return a box of its own that has had configuration `a`, then `b`."""
    made, model = Paths(place / name), Paths(place / "model")
    if not model.root.exists():
        commit(start(model), "a")
        commit(start(model), "b")
    shutil.copytree(model.root, made.root, symlinks=True)
    return made


STORIES: dict[str, tuple[Story, set[str]]] = {
    "commit for good": (lambda box: commit(box, "c"), {"b", "c"}),
    "commit and confirm": (commit_and_confirm, {"b", "c"}),
    "commit and undo": (commit_and_undo, {"b"}),
    "commit what cannot be applied": (commit_what_cannot_be_applied, {"b"}),
    "roll back to the previous generation": (lambda box: box.rollback(S), {"a", "b"}),
    "load only": (lambda box: box.load(S, "replace", config("c")), {"b"}),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("fresh_boot", [False, True], ids=["guard killed", "power cut"])
def test_a_cut_at_any_step_ends_in_the_old_or_the_new_configuration(
    place: Path, story: str, *, fresh_boot: bool
) -> None:
    tell, allowed = STORIES[story]
    cut_at, ended = 0, set()
    while True:
        paths = box_after_a_and_b(place, str(cut_at))
        power = Power(cut_at)
        box = transaction(paths, power, Clock())
        try:
            tell(box)
            break
        except PowerCut:
            if fresh_boot:
                boot(paths)
            survivor = start(paths, clock=_late())
            survivor.tick()
        check_whole(paths)
        store = Store(paths)
        running, confirmed = store.generation("running"), store.generation("confirmed")
        assert running == confirmed, power.last
        assert running
        assert running.hash in {digest(name) for name in allowed}, power.last
        assert store.pending() is None, power.last
        assert not (paths.base / "pending.json").exists()
        ended.add(running.hash)
        cut_at += 1
    assert cut_at > 5
    assert ended == {digest(name) for name in allowed}
    survivor = start(Paths(place / "0"), clock=_late())
    commit(survivor, "d")
    assert in_force(Paths(place / "0")) == digest("d")


def _late() -> Clock:
    clock = Clock()
    clock.now += 3600
    return clock


@pytest.mark.parametrize("story", STORIES)
def test_a_cut_during_the_recovery_from_a_cut_changes_nothing(place: Path, story: str) -> None:
    tell, allowed = STORIES[story]
    for first in range(4, 60, 11):
        for second in range(0, 12, 2):
            paths = box_after_a_and_b(place, f"{first}-{second}")
            with suppress(PowerCut):
                tell(transaction(paths, Power(first), Clock()))
            boot(paths)
            with suppress(PowerCut):
                start(paths, Power(second), _late())
            boot(paths)
            start(paths, clock=_late())
            check_whole(paths)
            assert in_force(paths) in {digest(name) for name in allowed}


def test_the_first_configuration_of_a_box_reverts_to_none(place: Path) -> None:
    paths = Paths(place)
    commit(start(paths), "a", 60.0)
    boot(paths)
    box = start(paths)
    assert box.status()["running"] is None
    assert not paths.running.exists()
    last = box.status()["last"]
    assert isinstance(last, dict)
    assert last["outcome"] == "reverted"


def test_a_pending_commit_outlives_a_killed_guard_but_not_its_deadline(place: Path) -> None:
    paths, clock = Paths(place), Clock()
    commit(start(paths, clock=clock), "a")
    commit(start(paths, clock=clock), "b", 60.0)
    clock.now += 59
    assert start(paths, clock=clock).status()["pending"] == {"session": S, "generation": 2, "revert_in_s": 1.0}
    assert in_force(paths) == digest("b")
    clock.now += 2
    start(paths, clock=clock)
    assert in_force(paths) == digest("a")


def full_disk(paths: Paths, story: Story, full_at: int) -> bool:
    """Tell a story on a disk that is full from one change on; return whether it noticed. Going back must work."""
    left = full_at

    def full(step: str) -> None:
        nonlocal left
        left -= 1
        if left < 0 and step.startswith(("write", "link", "make")):
            raise OSError(errno.ENOSPC, "No space left on device")

    try:
        story(transaction(paths, full, Clock()))
    except StorageError as error:
        return "disk is full" in error.message and str(paths.root) in error.message
    return False


@pytest.mark.parametrize("story", ["commit for good", "commit and confirm", "roll back to the previous generation"])
def test_a_disk_full_at_any_step_is_told_and_changes_nothing(place: Path, story: str) -> None:
    full_at, noticed = 0, True
    while noticed:
        paths = box_after_a_and_b(place, str(full_at))
        noticed = full_disk(paths, STORIES[story][0], full_at)
        if noticed:
            start(paths, clock=_late()).tick()
            assert in_force(paths) == digest("b")
        check_whole(paths)
        full_at += 1
    assert full_at > 3


def test_what_does_not_go_in_at_boot_is_tried_again_alone(place: Path) -> None:
    paths, clock = Paths(place), Clock()
    commit(start(paths, clock=clock), "ill")
    boot(paths)
    applier = FileApplier(paths)
    box = Transaction(paths, Store(paths), applier, FileChecker(), clock)
    box.recover()
    assert box.due_in() == RETRY_S
    clock.now += RETRY_S
    box.tick()
    assert applier.tried == [set(), {"shaping.tc"}]


def cut_short(generation: Path) -> None:
    (generation / "swanctl.conf").write_text("connec")


def lose_a_file(generation: Path) -> None:
    (generation / "nftables.conf").unlink()


def empty_the_record(generation: Path) -> None:
    (generation / "meta.json").write_text("")


def fill_with_noise(generation: Path) -> None:
    (generation / "hostname").write_bytes(b"\xff\xfe\0")


def fill_the_record_with_noise(generation: Path) -> None:
    (generation / "meta.json").write_bytes(NOISE)


NOISE = b'{"generation": 2, "session": "\xff\xfe", "hash": "\xff"}'
DAMAGES = (
    cut_short,
    lose_a_file,
    empty_the_record,
    fill_with_noise,
    fill_the_record_with_noise,
    shutil.rmtree,
)


@pytest.mark.parametrize("pending", [False, True])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_box_whose_confirmed_generation_is_damaged_boots_the_one_before(
    place: Path, damage: Callable[[Path], None], *, pending: bool
) -> None:
    paths = box_after_a_and_b(place, "box")
    if pending:
        commit(start(paths), "c", 60.0)
    damage((paths.base / "confirmed").resolve())
    boot(paths)
    box = start(paths)
    assert in_force(paths) == digest("a")
    assert text.config_hash(Store(paths).sections("running")) == digest("a")
    assert box.status()["pending"] is None
    commit(box, "d")
    assert in_force(paths) == digest("d")


def test_a_confirmed_link_to_nowhere_leads_to_the_generation_before(place: Path) -> None:
    paths = box_after_a_and_b(place, "box")
    (paths.base / "confirmed").unlink()
    (paths.base / "confirmed").symlink_to("generations/9x")
    boot(paths)
    start(paths)
    assert in_force(paths) == digest("a")


def test_a_damaged_generation_with_nothing_before_it_is_kept_as_it_is(place: Path) -> None:
    paths = Paths(place)
    commit(start(paths), "a")
    lose_a_file((paths.base / "confirmed").resolve())
    boot(paths)
    start(paths)
    assert in_force(paths) not in {"", "torn"}


@pytest.mark.parametrize("name", ["hostname", "network.toml", "agent.toml", "secrets.toml"])
def test_noise_in_a_generation_with_nothing_before_it_is_put_right_by_the_next(place: Path, name: str) -> None:
    """The box boots, tells how it is, and takes what is sent to it."""
    paths = Paths(place)
    commit(start(paths), "a")
    (paths.confirmed.resolve() / name).write_bytes(NOISE)
    boot(paths)
    applier = FileApplier(paths)
    box = Transaction(paths, Store(paths), applier, FileChecker(), Clock())
    box.recover()
    assert box.status()["router"] == (None if name == "agent.toml" else "rtr-a")
    assert box.load(S, "replace", config("b"))
    assert box.diff(S)["diff"]
    box.commit(S, None, "")
    assert in_force(paths) == digest("b")
    assert applier.changes[-1] == (None, paths.confirmed.resolve()), "nobody knows what was there: all is put in force"
    commit(box, "c")
    assert applier.changes[-1][0] is not None


def test_a_file_that_somebody_changes_leaves_it_known_what_is_in_force(place: Path) -> None:
    """Only what differs is put in force by the next commit, and the neighbours notice nothing."""
    paths, clock = Paths(place), Clock()
    commit(start(paths), "a")
    applier = FileApplier(paths)
    box = Transaction(paths, Store(paths), applier, FileChecker(), clock)
    box.recover()
    clock.now += LOOK_EVERY_S
    box.tick()
    fill_with_noise(paths.confirmed.resolve())
    before = paths.confirmed.resolve()
    commit(box, "b")
    assert applier.changes[-1] == (before, paths.confirmed.resolve())


@pytest.mark.parametrize("name", ["pending.json", "last.json", "candidate/meta.json"])
@pytest.mark.parametrize("again", [boot, lambda _paths: None], ids=["power cut", "guard killed"])
def test_noise_in_what_is_written_down_of_a_transaction_is_as_nothing(
    place: Path, name: str, again: Callable[[Paths], None]
) -> None:
    paths = box_after_a_and_b(place, "box")
    start(paths).load(S, "replace", config("c"))
    if not name.startswith("candidate"):
        start(paths).commit(S, 60.0, "")
    again(paths)
    (paths.base / name).write_bytes(NOISE)
    box = start(paths, clock=_late())
    assert box.due_in() > 0
    assert in_force(paths) == digest("b")
    assert box.status()["pending"] is None


@pytest.mark.parametrize("left", [b"", b"zz\xff"])
def test_a_damaged_salt_is_made_anew(place: Path, left: bytes) -> None:
    store = Store(Paths(place))
    store.salt()
    (place / "var/lib/linjevakt/identity/salt").write_bytes(left)
    assert len(store.salt()) == 32
    assert store.salt() == store.salt()


def test_old_generations_go_but_never_those_in_use(place: Path) -> None:
    paths = Paths(place)
    for number in range(KEPT + 5):
        commit(start(paths), f"r{number}")
    assert len(list((paths.base / "generations").iterdir())) == KEPT
    check_whole(paths)


def test_a_secret_is_for_root_what_is_served_for_all_and_the_rest_for_the_group(place: Path) -> None:
    paths = Paths(place)
    box = start(paths)
    box.load(S, "replace", config("a", **{"flex.pac": "function FindProxyForURL(url, host) {}\n"}))
    box.commit(S, None, "")
    folder = paths.base / "generations" / "1"
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    own = {"secrets.toml": 0o600, "swanctl.conf": 0o600, "flex.pac": 0o644}
    assert modes == dict.fromkeys(modes, 0o640) | own
    assert folder.stat().st_mode & 0o7777 == 0o2711, "what is written keeps the group"
