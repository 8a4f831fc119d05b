"""The file that a bootstrap goes to: for its owner alone, whatever lay or was planted in its place."""

import os
from pathlib import Path

import pytest

from linjevakt.cli.bootstrap import deliver, require_writable
from linjevakt.model.change import Candidate
from linjevakt.model.errors import InvalidInputError

CANDIDATE = Candidate("rtr-a", "linux", "#!linjevakt-config 1\n")


def test_whoever_has_the_old_file_open_reads_nothing_of_the_new_one(tmp_path: Path) -> None:
    out = tmp_path / "boot"
    out.write_text("old")
    out.chmod(0o666)
    with out.open() as spy:
        deliver(CANDIDATE, "rtr-a", out, as_json=False)
        assert spy.read() == "old"
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text() == CANDIDATE.text
    assert os.listdir(tmp_path) == ["boot"]  # noqa: PTH208 - hidden files count


@pytest.mark.parametrize("planted", ["link", "dangling", "fifo", "folder"])
def test_what_is_no_file_of_its_own_is_refused_before_anything_is_staged(tmp_path: Path, planted: str) -> None:
    out, victim = tmp_path / "boot", tmp_path / "victim"
    if planted == "fifo":
        os.mkfifo(out)
    elif planted == "folder":
        out.mkdir()
    else:
        out.symlink_to(victim)
        if planted == "link":
            victim.write_text("mine")
    with pytest.raises(InvalidInputError, match="is a link or no file"):
        require_writable(out)
    assert not victim.exists() or victim.read_text() == "mine"


def test_a_link_planted_after_that_is_replaced_and_not_followed(tmp_path: Path) -> None:
    out, victim = tmp_path / "boot", tmp_path / "victim"
    victim.write_text("mine")
    out.symlink_to(victim)
    deliver(CANDIDATE, "rtr-a", out, as_json=False)
    assert (victim.read_text(), out.is_symlink(), out.read_text()) == ("mine", False, CANDIDATE.text)
