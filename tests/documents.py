"""The fenced commands of a document: which there are, whether they run as they stand, and what they print."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
README, ORDERS = CHECKOUT / "README.md", CHECKOUT / "docs/orders.md"
NOT_RUN = "not run: "
_FENCE = re.compile(r"^```(\w+) *(.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)
_PROGRESS = re.compile(r"^ +\d+\.\d s  .*\n", re.MULTILINE)
"""What is being done just now; how long that takes, and so what of it is told, is another each time."""


@dataclass(frozen=True)
class Fence:
    """A fenced block; `about` is the info string after the language."""

    line: int
    language: str
    about: str
    text: str


def fences(document: Path) -> Iterator[Fence]:
    """Every one, in order."""
    text = document.read_text()
    for found in _FENCE.finditer(text):
        yield Fence(text.count("\n", 0, found.start()) + 1, *found.groups())


@dataclass(frozen=True)
class Shown:
    """A command that a document shows, and what it prints there; None: nothing is shown of it."""

    where: str
    command: str
    prints: str | None = None


def shown(document: Path) -> Iterator[Shown]:
    """What is to be typed and may be run: a block of `sh`, and each `$ ` of a block of `console`."""
    for fence in fences(document):
        where = f"{document.name}:{fence.line}"
        if fence.language == "sh" and not fence.about.startswith(NOT_RUN):
            yield Shown(where, fence.text)
        elif fence.language == "console":
            for dialogue in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
                command, _, prints = dialogue.partition("\n")
                yield Shown(where, command, prints)


def files(document: Path) -> dict[str, str]:
    """The files that a document has its reader write: each block of YAML, by the next `--file NAME` after it."""
    text, named = document.read_text(), {}
    for found in _FENCE.finditer(text):
        if found[1] == "yaml" and (name := re.search(r"--file (\S+)", text[found.end() :])):
            named[name[1]] = found[3]
    return named


def written(document: Path) -> set[str]:
    """What its commands write into the folder that they are run in: configurations, identities, exports."""
    commands = "\n".join(fence.text for fence in fences(document) if fence.language in {"sh", "console"})
    into = re.findall(r"(?: >|--out|--pdf) +([\w./-]+)|cp -r \S+ ([\w-]+)|-m venv ([\w-]+)", commands)
    return {name for names in into for name in names if name} | set(files(document))


def run(document: Path, folder: Path, *, lab: str, within_s: float) -> list[str]:
    """Types a document's commands into one shell, in a folder that looks like a checkout; what each printed.

    Raises AssertionError that names the block whose command failed, with what it said.
    """
    for name in ("inventory", "lab"):
        (folder / name).symlink_to(CHECKOUT / name)
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
    for name, text in files(document).items():
        (folder / name).write_text(text)
    steps = list(shown(document))
    outputs = [folder / f"printed-{n}" for n in range(len(steps))]
    script = "".join(
        f"{{\n{step.command.rstrip()}\n}} > {output} 2>&1\n" for step, output in zip(steps, outputs, strict=True)
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJEVAKT_")}
    environment |= {"HOME": str(folder), "LINJEVAKT_LAB": lab, "COLUMNS": "200"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, timeout=within_s, check=False
    )
    printed = [output.read_text() for output in outputs if output.exists()]
    last = steps[len(printed) - 1]
    assert done.returncode == 0, f"{last.where} ends with {done.returncode}: {last.command}\n{printed[-1]}"
    return printed


def is_as_shown(step: Shown, printed: str) -> bool:
    """Whether a command printed what the document shows, but for times; `...` stands for anything."""
    return step.prints is None or bool(re.fullmatch(_pattern(step.prints), _PROGRESS.sub("", printed)))


def _pattern(prints: str) -> str:
    lines = _PROGRESS.sub("", prints).splitlines()
    return "".join(r"(?:.*\n)*?" if line.strip() == "..." else rf"{_line(line)}[ ]*\n" for line in lines)


def _line(line: str) -> str:
    """Columns are as wide as what is in them, so any number of spaces is one."""
    return r"[ ]*" + r"[ ]+".join(map(_word, line.split()))


def _word(word: str) -> str:
    parts = re.split(r"(\d{4}-\d\d-\d\d|\d\d:\d\d|\d+\.\d)", word)
    pattern = "".join(r"[\d:.-]+" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return pattern.replace(re.escape("..."), ".*")
