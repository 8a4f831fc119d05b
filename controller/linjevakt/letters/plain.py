"""A letter as plain text, for mail and terminals."""

from collections.abc import Iterator
from io import StringIO
from textwrap import wrap

from rich import box
from rich.console import Console  # noqa: TID251 - writes into a text, not on a terminal
from rich.table import Table as Grid  # noqa: TID251 - every cell is a Text
from rich.text import Text

from linjevakt.letters.document import Document, Facts, Section, Table

WIDTH = 96
"""Characters a line: mail programs show it without wrapping, and so does an A4 page in 10 points."""

_NARROW = 12  # characters up to which a table's column is never wrapped


def text(document: Document) -> str:
    """The letter, each line at most `WIDTH` characters long; ends in a newline."""
    head = [*document.sender, "", *document.recipient, "", document.date, "", document.title, "=" * len(document.title)]
    lines = [line for part in head for line in (_wrapped(part) or [""])]
    for section in document.sections:
        lines += _section(section)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield from ("", section.heading, "-" * len(section.heading))
    for block in section.blocks:
        yield ""
        match block:
            case Facts():
                yield from _facts(block)
            case Table():
                yield from _table(block)
            case _:
                yield from _wrapped(block)


def _wrapped(paragraph: str, width: int = WIDTH) -> list[str]:
    return wrap(paragraph, width, break_on_hyphens=False)  # names of routers have hyphens


def _facts(facts: Facts) -> Iterator[str]:
    indent = max(len(name) for name, _ in facts.rows) + 3
    for name, value in facts.rows:
        first, *rest = _wrapped(value, WIDTH - indent) or [""]
        yield f"{name + ':':<{indent}}{first}"
        yield from (" " * indent + line for line in rest)


def _table(table: Table) -> Iterator[str]:
    grid = Grid(box=box.ASCII, show_lines=True, expand=True)
    for name, width, *cells in zip(table.header, table.widths, *table.rows, strict=True):
        narrow = max(map(len, (name, *cells))) <= _NARROW
        grid.add_column(Text(name), ratio=None if narrow else width, overflow="fold")
    for row in table.rows:
        grid.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=WIDTH, color_system=None, legacy_windows=False).print(grid)
    yield from page.getvalue().splitlines()
