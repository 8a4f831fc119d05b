"""What the documents have their reader type: each block says why it is not tried, and no secret gets into git."""

import subprocess

import pytest
from tests.documents import CHECKOUT, NOT_RUN, ORDERS, README, Shown, fences, files, is_as_shown, shown, written


def test_a_block_that_is_not_run_says_why_and_there_are_few() -> None:
    left_out = [fence for document in (README, ORDERS) for fence in fences(document) if fence.about]
    assert all(len(fence.about.removeprefix(NOT_RUN).split()) >= 3 for fence in left_out)
    assert all(fence.about.startswith(NOT_RUN) for fence in left_out)
    assert len(left_out) <= 6


def test_every_block_is_read() -> None:
    for document in (README, ORDERS):
        assert 2 * len(list(fences(document))) == document.read_text().count("```")
        assert list(shown(document))
    assert set(files(ORDERS)) >= {"move.yaml", "bjork.yaml"}


def test_what_the_commands_write_is_ignored_by_git() -> None:
    names = written(README) | written(ORDERS)
    assert {"identity.json", "boot.conf", "rtr-a.conf", "my-fleet", "venv"} <= names
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", *names], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert set(asked.stdout.split()) == names


def test_nothing_of_ours_is_ignored() -> None:
    ignored = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    assert subprocess.run(ignored, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize(
    ("prints", "printed", "same"),
    [
        ("done home (after 2.2 s)\n", "done home (after 13.0 s)\n", True),
        (" Order  Kind\n 3      share\n", " Order  Kind\n 3  share  \n", True),
        ("2026-11-22 01:56  by root\n...\n", "2026-12-24 17:00  by root\none\ntwo\n", True),
        ("   0.1 s  push: asked\nOrder 3 is done.\n", "   0.0 s  another\nOrder 3 is done.\n", True),
        ("Order 3 is done.\n", "Order 4 is done.\n", False),
        ("Order 3 is done.\n", "Order 3 is done.\nand more\n", False),
    ],
)
def test_what_is_printed_is_held_against_what_is_shown(prints: str, printed: str, *, same: bool) -> None:
    assert is_as_shown(Shown("", "", prints), printed) == same
