"""The command `lab`: every error is one sentence and a failing exit code."""

import os
import sys

import pytest

from linjevakt_lab import cli, preflight
from linjevakt_lab.errors import LabError
from linjevakt_lab.places import State

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="says what root is told")


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[object, str]:
    """Run `lab ARGUMENTS`; returns what it exits with and what it printed."""
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code, capsys.readouterr().err


@pytest.fixture(autouse=True)
def _own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINJEVAKT_LAB", "lvunitnone")


def test_an_unknown_scenario_is_told_with_the_nearest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = told(capsys, monkeypatch, "up", "--scenario", "exampel")
    assert code == "lab: No scenario is named exampel: did you mean example?"


def test_scenario_and_sites_exclude_each_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = told(capsys, monkeypatch, "up", "--scenario", "example", "--sites", "3")
    assert code == "lab: --scenario and --sites exclude each other: give one."


def test_an_impossible_number_of_sites_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = told(capsys, monkeypatch, "up", "--sites", "0")
    assert code == 2
    assert "greater than or equal to 1" in printed


def test_a_wrong_way_to_break_is_refused_with_the_ways_there_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = told(capsys, monkeypatch, "break", "rtr-x", "wan0", "--how", "blackhol")
    assert code == 2
    assert "'blackhole'" in printed


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["expect"],
        ["exec", "noc", "--", "true"],
        ["linjevakt", "health", "rtr-fjellheim"],
        ["linjevakt", "--help"],
        ["boot", "hub-oslo"],
        ["move", "rtr-bjerka", "wan0", "nygata"],
        ["unplug", "rtr-bjerka", "wan0"],
    ],
)
def test_without_a_lab_every_command_says_how_to_raise_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    code, _ = told(capsys, monkeypatch, *command)
    assert code == "lab: No lab lvunitnone is up: raise one with `lab up`."


def test_taking_down_what_is_not_there_is_no_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = told(capsys, monkeypatch, "down")
    assert (code, printed) == (0, "No lab lvunitnone is up.\n")


def test_a_lab_of_another_version_can_only_be_taken_down(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    state = State("lvunitnone")
    state.folder.mkdir(parents=True)
    state.plan.write_text('{"version": 0}')
    code, _ = told(capsys, monkeypatch, "status")
    assert "Another version of the lab raised lvunitnone: take it down with `lab down`" in str(code)
    code, printed = told(capsys, monkeypatch, "down")
    assert (code, printed) == (0, "The lab lvunitnone is down.\n")
    assert not state.folder.exists()


def test_a_user_who_is_not_root_is_told_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    code, _ = told(capsys, monkeypatch, "up")
    assert code == "lab: The lab makes network namespaces, which only root may do: run it with sudo."


def test_another_operating_system_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(LabError, match="cannot run on darwin"):
        preflight.check_host()


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError, match=r"apt-get install .*mmdebstrap.*udhcpc"):
        preflight.check_host()


@pytest.mark.parametrize("prefix", ["../etc", "A", "", "a b", "lv-b", "x" * 21])
def test_a_prefix_that_cannot_name_a_namespace_is_refused(prefix: str) -> None:
    with pytest.raises(LabError, match="cannot name a lab"):
        State(prefix)
