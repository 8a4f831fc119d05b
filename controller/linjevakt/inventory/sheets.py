"""Reads an inventory from a folder of CSV sheets: rows become nouns with their lists, as `layout` says.

`installation.yaml` stays a YAML file: it is written once, and by one who knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from linjevakt.inventory import sheet as csvfile
from linjevakt.inventory import yamlfiles
from linjevakt.inventory.document import FILE, Path, Place
from linjevakt.inventory.folder import Folder, Progress
from linjevakt.inventory.layout import EQUIPMENT, ORGANISATIONS, SHEETS, SITES, Sheet, column_of, tree
from linjevakt.inventory.merging import Fields, Silent
from linjevakt.inventory.reading import MEGABYTE
from linjevakt.inventory.record import Record
from linjevakt.inventory.sheet import Cells, Row
from linjevakt.inventory.yamlfiles import INSTALLATION
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import Issue
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Organisation, Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.rules.base import Where
from linjevakt.model.saying import Saying

EXPECTED = Saying("An inventory of sheets has {}, {}", INSTALLATION, ", ".join(sheet.file for sheet in SHEETS))

_LARGEST = 16 * MEGABYTE  # 10,000 organisations are 2 MB
_SUGGESTIONS = 50  # rows without a parent for which the nearest one is looked up; it takes long among thousands
_CSV = "*.[cC][sS][vV]"
_SPREADSHEETS = ("*.xls*", "*.ods", "*.numbers")
N = TypeVar("N", bound=Noun)


def is_sheets(folder: Folder) -> bool:
    """Whether the folder is meant to hold sheets, not YAML files."""
    names = {file.lower() for file in folder.files("*.*")}
    if names & {sheet.file for sheet in SHEETS}:
        return True
    return yamlfiles.ORGANISATIONS not in names and any(folder.files(pattern) for pattern in (_CSV, *_SPREADSHEETS))


@dataclass(frozen=True)
class _Parent:
    """A row that others belong to: the noun it is part of, and where in it."""

    record: Record
    at: Path
    line: int


_Parents = dict[tuple[str, ...], _Parent]


class Sheets:
    """Reads them; what is wrong goes into the folder's `issues`.

    With a sheet that cannot be read no row is looked at: all would be blamed for what is wrong with one.
    """

    register: Final = ORGANISATIONS.file

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._records: dict[str, list[Record]] = {}
        self._suggestions = 0
        self.spoiled: dict[Place, Issue] = {}
        before = len(folder.issues)
        self._note_strays()
        self._sheets = {sheet: cells for sheet in SHEETS if (cells := self._read(sheet))}
        self._whole = len(folder.issues) == before
        folder.issues += self.spoiled.values()

    def organisations(self) -> tuple[Organisation, ...] | None:
        """All of them, or what can be read of each; None when a sheet is wrong."""
        return self._all(ORGANISATIONS, Organisation, "organisations")

    def sites(self, progress: Progress) -> tuple[Site, ...]:
        """All of them, or what can be read of each, in the order of their keys."""
        found: list[tuple[Site, Record]] = []
        records = self._built(SITES)
        for n, record in enumerate(records, start=1):
            found.append((self._folder.part(record, Site), record))
            progress(n, len(records))
        found.sort(key=lambda item: yamlfiles.key_of(item[0]))
        self._records["sites"] = [record for _, record in found]
        return tuple(site for site, _ in found)

    def equipment(self) -> tuple[Equipment, ...] | None:
        """Every box, or what can be read of it; None when the folder says nothing of them, or a sheet is wrong."""
        return self._all(EQUIPMENT, Equipment, "equipment") if EQUIPMENT in self._sheets else None

    @property
    def silent(self) -> Silent:
        """The fields whose sheet is not there, or whose column."""
        roots = (root for root in (ORGANISATIONS, SITES, EQUIPMENT) if root in self._sheets)
        return {root.noun: places for root in roots if (places := tuple(self._silent(root, ())))}

    def _silent(self, sheet: Sheet, at: Fields) -> Iterator[Fields]:
        if sheet not in self._sheets:
            yield at
            return
        yield from ((*at, *place) for place in sheet.unsaid(self._sheets[sheet].header))
        for child in (child for child in SHEETS if child.parent is sheet):
            yield from self._silent(child, (*at, child.inside))

    def place(self, where: Where) -> Place:
        """Where something that was read stands."""
        match where:
            case (str(of), int(n), *rest):
                return self._records[of][n].place(tuple(rest))
        return Place(self.register, None, FILE)

    # --- rows to nouns ---

    def _all(self, root: Sheet, model: type[N], of: str) -> tuple[N, ...] | None:
        self._records[of] = records = self._built(root)
        nouns = tuple(self._folder.part(record, model) for record in records)
        return nouns if self._whole else None

    def _built(self, root: Sheet) -> list[Record]:
        """A record for every row of the root's sheet, with the rows of the sheets below put in."""
        if not self._whole:
            return []
        parents: dict[str, _Parents] = {}
        records: list[Record] = []
        for sheet in tree(root):
            found = parents[sheet.file] = {}
            for row in self._sheets.get(sheet, Cells()).rows:
                if placed := self._placed(sheet, row, found, parents):
                    record, at = placed
                    record.put(at, sheet, row)
                    records += [] if at else [record]
        return records

    def _placed(
        self, sheet: Sheet, row: Row, found: _Parents, parents: Mapping[str, _Parents]
    ) -> tuple[Record, Path] | None:
        """Which noun the row belongs to, and where in it; None after noting that it belongs nowhere."""
        parent = self._parent(sheet, row, parents[sheet.parent.file]) if sheet.parent else _Parent(Record(), (), 0)
        if parent is None or self._is_repeated(sheet, row, found):
            return None
        at = parent.record.next_in(parent.at, sheet.inside) if sheet.parent else ()
        found[_identity(sheet, row)] = _Parent(parent.record, at, row.line)
        return parent.record, at

    def _is_repeated(self, sheet: Sheet, row: Row, found: _Parents) -> bool:
        identity = _identity(sheet, row)
        if not sheet.key or "" in identity or identity not in found:
            return False
        message = Saying("{!r} is there twice; first in line {}", " ".join(identity), found[identity].line)
        self._note_row(sheet, row, sheet.key[-1], message, Saying("Remove one of them"))
        return True

    def _parent(self, sheet: Sheet, row: Row, parents: _Parents) -> _Parent | None:
        names = tuple(row.cells.get(column, "") for column in sheet.belongs)
        if parent := parents.get(names):
            return parent
        for depth, (column, name) in enumerate(zip(sheet.belongs, names, strict=True), start=1):
            known = {identity[depth - 1] for identity in parents if identity[: depth - 1] == names[: depth - 1]}
            if name not in known:
                of = sheet.parent.file if sheet.parent else ""
                message = Saying("{!r} is not in {}", name, of) if name else Saying("is empty")
                remedy = self._near(name, known, Saying("Add the {}, or correct it", column))
                self._note_row(sheet, row, column, message, remedy)
                break
        return None

    def _near(self, name: str, known: set[str], otherwise: str) -> str:
        self._suggestions += 1
        return did_you_mean(name, known, otherwise) if self._suggestions <= _SUGGESTIONS else otherwise

    def _note_row(self, sheet: Sheet, row: Row, column: str, message: str, remedy: str) -> None:
        self._folder.issues.append(Place(sheet.file, row.line, column).issue(message, remedy))

    # --- files ---

    def _read(self, sheet: Sheet) -> Cells | None:
        if not sheet.required and not self._folder.files(sheet.file):
            return None
        raw = self._folder.raw(sheet.file, _LARGEST)
        if raw is None:
            return None
        cells = csvfile.parse(raw)
        for flaw in cells.flaws:
            self._folder.issues.append(Place(sheet.file, flaw.line, flaw.field).issue(flaw.message, flaw.remedy))
        if not cells.flaws:
            self._check_header(sheet, cells)
        for flaw in cells.spoiled:
            place = Place(sheet.file, flaw.line, flaw.field)
            self.spoiled[place] = place.issue(flaw.message, flaw.remedy)
        return cells

    def _check_header(self, sheet: Sheet, cells: Cells) -> None:
        """Every column is known, none is there twice, and none that every row needs is missing."""
        findings = [(name, *_unknown(sheet, name)) for name in cells.header if not _knows(sheet, name)]
        twice = sorted({name for name in cells.header if cells.header.count(name) > 1})
        findings += [(name, Saying("is a column that is there twice"), Saying("Remove one of them")) for name in twice]
        suggested = " ".join(remedy for _, _, remedy in findings)
        for name in sheet.needed:
            if name not in cells.header and f"'{name}'" not in suggested:
                findings.append((name, Saying("is a column that is missing"), _columns(sheet)))
        for name, message, remedy in findings:
            self._folder.issues.append(Place(sheet.file, cells.line, name or FILE).issue(message, remedy))

    def _note_strays(self) -> None:
        known = {INSTALLATION, *(sheet.file for sheet in SHEETS)}
        for pattern in (f"**/{_CSV}", "**/*.y*ml", *_SPREADSHEETS):
            for file in self._folder.files(pattern):
                if file not in known:
                    remedy = did_you_mean(file, known, EXPECTED)
                    remedy = Saying("Save each of its sheets as `CSV UTF-8`") if pattern in _SPREADSHEETS else remedy
                    what = Saying("is not read: its name is not one of an inventory of sheets")
                    self._folder.refuse(file, what, remedy)


def _identity(sheet: Sheet, row: Row) -> tuple[str, ...]:
    """What tells the row from all others of its sheet; by its line where nothing does."""
    names = tuple(row.cells.get(column, "") for column in (*sheet.belongs, *sheet.key))
    return names if sheet.key else (*names, str(row.line))


def _knows(sheet: Sheet, name: str) -> bool:
    return name in sheet.belongs or column_of(sheet, name) is not None


def _unknown(sheet: Sheet, name: str) -> tuple[str, str]:
    if not name:
        return Saying("has a column without a name"), Saying("Name it one of: {}", ", ".join(sheet.header()))
    return Saying("is not a column here"), did_you_mean(name, sheet.header(), _columns(sheet))


def _columns(sheet: Sheet) -> Saying:
    return Saying("The columns are: {}", ", ".join(sheet.header()))
