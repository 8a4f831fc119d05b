"""The one way to the terminal: nothing in data moves the cursor, sets colours, forges text or is read as markup.

Ruff bans every other way to print (`pyproject.toml`, banned-api). What the terminal cannot show, and a reader who
leaves, are the business of `linjevakt.outlet`.
"""

import codecs
import json
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console  # noqa: TID251 - here
from rich.progress import Progress, ProgressColumn
from rich.table import Table  # noqa: TID251 - here
from rich.text import Text

from linjevakt.cli.language import spoken
from linjevakt.model.saying import Saying, in_language
from linjevakt.model.text import one_line, visible

_YES = frozenset({"y", "yes", "j", "ja"})


def here(text: object) -> str:
    """The text in the language that is spoken, with nothing in it that a terminal obeys."""
    return visible(in_language(text, spoken()))


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Prints text of one or several lines on stdout, or on stderr, as it is said here; `nl`: ends the last line.

    The stream is named: to one that is pure ASCII the library would else write UTF-8 past it (`linjevakt.outlet`).
    """
    typer.echo(here(text), file=sys.stderr if err else sys.stdout, nl=nl)  # noqa: TID251 - here


def show_json(value: Any) -> None:
    """Prints a value as JSON on stdout; where the terminal lacks letters they are escaped, so that none is lost."""
    encoding = str(getattr(sys.stdout, "encoding", None) or "utf-8")
    echo(json.dumps(value, indent=2, ensure_ascii=codecs.lookup(encoding).name != "utf-8"))


def hand_out(content: str) -> None:
    """Prints a file's content on stdout, in UTF-8 whatever the terminal takes: a replaced letter is another file."""
    typer.echo(visible(content).encode(), nl=False)  # noqa: TID251 - here


def someone_is_there() -> bool:
    """Whether somebody sits at a terminal, who can be asked; a script cannot."""
    return sys.stdin.isatty()


def require_yes(question: str) -> None:
    """Asks on stderr; ends the command with code 1, nothing done, unless the answer is yes, in either language."""
    echo(Saying("{} [y/N]: ", question), err=True, nl=False)
    if sys.stdin.readline().strip().casefold() not in _YES:
        echo(Saying("Nothing was done."), err=True)
        raise typer.Exit(1)


class Rows:
    """A table whose first column, a `name` that people copy, is never cut; each cell is text of one line."""

    def __init__(self, name: object, *columns: object, title: object = "", caption: object = "") -> None:
        self._language = spoken()
        self._title, self._caption = self._cells(title, caption)
        self._heads = self._cells(name, *columns)
        self._rows: list[tuple[str, ...]] = []

    def add_row(self, *cells: object) -> None:
        """Adds a row with a cell for every column."""
        self._rows.append(self._cells(*cells))

    def show(self, *, err: bool = False) -> None:
        """Prints it, as wide as the terminal; into a pipe each row on a line of its own, for `grep`."""
        console = _console(stderr=err)
        if console.is_terminal or "COLUMNS" in os.environ:
            console.print(self._fitted())
        else:
            (sys.stderr if err else sys.stdout).writelines(self._lines())

    def _cells(self, *cells: object) -> tuple[str, ...]:
        return tuple(one_line(in_language(cell, self._language)) for cell in cells)

    def _fitted(self) -> Table:
        """What is too wide is broken within its cell, which costs a millisecond a row."""
        grid = Table(box=None, title=self._title or None, caption=self._caption or None)
        for n, head in enumerate(self._heads):
            grid.add_column(head, no_wrap=n == 0)
        for row in self._rows:
            grid.add_row(*map(Text, row))
        return grid

    def _lines(self) -> Iterator[str]:
        table = (self._heads, *self._rows)
        widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
        if self._title:
            yield f"{self._title}\n"
        for row in table:
            yield f" {'  '.join(map(set_cell_size, row, widths))} \n"
        if self._caption:
            yield f"{self._caption}\n"


def progress(*columns: ProgressColumn) -> Progress:
    """Progress on stderr while something takes long; nothing where nobody watches."""
    console = _console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def log_to_stderr() -> None:
    """Warnings of the libraries that we use, in plain text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Visible("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its errors reach us as exceptions; it logs tracebacks


class _Visible(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        return visible(super().format(record))


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
