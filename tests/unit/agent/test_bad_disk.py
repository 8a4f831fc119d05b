"""A disk that turns read-only, full or broken at any step: the right generation is in force, whatever is written."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.unit.agent.conftest import MEMORY
from tests.unit.agent.crashes import Clock, S, boot, check_whole, commit
from tests.unit.agent.fake_box import FileApplier, FileChecker, config, digest, in_force

from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config.store import Store
from linjevakt_agent.force.drift import LOOK_EVERY_S
from linjevakt_agent.guard.transaction import LONGEST_WRITE_S, Transaction

ILLS = {"the disk is read-only": errno.EROFS, "the disk is full": errno.ENOSPC, "the disk is broken": errno.EIO}
VOLATILE = ("linjevakt-running", "linjevakt-back")


class BadDisk:
    """Takes so many steps, and then none (`after` None: it is well); what lies on the tmpfs is not on it."""

    def __init__(self, ill: int) -> None:
        self.ill = ill
        self.after: int | None = None
        self.refused = 0

    def __call__(self, step: str) -> None:
        if self.after is None or any(name in step for name in VOLATILE):
            return
        self.after -= 1
        if self.after < 0:
            self.refused += 1
            raise OSError(self.ill, os.strerror(self.ill))


class Box:
    """A box whose disk and clock one holds in the hand."""

    def __init__(self, paths: Paths, ill: int) -> None:
        self.paths, self.disk, self.clock = paths, BadDisk(ill), Clock()
        self.start()

    def start(self) -> None:
        """Start the guard, which recovers."""
        self.paths.run.mkdir(parents=True, exist_ok=True)
        self.applier = FileApplier(self.paths)
        store = Store(self.paths, Disk(self.disk))
        self.guard = Transaction(self.paths, store, self.applier, FileChecker(), self.clock)
        self.guard.recover()

    def stay(self) -> None:
        """Leave everything as it is."""

    def boot(self) -> None:
        """Cut the power and give it back."""
        boot(self.paths)
        self.start()

    def wait(self, seconds: float) -> None:
        """Let time pass, and the guard do what is due."""
        self.clock.now += seconds
        self.guard.tick()

    @property
    def pending(self) -> object:
        return self.guard.status()["pending"]


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty directory in memory."""
    with TemporaryDirectory(dir=MEMORY) as directory:
        yield Path(directory)


@pytest.fixture(params=list(ILLS.values()), ids=list(ILLS))
def ill(request: pytest.FixtureRequest) -> int:
    """How the disk is bad."""
    return int(request.param)


def box_of(place: Path, name: str, ill: int, *hostnames: str) -> Box:
    """Return a box that had these configurations one after the other."""
    model = Paths(place / "-".join(hostnames))
    if not model.root.exists():
        made = Box(model, ill)
        for hostname in hostnames:
            commit(made.guard, hostname)
    paths = Paths(place / name)
    shutil.copytree(model.root, paths.root, symlinks=True)
    return Box(paths, ill)


def every_step(
    place: Path, ill: int, prepare: Callable[[Box], None], act: Callable[[Box], None], *, least: int = 1
) -> Iterator[Box]:
    """Yield a box after `act` on a disk that goes bad at its first, second, ... step, as long as that is noticed.

    `least`: so many steps there must be.
    """
    after, noticed = 0, True
    while noticed:
        box = box_of(place, str(after), ill, "a", "b")
        prepare(box)
        box.disk.after = after
        act(box)
        noticed = box.disk.refused > 0
        yield box
        after += 1
    assert after > least


def load_c(box: Box) -> None:
    box.guard.load(S, "replace", config("c"))


def commit_c(box: Box) -> None:
    commit(box.guard, "c", 60.0)
    assert in_force(box.paths) == digest("c")


def deadline(box: Box) -> None:
    box.wait(61)


def take_back(box: Box) -> None:
    assert box.guard.rollback(S)["hash"] == digest("b")


def check_back(box: Box) -> None:
    """The base is in force, now, after the guard's death, after a boot, and once the disk is well."""
    for again in (box.stay, box.start, box.boot):
        again()
        assert in_force(box.paths) == digest("b")
        assert box.pending is None
    box.disk.after = None
    box.wait(LONGEST_WRITE_S)
    assert not (box.paths.base / "pending.json").exists()
    check_whole(box.paths)
    assert Store(box.paths).generation("confirmed") == Store(box.paths).generation("running")
    commit(box.guard, "d")
    assert in_force(box.paths) == digest("d")


@pytest.mark.parametrize(("act", "outcome"), [(deadline, "reverted"), (take_back, "rolled-back")])
def test_what_goes_back_goes_back_in_the_kernel(
    place: Path, ill: int, act: Callable[[Box], None], outcome: str
) -> None:
    for box in every_step(place, ill, commit_c, act):
        last = box.guard.status()["last"]
        assert isinstance(last, dict)
        assert last["outcome"] == outcome
        check_back(box)


