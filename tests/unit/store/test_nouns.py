"""Every field of the inventory's nouns has a place in the tables."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from linjevakt.model.inventory import Inventory, Noun
from linjevakt.store import nouns, tables


def _noun(annotation: Any) -> type[Noun] | None:
    """The noun inside `tuple[Noun, ...]`, `Noun | None`, `Annotated[...]`, or itself."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Noun) else None
    return next((found for part in get_args(annotation) if (found := _noun(part))), None)


def _fields(noun: type[Noun], branches: tuple[nouns.Branch, ...], paths: set[str]) -> Iterator[tuple[str, bool]]:
    """`Noun.field` and whether a column or a table of its own holds it."""
    own = {branch.field: branch for branch in branches}
    for name, field in noun.model_fields.items():
        if name in own:
            child = _noun(field.annotation)
            assert child
            columns = {column.info["path"] for column in own[name].table.columns if "path" in column.info}
            yield from _fields(child, own[name].branches, columns)
        else:
            yield f"{noun.__name__}.{name}", any(path == name or path.startswith(f"{name}.") for path in paths)


@pytest.mark.parametrize(("field", "kept"), list(_fields(Inventory, nouns.INVENTORY, set())))
def test_a_field_has_a_column(field: str, kept: bool) -> None:  # noqa: FBT001
    assert kept, f"{field} would be lost: give it a column in store/tables.py and a migration"


def test_rows_make_the_same_inventory_again(inventory: Inventory) -> None:
    rows: dict[Any, list[nouns.Row]] = {table: [] for table in tables.INVENTORY}
    for table, row in nouns.unfold(inventory):
        rows[table].append({column.name: row.get(column.name) for column in table.columns})
    assert nouns.fold(rows) == inventory


def test_tuples_keep_their_order_whatever_order_rows_come_in(inventory: Inventory) -> None:
    rows: dict[Any, list[nouns.Row]] = {table: [] for table in tables.INVENTORY}
    for table, row in nouns.unfold(inventory):
        rows[table].insert(0, {column.name: row.get(column.name) for column in table.columns})
    assert nouns.fold(rows) == inventory
