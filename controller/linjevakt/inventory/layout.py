"""Which sheet and column holds which field of which noun: the one table that reading and writing sheets follow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Literal

from linjevakt.inventory.document import Path, dotted
from linjevakt.model import shape
from linjevakt.model.equipment import Equipment
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Block, Contact, Exclusion, Line, Organisation, Segment, Sharing, Site

Kind = Literal["text", "list", "day", "truth"]

NO_ITEMS = "-"  # a list without items; an empty cell is the field's default

_NUMBER = re.compile(r"[1-9][0-9]?")
_N = "{n}"  # in a column's name: counts from 1; in its path: the place in a list, from 0


@dataclass(frozen=True)
class Column:
    """One column: its name, where in the row's noun its cells belong, whether a row can do without, how it reads."""

    name: str
    path: Path
    required: bool
    kind: Kind

    def at(self, n: int) -> "Column":
        """The column of the `n`th of a list, counting from 0; itself where it is in none."""
        path = tuple(n if part == _N else part for part in self.path)
        return replace(self, name=self.name.replace(_N, str(n + 1)), path=path)

    def leads_to(self, path: Path) -> bool:
        """Whether its cells hold what is at the path, or around it."""
        return len(self.path) <= len(path) and _alike(self.path, path)

    def lies_in(self, path: Path) -> bool:
        """Whether its cells hold a part of what is at the path."""
        return len(path) <= len(self.path) and _alike(self.path, path)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One CSV file, a row a noun: a noun of its own, or one in the list `inside` of a row of the sheet `parent`.

    `belongs` are the columns that name the parent's row, `key` those that tell the row from its brothers.
    """

    file: str
    noun: type[Noun]
    spec: Mapping[str, str]
    key: tuple[str, ...] = ()
    parent: "Sheet | None" = None
    inside: str = ""
    belongs: tuple[str, ...] = ()
    required: bool = False

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns but those of `belongs`, in the order they are written."""
        return tuple(_column(self.noun, name, path) for name, path in self.spec.items())

    def header(self, count: int = 1) -> tuple[str, ...]:
        """All columns' names, the numbered ones (which are declared last) `count` times."""
        plain = [column.name for column in self.columns if _N not in column.path]
        numbered = [column.at(n).name for n in range(count) for column in self.columns if _N in column.path]
        return (*self.belongs, *plain, *numbered)

    def unsaid(self, header: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """The places in the row's noun for which a header has no column; numbered ones are a list as a whole."""
        said = {_place(column.path) for name in header if (column := column_of(self, name))}
        return (place for place in dict.fromkeys(_place(column.path) for column in self.columns) if place not in said)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which no row is right."""
        return (*self.belongs, *(column.name for column in self.columns if column.required))

    def field(self, path: Path) -> str:
        """The column for a place in the row's noun; where none fits, the place itself."""
        matches = [c for c in self.columns if c.leads_to(path)] or [c for c in self.columns if c.lies_in(path)]
        index = next((part for part in path if isinstance(part, int)), 0)
        return matches[0].at(index).name if matches else dotted(path)


@lru_cache(maxsize=1024)
def column_of(sheet: Sheet, name: str) -> Column | None:
    """The sheet's column of that name, numbered ones included; None where there is none."""
    number = _NUMBER.search(name)
    generic = _NUMBER.sub(_N, name, count=1)
    found = next((column for column in sheet.columns if column.name in {name, generic}), None)
    return found.at(int(number[0]) - 1) if found and number else found


def _place(path: Path) -> tuple[str, ...]:
    """The fields that lead there; to the list, for a column that is numbered."""
    return tuple(str(part) for part in takewhile(lambda part: isinstance(part, str) and part != _N, path))


def _alike(pattern: Path, path: Path) -> bool:
    """Whether the two are the same as far as both go."""
    return all(
        mine == theirs or (mine == _N and isinstance(theirs, int)) for mine, theirs in zip(pattern, path, strict=False)
    )


def _column(noun: type[Noun], name: str, path: str) -> Column:
    parts: Path = tuple(path.split("."))
    steps = [parts[: n + 1] for n, part in enumerate(parts) if part != _N]
    plain = [tuple(part for part in step if part != _N) for step in steps]
    required = all(field.is_required() for step in plain for field in shape.fields(noun, step))
    leaves = [kind for field in shape.fields(noun, plain[-1]) for kind in shape.types(field.annotation)]
    return Column(name, parts, required, _kind(leaves))


def _kind(types: list[object]) -> Kind:
    if any(getattr(kind, "__origin__", None) is tuple for kind in types):
        return "list"
    if date in types:
        return "day"
    return "truth" if bool in types else "text"


def _same(names: str) -> dict[str, str]:
    """Columns that are called as their fields."""
    return _under("", "", names)


def _under(path: str, prefix: str, names: str) -> dict[str, str]:
    """Columns of a noun inside: `prefix` before their names, `path` before their fields."""
    return {f"{prefix}{name}": f"{path}{name}" for name in names.split()}


ORGANISATIONS = Sheet(
    "organisations.csv",
    Organisation,
    _same("number name category her_id record_system enterprise_certificate register_note")
    | _under("membership.terms.", "terms_", "accepted by capacity")
    | _under("membership.data_processing.", "data_processing_", "accepted by capacity")
    | _under("membership.customer.", "customer_", "accepted by capacity")
    | _under("membership.frozen.", "frozen_", "since register_inactive edi_inactive reopen")
    | _under("membership.", "", "ended")
    | _under("administrator.", "administrator_", "name phone email"),
    key=("number",),
    required=True,
)
CONTACTS = Sheet(
    "contacts.csv",
    Contact,
    _same("name phone email"),
    parent=ORGANISATIONS,
    inside="contacts",
    belongs=("organisation",),
)
EXCLUSIONS = Sheet(
    "exclusions.csv",
    Exclusion,
    _same("service since reason"),
    parent=ORGANISATIONS,
    inside="exclusions",
    belongs=("organisation",),
)
SITES = Sheet(
    "sites.csv",
    Site,
    {"site": "site.key"}
    | _under("site.", "", "name street postcode city municipality floor room")
    | _same("owner")
    | {"router": "router.name"}
    | _under("router.", "", "platform management serial")
    | _same("hub ended"),
    key=("site",),
    required=True,
)
LINES = Sheet(
    "lines.csv",
    Line,
    _same("name kind provider priority down_mbit up_mbit mtu business fault_phone")
    | _under("addressing.", "", "method address gateway")
    | _under("alternatives.{n}.", "alternative_{n}_", "method address gateway"),
    key=("name",),
    parent=SITES,
    inside="lines",
    belongs=("site",),
    required=True,
)
SEGMENTS = Sheet(
    "segments.csv",
    Segment,
    _same("name organisation port vlan prefix share services"),
    key=("name",),
    parent=SITES,
    inside="segments",
    belongs=("site",),
    required=True,
)
BLOCKS = Sheet(
    "blocks.csv",
    Block,
    _same("to protocol ports reason"),
    parent=SEGMENTS,
    inside="blocks",
    belongs=("site", "segment"),
)
SHARING = Sheet(
    "sharing.csv",
    Sharing,
    _same("organisation confirmed document"),
    key=("organisation",),
    parent=SITES,
    inside="sharing",
    belongs=("site",),
)
EQUIPMENT = Sheet("equipment.csv", Equipment, _same("serial model platform state router note"), key=("serial",))

SHEETS: tuple[Sheet, ...] = (  # every parent before its children
    ORGANISATIONS,
    CONTACTS,
    EXCLUSIONS,
    SITES,
    LINES,
    SEGMENTS,
    BLOCKS,
    SHARING,
    EQUIPMENT,
)


def tree(root: Sheet) -> Iterator[Sheet]:
    """The sheet and all whose rows end up in its nouns, parents first."""
    yield root
    for sheet in SHEETS:
        if sheet.parent is root:
            yield from tree(sheet)
