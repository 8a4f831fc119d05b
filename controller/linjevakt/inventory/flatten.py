"""Writes nouns as rows of the sheets that `layout` declares."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from linjevakt.inventory.layout import NO_ITEMS, SHEETS, Column, Sheet, tree
from linjevakt.inventory.sheet import escaped
from linjevakt.model.fields import Noun

Cells = dict[str, str]


def rows(nouns: Sequence[Noun], root: Sheet) -> Iterator[tuple[Sheet, tuple[str, ...], list[Cells]]]:
    """The root's sheet and those below it, each with its header and its rows; a child names its parent's row."""
    found: dict[str, list[Cells]] = {sheet.file: [] for sheet in tree(root)}
    for noun in nouns:
        _flatten(root, noun.model_dump(mode="json", exclude_none=True), {}, found)
    for sheet in tree(root):
        yield sheet, sheet.header(_numbered(found[sheet.file])), found[sheet.file]


def _flatten(sheet: Sheet, plain: dict[str, Any], belongs: Cells, found: dict[str, list[Cells]]) -> None:
    cells = {column.name: _cell(column, value) for column, value in _values(sheet, plain)}
    found[sheet.file].append(belongs | cells)
    identity = [*belongs.values(), *(cells[name] for name in sheet.key)]
    for child in (child for child in SHEETS if child.parent is sheet):
        for item in plain.get(child.inside, ()):
            _flatten(child, item, dict(zip(child.belongs, identity, strict=True)), found)


def _values(sheet: Sheet, plain: dict[str, Any]) -> Iterator[tuple[Column, Any]]:
    """Every column for which the noun has a value; numbered ones once for each item of their list."""
    for column in sheet.columns:
        yield from _followed(column, 0, plain)


def _followed(column: Column, n: int, value: Any) -> Iterator[tuple[Column, Any]]:
    """Follows the column's path from its part `n` on."""
    if n == len(column.path):
        yield column, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _followed(column.at(index), n + 1, item)
    elif column.path[n] in value:
        yield from _followed(column, n + 1, value[cast(str, column.path[n])])


def _cell(column: Column, value: Any) -> str:
    match column.kind:
        case "list":
            return escaped(" ".join(map(str, value))) or NO_ITEMS
        case "text":
            return escaped(str(value))
        case _:  # days and truths a spreadsheet writes in the way of its country, which reading knows
            return str(value).lower()


def _numbered(rows: list[Cells]) -> int:
    """How many of each numbered column a row needs; one at least, to show that there are such."""
    used = {int(number) for row in rows for name in row for number in re.findall(r"[0-9]+", name)}
    return max(used, default=1)
