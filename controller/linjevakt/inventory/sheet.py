"""One CSV file as rows of text, each with its line, and back: encodings, separators, quotes and escapes included.

`spreadsheet` says which cells get an apostrophe in front, so that a spreadsheet lets them be; reading takes it away.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from linjevakt.inventory.document import FILE, SPLIT, Flaw
from linjevakt.inventory.spreadsheet import APOSTROPHE, escaped, spoiled, unescaped
from linjevakt.model.saying import Saying

__all__ = ["Cells", "Dialect", "Row", "escaped", "parse", "text"]

_AS_UTF8 = Saying("Save it as `CSV UTF-8`")
_SEPARATORS = ",;\t"
_COLUMNS = 200  # the widest sheet has a tenth of it
_ROWS = 200_000  # each some 500 octets of memory; 10,000 sites have 20,000 lines


@dataclass(frozen=True)
class Row:
    """One row: the line it begins in, and what stands in its cells by column; empty cells are left out."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Dialect:
    """How a file is written; `mark`: begins with the byte order mark by which Excel knows UTF-8."""

    separator: str = ","
    line_end: str = "\n"
    mark: bool = False


@dataclass
class Cells:
    """A file's content: the line of its header, the columns' names, the rows, and the flaws on the way.

    `spoiled` are flaws of single cells, which hide nothing else.
    """

    line: int = 1
    header: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    spoiled: list[Flaw] = field(default_factory=list)


def parse(raw: bytes) -> Cells:
    """The rows in `raw`; never raises: what is wrong is in `flaws`, and the rows end where it cannot be told."""
    cells = Cells()
    text = _decoded(raw, cells)
    lines = _lines(text, cells)
    cells.line, names = next(lines, (1, []))
    while names and not names[-1].strip():  # a spreadsheet may save columns that were emptied
        names.pop()
    cells.header = tuple(name.strip().lower() for name in names)
    for line, values in lines:
        cells.spoiled += _spoiled(line, cells.header, values)
        row = {name: value for name, cell in zip(cells.header, values, strict=False) if (value := _read(cell))}
        if any(cell.strip() for cell in values[len(names) :]):
            message = Saying("has {} cells, the header {}", len(values), len(names))
            remedy = Saying("Put quotes around a cell that holds the separator")
            cells.flaws.append(Flaw(line, FILE, message, remedy))
        elif row:
            cells.rows.append(Row(line, row))
    return cells


def text(header: Sequence[str], rows: Iterable[Mapping[str, str]], dialect: Dialect) -> str:
    """The file with these columns; `rows` as `parse` gives them."""
    out = StringIO()
    writer = csv.writer(out, delimiter=dialect.separator, lineterminator=dialect.line_end)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return ("\ufeff" if dialect.mark else "") + out.getvalue()


def _spoiled(line: int, header: Sequence[str], values: Sequence[str]) -> Iterator[Flaw]:
    for name, cell in zip(header, values, strict=False):
        if found := spoiled(cell.strip()):
            yield Flaw(line, name or FILE, *found)


def _read(cell: str) -> str:
    return unescaped(cell) if cell.startswith(APOSTROPHE) else cell.strip()


def _decoded(raw: bytes, cells: Cells) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        cells.flaws.append(Flaw(1, FILE, Saying("is UTF-16, not UTF-8"), _AS_UTF8))
        return ""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        guess = raw[error.start : error.start + 1].decode("cp1252", "replace")
        message = Saying(
            "is not UTF-8: byte 0x{octet:02x}, which is {letter!r} in Windows-1252 (Latin-1)",
            octet=raw[error.start],
            letter=guess,
        )
        cells.flaws.append(Flaw(line, FILE, message, _AS_UTF8))
        return ""


def _lines(text: str, cells: Cells) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not empty, with the line it begins in."""
    separator, skipped, body = _separator(text)
    reader = csv.reader(StringIO(body, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    try:
        for n, values in enumerate(reader):
            if n > _ROWS or len(values) > _COLUMNS:
                message = Saying("is larger than {:,} rows of {} cells", _ROWS, _COLUMNS)
                cells.flaws.append(Flaw(line, FILE, message, SPLIT))
                return
            if any(value.strip() for value in values):
                yield line, values
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        remedy = Saying("Look for a quote that is not closed, or double it")
        cells.flaws.append(Flaw(line, FILE, Saying("is not CSV from here on: {}", error), remedy))


def _separator(text: str) -> tuple[str, int, str]:
    """What parts the cells: as Excel's first line `sep=;` says (which is no row), else as the header shows."""
    first, _, rest = text.partition("\n")
    if said := re.fullmatch(r'"?sep=(.)"?[,;\t]*\r?', first, re.IGNORECASE):
        return said[1], 1, rest
    header = next((line for line in StringIO(text) if any(map(str.isalnum, line))), first)
    return max(_SEPARATORS, key=header.count), 0, text
