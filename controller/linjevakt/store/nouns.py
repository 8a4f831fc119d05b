"""Takes the inventory's tree of nouns apart into rows and puts rows together again; the tables say what goes where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from linjevakt.model.inventory import Inventory, Noun
from linjevakt.store import tables

Row = Mapping[Any, Any]
Rows = Mapping[Table, Iterable[Row]]


@dataclass(frozen=True)
class Branch:
    """A field whose nouns (`many`, or one) have a table of their own; `on` pairs parent column with child column."""

    field: str
    table: Table
    on: tuple[tuple[str, str], ...] = ()
    many: bool = True
    branches: tuple["Branch", ...] = ()


_ROUTER = Branch("router", tables.routers, (("router", "name"),), many=False)

INVENTORY = (
    Branch(
        "installation",
        tables.installation,
        many=False,
        branches=(
            Branch(
                "hubs",
                tables.hubs,
                branches=(_ROUTER, Branch("line", tables.lines, (("router", "router"),), many=False)),
            ),
            Branch("services", tables.services),
        ),
    ),
    Branch(
        "organisations",
        tables.organisations,
        branches=(Branch("contacts", tables.contacts, (("number", "organisation"),)),),
    ),
    Branch(
        "connections",
        tables.connections,
        branches=(
            Branch("site", tables.sites, (("site", "key"),), many=False),
            _ROUTER,
            Branch("lines", tables.lines, (("router", "router"),)),
            Branch(
                "segments",
                tables.segments,
                (("site", "site"),),
                branches=(Branch("blocks", tables.blocks, (("site", "site"), ("name", "segment"))),),
            ),
            Branch("sharing", tables.sharing, (("site", "site"),)),
        ),
    ),
)


def unfold(inventory: Inventory) -> Iterator[tuple[Table, Row]]:
    """Every row of the inventory with its table, parents before their children's children, in no other order."""
    yield from _unfold(inventory, {}, INVENTORY)


def fold(rows: Rows) -> Inventory:
    """The inventory from the rows of its tables. Raises pydantic's ValidationError when they are not one."""
    return Inventory.model_validate(_fold({}, INVENTORY, _Index(rows)))


def _unfold(noun: Noun, row: Row, branches: tuple[Branch, ...]) -> Iterator[tuple[Table, Row]]:
    for branch in branches:
        links = {child: row[parent] for parent, child in branch.on}
        found = getattr(noun, branch.field)
        for position, child in enumerate(found if branch.many else (found,)):
            values = _values(child, branch.table, position) | links
            yield branch.table, values
            yield from _unfold(child, values, branch.branches)


def _values(noun: Noun, table: Table, position: int) -> dict[str, Any]:
    values = {column.name: _dig(noun, column.info["path"]) for column in table.columns if "path" in column.info}
    return values | ({"position": position} if "position" in table.columns else {})


def _dig(value: object, path: str) -> object:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


class _Index:
    """Rows by table and by the values of some columns, built once for each use."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._built: dict[tuple[Table, tuple[str, ...]], dict[tuple[Any, ...], list[Row]]] = {}

    def find(self, table: Table, columns: tuple[str, ...], values: tuple[Any, ...]) -> list[Row]:
        if (table, columns) not in self._built:
            self._built[table, columns] = self._build(table, columns)
        return self._built[table, columns].get(values, [])

    def _build(self, table: Table, columns: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
        built: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in sorted(self._rows[table], key=lambda row: row.get("position", 0)):
            built[tuple(row[column] for column in columns)].append(row)
        return dict(built)


def _fold(row: Row, branches: tuple[Branch, ...], index: _Index) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for branch in branches:
        columns, values = tuple(child for _, child in branch.on), tuple(row[parent] for parent, _ in branch.on)
        found = [
            _plant(child, branch.table) | _fold(child, branch.branches, index)
            for child in index.find(branch.table, columns, values)
        ]
        fields[branch.field] = found if branch.many else next(iter(found), None)
    return fields


def _plant(row: Row, table: Table) -> dict[str, Any]:
    noun: dict[str, Any] = {}
    for column in table.columns:
        if "path" in column.info and row[column.name] is not None:
            *way, name = column.info["path"].split(".")
            place = noun
            for step in way:
                place = place.setdefault(step, {})
            place[name] = row[column.name]
    return noun
