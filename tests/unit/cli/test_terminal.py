"""What reaches a real terminal, from commands, their errors and logs: none of it is a command to that terminal."""

import io
import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests import hostile
from tests.unit.cli.test_hostile_text import obeyed

from linjevakt.cli import terminal
from linjevakt.daemons import logs

OURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")  # colours and progress bars, by rich
texts = pytest.mark.parametrize("text", [hostile.HIDDEN["a title"], hostile.HIDDEN["text from right to left"]])


def on_a_terminal(*arguments: str, home: Path) -> str:
    """What the command writes on a pseudo-terminal that is its stdout and stderr, colours included."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"LINJEVAKT_HOME": str(home), "LINJEVAKT_TRACEBACK": "1", "TERM": "xterm"}
    program = [sys.executable, "-m", "linjevakt.main", *arguments]
    with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        read = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return read.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end has closed it
        return b""


@pytest.mark.process
@texts
@pytest.mark.parametrize("words", ["inventory check", "order show", "history site", "inventory", "order new --file"])
def test_a_file_name_or_a_mistake_is_shown_and_not_obeyed(words: str, text: str, tmp_path: Path) -> None:
    shown = on_a_terminal(*words.split(), text, home=tmp_path)
    assert obeyed(OURS.sub("", shown)) == set()
    assert "\x1b]" not in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def unset() -> Iterator[None]:
    """What is wired stays wired, otherwise."""
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("text", hostile.HIDDEN.values(), ids=hostile.HIDDEN)
@pytest.mark.parametrize("kind", [Terminal, io.StringIO], ids=["terminal", "file"])
def test_a_log_says_it_in_plain_text(text: str, kind: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = kind()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.to_stderr()
    terminal.log_to_stderr()
    log = structlog.get_logger()
    try:
        Path(f"/nowhere/{text}").read_text(encoding=text)
    except (ValueError, OSError, LookupError):
        log.exception(text, router=text, before=text, many=[text])
        logging.getLogger("library").exception("it says %s", text)
    shown = OURS.sub("", stream.getvalue())
    assert "library" in shown
    assert obeyed(shown) <= {"\t"}
