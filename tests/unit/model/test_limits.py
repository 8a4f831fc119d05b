"""No text and no list without an end, no invisible character: all fields of all nouns that people write."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from tests import timing

from linjevakt.inventory.yamlfiles import Organisations, Stock
from linjevakt.model.catalogue import Service
from linjevakt.model.entity import Author
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import Domain, Email, Interface, Note, Noun, Phone, Slug, Text
from linjevakt.model.inventory import Installation, Site
from linjevakt.workorders.kinds import KINDS

_WRITTEN: tuple[type[Noun], ...] = (
    Organisations,
    Stock,
    Installation,
    Site,
    Service,
    *(kind.wish for kind in KINDS.values()),
)
_WHOLE_FILES = {"Organisations.organisations", "Stock.equipment"}  # as large as the file may be
_FIXED = {"enum", "const", "format"}  # what a text may be is listed, or as long as an address or a date


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return TypeAdapter(model).json_schema()


def _leaves(schema: Any, root: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text and list of the schema, with its dotted name."""
    if "$ref" in schema:
        title = schema["$ref"].rpartition("/")[2]
        yield from _leaves(root["$defs"][title], root, title)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _leaves(part, root, name)
    for field, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, root, f"{name}.{field}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield f"{name}{{}}", schema
        yield from _leaves(schema["additionalProperties"], root, f"{name}{{}}")
    if schema.get("type") == "array":
        yield name, schema
        yield from _leaves(schema["items"], root, f"{name}[]")
    if schema.get("type") == "string":
        yield name, schema


def _is_bounded(schema: dict[str, Any]) -> bool:
    if schema.get("type") == "array":
        return "maxItems" in schema
    if schema.get("type") == "object":
        return "maxProperties" in schema
    if "maxLength" in schema or _FIXED & schema.keys():
        return True
    pattern = schema.get("pattern", "+")
    return not any(sign in pattern.replace("\\+?", "") for sign in "+*")


@pytest.mark.parametrize("model", _WRITTEN, ids=lambda model: str(model.__name__))
def test_every_text_and_every_list_has_an_end(model: type[Noun]) -> None:
    schema = _schema(model)
    leaves = list(_leaves(schema, schema, model.__name__))
    assert leaves
    assert [name for name, leaf in leaves if name not in _WHOLE_FILES and not _is_bounded(leaf)] == []


_TEXTS = (Slug, Interface, Domain, Phone, Email, Text, Note)


@pytest.mark.parametrize("kind", _TEXTS)
@pytest.mark.parametrize("letter", ["\0", "\x1b", "\r", "\x7f", "\x9b", "\u202e", "\ufeff", "\ud800"])
def test_no_text_takes_an_invisible_character(kind: Any, letter: str) -> None:
    for text in (f"a{letter}b", f"a{letter}b@example.no", f"22 {letter} 00"):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("kind", _TEXTS)
@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "a-" * 500_000 + "!", "a@" * 500_000, ".a" * 500_000, "1 " * 500_000]
)
def test_a_text_of_a_megabyte_is_refused_at_once(kind: Any, text: str) -> None:
    """A pattern that goes through it once for each letter would take hours."""
    with timing.ends(), pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(("who", "why"), [("k" * 201, ""), ("kari\x1b[2J", ""), ("kari", "x" * 2001), ("kari", "a\0b")])
def test_the_history_takes_no_more_than_can_be_read(who: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=r"longer than|control character"):
        Author(who, why)
