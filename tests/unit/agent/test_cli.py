"""The command as people and the controller run it: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.agent.conftest import GuardProcess
from tests.unit.agent.fake_box import config, digest

pytestmark = pytest.mark.process

AGENT = Path(__file__).parents[3] / "agent"


def run(root: Path, *argv: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "linjevakt_agent", "--root", str(root), *argv],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(AGENT)},
    )


@pytest.fixture
def box(guard: GuardProcess) -> Path:
    return guard.paths.root


def test_the_whole_way_of_a_change(box: Path) -> None:
    loaded = run(box, "config", "load", "--replace", "--json", "-", stdin=config("a"))
    assert json.loads(loaded.stdout)["hash"] == digest("a")
    assert "+a" in run(box, "config", "diff").stdout
    committed = json.loads(run(box, "config", "commit", "--revert-in", "60", "--message", "first", "--json").stdout)
    assert committed == {"generation": 1, "hash": digest("a"), "pending": True, "revert_in_s": 60.0}
    assert json.loads(run(box, "config", "confirm", "--json").stdout) == {"generation": 1, "hash": digest("a")}
    assert run(box, "config", "diff").stdout == ""
    assert run(box, "config", "show").stdout == config("a")
    running = json.loads(run(box, "config", "status", "--json").stdout)["running"]
    assert (running["generation"], running["message"]) == (1, "first")
    assert "generation 1" in run(box, "config", "status").stdout


def test_a_refused_candidate_exits_with_2_and_says_where(box: Path) -> None:
    refused = run(box, "config", "load", "--replace", "--json", stdin="#!linjevakt-config 1\n##### hostnam\n")
    assert refused.returncode == 2
    assert json.loads(refused.stderr)["error"] == {
        "kind": "invalid",
        "message": "unknown section 'hostnam'; did you mean 'hostname'?",
        "section": None,
        "line": 2,
    }


def test_a_locked_configuration_exits_with_3(box: Path) -> None:
    run(box, "config", "load", "--replace", "--session", "kari", stdin=config("a"))
    locked = run(box, "config", "load", "--replace", "--session", "ola", stdin=config("b"))
    assert locked.returncode == 3
    assert locked.stderr.startswith("error: session kari holds the configuration since ")


def test_what_cannot_be_applied_exits_with_4(box: Path) -> None:
    run(box, "config", "load", "--replace", stdin=config("refused"))
    failed = run(box, "config", "commit", "--json")
    assert failed.returncode == 4
    assert json.loads(failed.stderr)["error"]["kind"] == "apply"


@pytest.mark.parametrize(
    "argv",
    [["config", "comit"], ["config", "load", "-"], ["config", "commit", "--revert-in", "soon"], ["config", "confirm"]],
)
def test_a_wrong_command_exits_with_2_and_no_traceback(box: Path, argv: list[str]) -> None:
    wrong = run(box, *argv, "--json")
    assert wrong.returncode == 2
    assert json.loads(wrong.stderr)["error"]["message"]


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e9"])
def test_a_revert_timer_out_of_range_is_refused(box: Path, seconds: str) -> None:
    run(box, "config", "load", "--replace", stdin=config("a"))
    assert run(box, "config", "commit", f"--revert-in={seconds}").returncode == 2


def test_input_that_is_not_text_is_refused_with_its_line(box: Path, tmp_path: Path) -> None:
    (tmp_path / "latin1").write_bytes(b"#!linjevakt-config 1\n##### hostname\nfjellh\xf8i\n")
    refused = run(box, "config", "load", "--replace", "--json", str(tmp_path / "latin1"))
    assert (refused.returncode, json.loads(refused.stderr)["error"]["line"]) == (2, 3)
    assert run(box, "config", "load", "--replace", str(tmp_path / "missing")).returncode == 2


def test_without_a_guard_the_command_says_so(guard: GuardProcess) -> None:
    guard.kill()
    away = run(guard.paths.root, "config", "status", "--json")
    assert away.returncode == 4
    assert json.loads(away.stderr)["error"]["kind"] == "unavailable"


def test_the_configuration_command_loads_neither_snmp_nor_cryptography() -> None:
    code = "import sys, linjevakt_agent.cli, linjevakt_agent.box; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(AGENT)},
    )
    assert not {"pysnmp", "cryptography", "asyncio"} & set(done.stdout.split())


def test_nothing_that_is_shown_commands_the_terminal(box: Path) -> None:
    evil = "\x1b]0;owned\x07\x9b31m\u202e"
    run(box, "config", "load", "--replace", stdin=config("a"))
    whose = run(box, "config", "load", "--replace", "--session", evil, stdin=config("a"))
    why = run(box, "config", "commit", "--message", evil, "--json")
    missing = run(box, "config", "load", "--replace", str(box / evil))
    refused = run(box, "config", "load", "--replace", "--json", stdin=f"#!linjevakt-config 1\n##### {evil}\n")
    assert {answer.returncode for answer in (whose, why, missing, refused)} == {2}
    for answer in (whose, why, missing, refused):
        assert not set("\x1b\x07\x9b\u202e") & set(answer.stdout + answer.stderr)
