"""A reader that leaves, a terminal that lacks letters, a full disk: no program of ours ends in a traceback for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests import prepared

from linjevakt import resources

pytestmark = pytest.mark.process

LINJEVAKT = ("-m", "linjevakt.main")
AGENT = ("-m", "linjevakt_agent")
LAB = ("-c", "from linjevakt_lab.cli import main; main()")
ANSIBLE = ("-c", "import sys; from linjevakt.plugins.ansible import main; sys.exit(main())")
ENDS_WELL = [
    (*LINJEVAKT, "--help"),
    (*LINJEVAKT, "--version"),
    (*LINJEVAKT, "org", "list", "--json"),
    (*LINJEVAKT, "inventory", "show"),
    (*LINJEVAKT, "line", "letter", "rtr-fjellheim.wan0"),
    (*LINJEVAKT, "order", "kinds"),
    (*AGENT, "--version"),
    (*AGENT, "--help"),
    (*AGENT, "config", "load", "--help"),
    (*LAB, "--help"),
    (*LAB, "status", "--help"),
    (*ANSIBLE, "--list"),
]
ENDS_ILL = [
    (*LINJEVAKT, "order", "show", "99"),
    (*LINJEVAKT, "site", "show", "Bj\u00f8rka"),
    (*AGENT, "config", "nonesuch"),
    (*LAB, "status"),
]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
LATIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "iso-8859-1"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    prepared.migrated(home)
    variables = os.environ | {
        "LINJEVAKT_HOME": str(home),
        "LINJEVAKT_LAB": "lvunitnone",
        "LINJEVAKT_ROOT": str(home),
    }
    for words in (("init",), ("inventory", "import", str(resources.inventory() / "example"))):
        subprocess.run([sys.executable, *LINJEVAKT, *words], env=variables, capture_output=True, check=True)
    return variables


def _into(words: tuple[str, ...], environment: dict[str, str], descriptor: int) -> int:
    """The exit code of the command that prints all to the descriptor."""
    argv = [sys.executable, *words]
    return subprocess.run(argv, env=environment, stdout=descriptor, stderr=descriptor, check=False).returncode


@pytest.mark.parametrize("words", [*ENDS_WELL, *ENDS_ILL], ids=lambda words: " ".join(words[1:]))
def test_whoever_reads_it_may_leave(words: tuple[str, ...], environment: dict[str, str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run([sys.executable, *words], env=environment, stdout=theirs, stderr=-1, text=True, check=False)
    told = _into(words, environment, theirs)
    os.close(theirs)
    assert (done.returncode == 0, told == done.returncode) == (words in ENDS_WELL, True), (told, done)
    assert not any(word in done.stderr for word in ("Traceback", "BrokenPipe", "Exception ignored")), done.stderr


@pytest.mark.parametrize("letters", [ASCII, LATIN], ids=["ascii", "latin-1"])
@pytest.mark.parametrize("words", [*ENDS_WELL, *ENDS_ILL], ids=lambda words: " ".join(words[1:]))
def test_a_terminal_need_not_have_every_letter(
    words: tuple[str, ...], letters: dict[str, str], environment: dict[str, str]
) -> None:
    done = subprocess.run([sys.executable, *words], env=environment | letters, capture_output=True, check=False)
    assert (done.returncode == 0) == (words in ENDS_WELL), done
    assert b"UnicodeEncodeError" not in done.stderr
    assert b"Traceback" not in done.stderr
    assert letters is not ASCII or (done.stdout + done.stderr).isascii()


def test_letters_are_those_of_the_terminal_and_in_json_escaped(environment: dict[str, str]) -> None:
    argv = [sys.executable, *LINJEVAKT, "line", "letter", "rtr-fjellheim.wan0"]
    shown = subprocess.run(argv, env=environment | LATIN, capture_output=True, check=True).stdout
    assert "leverandøren" in shown.decode("iso-8859-1")
    bare = subprocess.run(argv, env=environment | ASCII, capture_output=True, check=True).stdout
    assert b"leverand?ren" in bare
    told = subprocess.run([*argv, "--json"], env=environment | ASCII, capture_output=True, check=True).stdout
    whole = subprocess.run([*argv, "--json"], env=environment, capture_output=True, check=True).stdout
    assert told.isascii()
    assert not whole.isascii()
    assert json.loads(told) == json.loads(whole)


@pytest.mark.parametrize("words", ENDS_WELL, ids=lambda words: " ".join(words[1:]))
def test_a_full_disk_is_told_in_one_sentence_and_ends_with_a_code(
    words: tuple[str, ...], environment: dict[str, str]
) -> None:
    with Path("/dev/full").open("wb") as full:
        argv = [sys.executable, *words]
        done = subprocess.run(argv, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode not in {0, 120}, done  # 120: Python itself found out, at its very end
    assert "standard output" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not any(word in done.stderr for word in ("Traceback", "Errno", "Exception ignored")), done.stderr


@pytest.mark.parametrize("words", [(*AGENT, "--version"), *ENDS_ILL], ids=lambda words: " ".join(words[1:]))
def test_where_nothing_can_be_told_at_all_the_code_tells(words: tuple[str, ...], environment: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        assert _into(words, environment, full.fileno()) in {1, 2, 4}


@pytest.mark.parametrize("program", [LINJEVAKT, AGENT, LAB], ids=lambda program: program[1])
def test_without_an_output_it_ends_quietly(program: tuple[str, ...], environment: dict[str, str]) -> None:
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, *program, "--help"]
    done = subprocess.run(closed, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done
    assert not any(word in done.stderr for word in ("Traceback", "Errno", "Exception ignored")), done.stderr
