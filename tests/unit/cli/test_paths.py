"""Every command that takes a file or a folder, given what is none: a sentence with the path, and exit code 2."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
from tests import prepared
from tests.commandline import application
from typer.models import ParameterInfo
from typer.testing import CliRunner, Result

from linjevakt import resources

STAGE = ("router", "stage", "rtr-x", "--identity")
READS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("order new", "file"): ("order", "new", "new_site", "--file", "{}"),
    ("org add", "file"): ("org", "add", "--file", "{}"),
    ("order stage", "identity"): ("order", "stage", "1", "--identity", "{}"),
    ("router stage", "identity"): (*STAGE, "{}"),
    ("inventory check", "folder"): ("inventory", "check", "{}"),
    ("inventory import", "folder"): ("inventory", "import", "{}"),
    ("service lint", "folder"): ("service", "lint", "{}"),
}
WRITES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("router stage", "out"): (*STAGE, "{good}", "--out", "{}"),
    ("order stage", "out"): ("order", "stage", "1", "--identity", "{good}", "--out", "{}"),
    ("line letter", "pdf"): ("line", "letter", "rtr-fjellheim.wan0", "--pdf", "{}"),
    ("inventory export", "folder"): ("inventory", "export", "{}"),
    ("inventory generate", "folder"): ("inventory", "generate", "{}", "--sites", "1"),
    ("inventory schema", "folder"): ("inventory", "schema", "{}"),
    ("init", "home"): ("init", "--home", "{}"),
}


def commands_of(app: typer.Typer, way: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in app.registered_commands:
        callback = command.callback
        assert callback is not None
        yield f"{way}{command.name or callback.__name__}", callback
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands_of(group.typer_instance, f"{way}{group.name} ")


def _of_files() -> Iterator[tuple[str, str]]:
    for command, callback in commands_of(application()):
        hints = get_type_hints(callback, include_extras=True)
        for name in signature(callback).parameters:
            kind, *infos = get_args(hints[name]) or (hints[name],)
            metavars = [info.metavar or "" for info in infos if isinstance(info, ParameterInfo)]
            if Path in {kind, *get_args(kind)} or any("FILE" in metavar for metavar in metavars):
                yield command, name


def test_each_parameter_that_names_a_file_is_attacked_here() -> None:
    assert set(_of_files()) == {*READS, *WRITES}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home")
    made.chmod(0o700)
    prepared.migrated(made)
    assert _run(made, "init").exit_code == 0
    assert _run(made, "inventory", "import", str(resources.inventory() / "example")).exit_code == 0
    return made


def _run(home: Path, *arguments: str) -> Result:
    return CliRunner(env={"LINJEVAKT_HOME": str(home)}).invoke(application(), arguments)


def _wrong(kind: str, folder: Path) -> Path:
    path = folder / "wrong"
    match kind:
        case "a folder":
            path.mkdir()
        case "not UTF-8":
            path.write_bytes(b"a: \xe6\n")
        case "empty":
            path.touch()
        case "a loop":
            path.symlink_to(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "below a file":
            path.touch()
            path /= "below"
        case "too long":
            path = folder / ("x" * 300)
    return path


def _told(result: Result, path: Path) -> None:
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    _says(result.stderr, path)


def _says(said: str, path: Path) -> None:
    assert str(path) in said.replace("\n", ""), said
    assert not any(word in said for word in ("Errno", "Traceback", "codec", "3: ")), said
    assert len(said.split()) > 6, said


KINDS = ["a folder", "missing", "not UTF-8", "empty", "a loop", "a device", "below a file", "too long"]


@pytest.mark.parametrize("command", READS.values(), ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_told_with_its_path(
    kind: str, command: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    if kind == "a folder" and command[0] in {"inventory", "service"}:
        pytest.skip("a folder is what it takes")
    path = _wrong(kind, tmp_path)
    _told(_run(home, *(word.format(path) for word in command)), path)


@pytest.mark.parametrize("command", WRITES.values(), ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("kind", ["a loop", "a device", "below a file", "too long"])
def test_where_nothing_can_be_written_is_told_with_its_path(
    kind: str, command: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    if kind == "a device" and "--pdf" in command:
        pytest.skip("/dev/stdout is a device too, and holds no secret")
    path, good = _wrong(kind, tmp_path), tmp_path / "good"
    good.write_text("{}")
    result = _run(home, *(word.format(path, good=good) for word in command))
    _told(result, path.parent if kind == "below a file" and str(path) not in result.stderr else path)


def _of_a_user(home: Path, *arguments: str) -> str:
    """What the command says on stderr to a user to whom a file can be closed, as it cannot be to root.

    Root is one without the rights that open all files (capabilities(7)).
    """
    bare = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    argv = [*bare, sys.executable, "-m", "linjevakt.main", *arguments]
    environment = os.environ | {"LINJEVAKT_HOME": str(home)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done
    return done.stderr


@pytest.mark.process
@pytest.mark.parametrize("command", READS.values(), ids=lambda words: " ".join(words[:2]))
def test_what_is_closed_to_its_reader_is_told_with_its_path(
    command: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "closed"
    path.touch(mode=0)
    _says(_of_a_user(home, *(word.format(path) for word in command)), path)


@pytest.mark.process
@pytest.mark.parametrize("command", WRITES.values(), ids=lambda words: " ".join(words[:2]))
def test_a_folder_that_is_closed_to_its_writer_is_told_with_its_path(
    command: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    folder, good = tmp_path / "closed", tmp_path / "good"
    folder.mkdir(mode=0o500)
    good.write_text("{}")
    said = _of_a_user(home, *(word.format(folder / "new", good=good) for word in command))
    _says(said, folder / "new" if str(folder / "new") in said else folder)