def test_what_the_disk_is_owed_is_tried_again_and_nothing_else_with_it(place: Path, ill: int) -> None:
    box = box_of(place, "box", ill, "a", "b")
    commit_c(box)
    box.disk.after = 0
    box.wait(61)
    applied = len(box.applier.tried)
    refused = box.disk.refused
    for _ in range(int(10 * LONGEST_WRITE_S / LOOK_EVERY_S)):
        box.wait(box.guard.due_in())
    assert len(box.applier.tried) == applied, "the kernel has it already"
    assert 0 < box.disk.refused - refused < 60, "a dead disk is not asked all the time"
    box.disk.after = None
    box.wait(LONGEST_WRITE_S)
    assert box.guard.due_in() == LOOK_EVERY_S, "nothing is owed any more"
    box.boot()
    last = box.guard.status()["last"]
    assert isinstance(last, dict)
    assert (last["outcome"], last["reason"]) == ("reverted", "not confirmed in time")


def test_a_confirmation_is_whole_or_the_commit_goes_back(place: Path, ill: int) -> None:
    ended = set()

    def confirm(box: Box) -> None:
        with suppress(StorageError):
            box.guard.confirm(S)

    for box in every_step(place, ill, commit_c, confirm):
        confirmed = box.pending is None
        ended.add(confirmed)
        box.wait(61)
        for again in (box.stay, box.start, box.boot):
            again()
            assert in_force(box.paths) == digest("c" if confirmed else "b")
        box.disk.after = None
        box.wait(LONGEST_WRITE_S)
        assert in_force(box.paths) == digest("c" if confirmed else "b")
        check_whole(box.paths)
    assert ended == {True, False}


@pytest.mark.parametrize("revert_in", [None, 60.0])
def test_a_commit_that_cannot_be_kept_is_refused_or_goes_back(place: Path, ill: int, revert_in: float | None) -> None:
    def commits(box: Box) -> None:
        with suppress(StorageError):
            box.guard.commit(S, revert_in, "")

    for box in every_step(place, ill, load_c, commits):
        now = in_force(box.paths)
        assert now in {digest("b"), digest("c")}
        kept = now if box.pending is None else digest("b")
        box.wait(61)
        for again in (box.stay, box.start, box.boot):
            again()
            assert in_force(box.paths) == kept
        box.disk.after = None
        box.wait(LONGEST_WRITE_S)
        check_whole(box.paths)


def test_a_rollback_that_cannot_be_kept_is_refused_or_goes_back(place: Path, ill: int) -> None:
    def rolls_back(box: Box) -> None:
        with suppress(StorageError):
            box.guard.rollback(S)

    for box in every_step(place, ill, Box.stay, rolls_back):
        kept = in_force(box.paths)
        assert kept in {digest("a"), digest("b")}
        box.boot()
        assert in_force(box.paths) == kept


@pytest.mark.parametrize("what", ["confirmed", "pending", "half applied"])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_box_boots_the_confirmed_generation_that_can_be_read(
    place: Path, ill: int, what: str, *, damaged: bool
) -> None:
    def prepare(box: Box) -> None:
        if what != "confirmed":
            commit_c(box)
        if what == "half applied":
            file = box.paths.base / "pending.json"
            file.write_text(file.read_text().replace("waiting", "applying"))
        if damaged:
            (box.paths.base / "generations/2/nftables.conf").write_text("")

    for box in every_step(place, ill, prepare, Box.boot, least=int(damaged or what != "confirmed")):
        assert in_force(box.paths) == digest("a" if damaged else "b")
        assert box.pending is None
        box.disk.after = None
        box.wait(LONGEST_WRITE_S)
        assert (box.paths.base / "confirmed").readlink().name == ("1" if damaged else "2")
        assert not (box.paths.base / "pending.json").exists()


def test_a_bad_disk_refuses_before_anything_is_tried(place: Path) -> None:
    for said, number in ILLS.items():
        box = box_of(place, str(number), number, "a", "b")
        box.disk.after = 0
        with pytest.raises(StorageError, match=said):
            box.guard.load(S, "replace", config("not a name"))
        assert box.guard.status()["candidate"] is None
        box.disk.after = None
        box.guard.load("another", "replace", config("c"))  # nobody is locked out


def test_secrets_are_shown_as_fingerprints_though_no_salt_can_be_kept(place: Path, ill: int) -> None:
    box = box_of(place, "box", ill, "a")
    box.disk.after = 0
    shown = box.guard.show("running", sanitized=True)
    assert "aa11" not in str(shown)
    assert box.guard.show("running", sanitized=True) == shown


@pytest.mark.parametrize("name", ["pending.json", "last.json", "previous", "confirmed/meta.json"])
def test_what_cannot_be_read_keeps_no_box_from_booting(place: Path, name: str) -> None:
    box = box_of(place, "box", errno.EIO, "a", "b")
    file = box.paths.base / name
    file.unlink(missing_ok=True)
    file.mkdir()  # reading it fails with an error other than "not there"
    box.disk.after = 0
    box.boot()
    assert in_force(box.paths) == digest("b" if "meta" not in name else "a")


def test_a_disk_that_has_all_is_not_written_to_by_a_boot(place: Path) -> None:
    box = box_of(place, "box", errno.EROFS, "a", "b")
    box.disk.after = 0
    box.boot()
    assert box.disk.refused == 0
    assert box.guard.due_in() == LOOK_EVERY_S, "nothing is owed"
