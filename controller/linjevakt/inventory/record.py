"""One noun in the making: the rows of several sheets put together, and which row says what."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from linjevakt.inventory.document import Data, Path, Place
from linjevakt.inventory.layout import NO_ITEMS, SHEETS, Kind, Sheet, column_of
from linjevakt.inventory.sheet import Row
from linjevakt.model.saying import Saying

_NORWEGIAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_NORWEGIAN_TRUTH = {"sann": "true", "ja": "true", "usann": "false", "nei": "false"}


@dataclass
class Record:
    """What the model is to read, the row of each noun in it by the noun's path, and the cells as they stand."""

    data: dict[str, Data] = field(default_factory=dict)
    rows: dict[Path, tuple[Sheet, int]] = field(default_factory=dict)
    cells: dict[Path, str] = field(default_factory=dict)

    def __contains__(self, path: object) -> bool:
        """Whether a cell was filled in for the path, or for something in it."""
        found: Any = self.data
        for part in cast(Path, path):
            if not _holds(found, part):
                return False
            found = found[part]
        return True

    def place(self, path: Path) -> Place:
        """The cell of the value; its row is the one that is nearest around it."""
        size = next(n for n in range(len(path), -1, -1) if path[:n] in self.rows)
        sheet, line = self.rows[path[:size]]
        return Place(sheet.file, line, sheet.field(path[size:]))

    def written(self, path: Path) -> str | None:
        """The cell of the value, as it stands."""
        return self.cells.get(path)

    def adding(self, field: str) -> str:
        """See Source."""
        name = field.rpartition(".")[2]
        if rows := next((sheet.file for sheet in SHEETS if sheet.inside == name), None):
            return Saying("Give it a row in {}", rows)
        return Saying("Fill in the column `{}`", name)

    def put(self, at: Path, sheet: Sheet, row: Row) -> None:
        """Puts the row's cells where they belong within the noun that begins at the path."""
        self.rows[at] = (sheet, row.line)
        noun = _made(self.data, at)
        for name, cell in row.cells.items():
            if column := column_of(sheet, name):
                _made(noun, column.path[:-1])[column.path[-1]] = _READ[column.kind](cell)
                self.cells[*at, *column.path] = cell

    def next_in(self, at: Path, inside: str) -> Path:
        """The path of the next row of the list `inside` of the noun at the path."""
        return (*at, inside, len(_made(self.data, at).get(inside, ())))


def _holds(found: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(found, list) and part < len(found)
    return isinstance(found, dict) and part in found


def _made(found: Any, path: Path) -> dict[str | int, Any]:
    """What is at the path, made on the way where it is not there yet: lists where an index follows."""
    for part, following in zip(path, (*path[1:], ""), strict=False):
        if isinstance(part, int):
            found.extend({} for _ in range(part + 1 - len(found)))
            found = found[part]
        else:
            found = found.setdefault(part, [] if isinstance(following, int) else {})
    return cast(dict[str | int, Any], found)


def _day(cell: str) -> Data:
    """A spreadsheet writes days as its country does."""
    norwegian = _NORWEGIAN_DAY.fullmatch(cell)
    return f"{norwegian[3]}-{norwegian[2]:0>2}-{norwegian[1]:0>2}" if norwegian else cell


def _list(cell: str) -> Data:
    return [] if cell == NO_ITEMS else [item for item in re.split(r"[\s,;]+", cell) if item]


_READ: Mapping[Kind, Callable[[str], Data]] = {
    "text": lambda cell: cell,
    "list": _list,
    "day": _day,
    "truth": lambda cell: _NORWEGIAN_TRUTH.get(cell.lower(), cell),
}
