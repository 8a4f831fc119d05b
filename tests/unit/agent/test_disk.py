"""What lies on the disk is at no step more open than it may be, whatever the umask; no planted link is followed."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from linjevakt_agent.base import disk, volatile
from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import StorageError

SECRET = "psk"
CLOSED = 0o077


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """However the process was started."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def reachable(folder: Path) -> list[tuple[Path, int]]:
    """Every file below `folder` that another user could open, with its mode: all directories above let them through."""
    found = []
    for file in folder.rglob("*"):
        above = [each for each in file.parents if folder in each.parents]
        if file.is_file() and mode(file) & CLOSED and all(mode(each) & 0o001 for each in above):
            found.append((file, mode(file)))
    return found


@pytest.mark.usefixtures("umask")
def test_at_no_step_is_a_closed_file_open(tmp_path: Path) -> None:
    seen: list[list[tuple[Path, int]]] = []
    on_disk = Disk(lambda _step: seen.append(reachable(tmp_path)))
    on_disk.write(tmp_path / "secrets.toml", SECRET, 0o600)
    on_disk.write(tmp_path / "secrets.toml", SECRET * 2, 0o600)
    assert mode(tmp_path / "secrets.toml") == 0o600
    assert seen
    assert not any(seen)


@pytest.mark.usefixtures("umask")
def test_a_directory_is_closed_until_it_is_whole(tmp_path: Path) -> None:
    steps: list[tuple[str, list[tuple[Path, int]]]] = []
    on_disk = Disk(lambda step: steps.append((step, reachable(tmp_path))))
    files = {"hostname": ("rtr-a\n", 0o644), "secrets.toml": (SECRET, 0o600)}
    on_disk.make_directory(tmp_path / "4", files)
    assert [found for step, found in steps if step != "rename .4.new" and found] == []
    assert (mode(tmp_path / "4"), mode(tmp_path / "4/hostname")) == (0o2711, 0o644)
    assert mode(tmp_path / "4/secrets.toml") == 0o600


def test_a_file_is_closed_from_the_moment_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between open(2) and chmod(2) nobody may get a descriptor: the mode that `open` itself gives counts."""
    born: list[int] = []
    chmod = os.fchmod

    def looked_at(handle: int, wanted: int) -> None:
        born.append(stat.S_IMODE(os.fstat(handle).st_mode))
        chmod(handle, wanted)

    monkeypatch.setattr(os, "fchmod", looked_at)
    Disk().write(tmp_path / "router.key", SECRET, 0o600)
    volatile.publish(tmp_path / "lines.json", b"{}")
    assert born == [0o600, 0o600]


@pytest.mark.parametrize("write", ["write", "publish", "create"])
def test_a_link_planted_where_the_new_file_is_made_is_not_followed(tmp_path: Path, write: str) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "box"
    victim.write_text("mine")
    folder.mkdir()
    for name in (".x.new", f".x.{os.getpid()}", "x"):
        (folder / name).symlink_to(victim)
    if write == "write":
        Disk().write(folder / "x", SECRET, 0o600)
    elif write == "publish":
        volatile.publish(folder / "x", SECRET.encode())
    else:
        disk.create(folder / "x", 0o600).close()
    assert victim.read_text() == "mine"
    assert not (folder / "x").is_symlink()


def test_a_link_planted_where_a_directory_is_made_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / ".4.new").symlink_to(victim)
    with suppress(StorageError):
        Disk().make_directory(tmp_path / "4", {"secrets.toml": (SECRET, 0o600)})
    assert list(victim.iterdir()) == []
    assert (tmp_path / "4/secrets.toml").read_text() == SECRET


def test_text_is_read_as_its_bytes_are(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("a\r\nb\rc\u2028\n".encode())
    assert disk.read_text(tmp_path / "x") == "a\r\nb\rc\u2028\n"
