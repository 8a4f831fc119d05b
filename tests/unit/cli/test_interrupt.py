"""Ctrl-C and SIGTERM at every moment of the commands that change something, each time in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fleet.routers import FJELLHEIM, SOLBAKKEN

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ended:
    """How the command ended that was interrupted at the n-th moment; `state` is None when it left at once."""

    at: int
    code: int
    state: dict[str, Any] | None
    stdout: str
    stderr: str

    @property
    def left(self) -> dict[str, Any]:
        assert self.state, self
        return self.state


def walked(folder: Path, signals: str, *words: str, usual: int = 0) -> list[Ended]:
    """Every moment of the command, whose usual exit code is told; all of them end without a traceback."""
    argv = [sys.executable, "-m", "tests.unit.cli.interrupted", str(folder / "walk"), signals, *words]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    rows = [Ended(**json.loads(line)) for line in done.stdout.splitlines()]
    *struck, last = rows
    assert (last.code, last.left["struck"], last.stderr.count("nterrupted")) == (usual, False, 0), last
    for row in struck:
        assert "Traceback" not in row.stdout + row.stderr, row
        assert "Interrupted" in row.stderr, row
        assert row.code in {usual, 130}, row
    return struck


def test_a_push_ends_with_nothing_changed_or_with_a_router_that_is_proven_or_went_back(tmp_path: Path) -> None:
    rows = walked(tmp_path, "INT", "push", FJELLHEIM)
    for row in rows:
        done = FJELLHEIM in row.left["as_wanted"]
        assert (row.left["held"], row.left["running"]) == ([], []), row
        assert row.code == (0 if done else 130), row
        assert ("confirmed" in row.stdout) == done, row
        assert done or "nothing was changed" in row.stderr or "interrupted before it was proven" in row.stderr, row
    codes = [row.code for row in rows]
    assert codes == sorted(codes, reverse=True), "before the commit it stops, after it a good one is confirmed"
    assert {*codes} == {0, 130}


def test_sigterm_is_the_same_as_ctrl_c(tmp_path: Path) -> None:
    for row in walked(tmp_path, "TERM", "settle", FJELLHEIM, usual=1):
        assert (row.code, row.left["held"], row.left["running"]) == (1, [], []), row
        assert "reverted" in row.stdout


def test_a_second_one_leaves_at_once_and_says_how_to_ask_later(tmp_path: Path) -> None:
    rows = walked(tmp_path, "INT+INT", "push", FJELLHEIM)
    assert {row.code for row in rows} == {130}
    assert all(row.state is None and "Left at once" in row.stderr for row in rows)
    assert f"linjevakt settle {FJELLHEIM}" in rows[-1].stderr


def test_an_order_goes_on_later_and_has_no_trouble(tmp_path: Path) -> None:
    rows = walked(tmp_path, "INT", "order", "run", "1")
    for row in rows:
        ((_, state, trouble),) = row.left["orders"]
        assert (row.left["held"], row.left["running"], trouble) == ([], [], False), row
        assert row.code == (0 if state == "done" else 130), row
        assert row.code == 0 or "`linjevakt order run 1` goes on" in row.stderr, row
    assert {row.code for row in rows} == {0, 130}


def test_what_a_person_did_is_written_down_though_the_system_stops(tmp_path: Path) -> None:
    for row in walked(tmp_path, "INT", "order", "advance", "1", "told=2026-01-06"):
        ((step, state, trouble),) = row.left["orders"]
        assert (row.left["held"], trouble) == ([], False), row
        assert step != "told", row
        assert row.code == (0 if state == "done" else 130), row


def test_an_import_saves_all_or_nothing_and_says_which(tmp_path: Path) -> None:
    rows = walked(tmp_path, "INT", "inventory", "import")
    for row in rows:
        assert row.left["rooms"] == (["99"] if row.code == 0 else ["214"]), row
        assert ("nothing was saved" in row.stderr) == (row.code == 130), row
    assert 130 in {row.code for row in rows}


@pytest.mark.parametrize("words", [("revoked", "enforce"), ("router", "stage", SOLBAKKEN)])
def test_a_list_that_is_not_in_force_yet_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    rows = walked(tmp_path, "INT", *words)
    for row in rows:
        assert (row.left["held"], row.left["running"]) == ([], []), row
        assert ("NOT YET in force" in row.stderr) == (row.code == 130), row
    assert {row.code for row in rows} == {0, 130}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", [0.15, 0.4, 0.9])
def test_while_it_loads_and_reads_it_ends_at_once_without_a_traceback(
    tmp_path: Path, number: signal.Signals, after_s: float
) -> None:
    environment = os.environ | {"LINJEVAKT_HOME": str(tmp_path)}
    argv = [sys.executable, "-c", _SLOW, "router", "list"]
    with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout
        assert command.stdout.readline() == "listening\n"
        time.sleep(after_s)
        command.send_signal(number)
        _, stderr = command.communicate(timeout=30)
    assert (command.returncode, stderr.strip()) == (130, "Interrupted.")


_SLOW = """
import sys, time
from linjevakt import __main__, interrupt

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("linjevakt.cli"):
            time.sleep(0.2)

sys.meta_path.insert(0, Slow())
listen = __main__.listen
def heard(stop):
    listen(stop)
    print("listening", flush=True)
__main__.listen = heard
__main__.main()
"""
