"""Whatever is wrong with a value, people are told in their words: none of the validator's reaches them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from linjevakt.model import shape, wording
from linjevakt.model.catalogue import Service
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Installation, Organisation, Site
from linjevakt.model.order import Order
from linjevakt.model.saying import Saying
from linjevakt.web.api import orders, organisations, sites
from linjevakt.workorders.kinds import KINDS

JARGON = re.compile(
    r"Value error|Input should|should be a valid|should match|validation error|pydantic|Field required|Extra inputs"
    r"|type=|input_value|Assertion failed|unable to parse|does not fit here|must match \^|NoneType|dictionary|tuple"
)
WRONG: tuple[Any, ...] = (
    None, "", "x" * 70_000,
    "Æ ø\x00", "\ud800", 0, -1, 2**70, 1.5, float("nan"), True, [], [1], {}, {"sit": 1}, b"\xff",
    "2026-02-30", "10.0.0.1/24", "10.0.0.0/8", "http://x", ["x"] * 2_000, [{}], object(),
)  # fmt: skip
NOUNS = (Installation, Organisation, Site, Equipment, Service, Order)


def _bodies() -> Iterator[type[BaseModel]]:
    for module in (orders, organisations, sites):
        yield from (kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, BaseModel))


MODELS: list[type[BaseModel]] = [*NOUNS, *(kind.wish for kind in KINDS.values()), *_bodies()]


def _places(model: type[BaseModel], way: tuple[Any, ...] = (), depth: int = 3) -> Iterator[tuple[Any, ...]]:
    """Every field, and every field of the nouns in it."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield (*way, key)
        listed = "tuple" in str(field.annotation)
        for inner in shape.types(field.annotation):
            if depth and isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _places(inner, (*way, key, *([0] if listed else [])), depth - 1)


def _document(place: tuple[Any, ...], value: Any) -> Any:
    for part in reversed(place):
        value = [value] if part == 0 else {part: value}
    return value


def _has_norwegian(detail: Mapping[str, Any]) -> bool:
    """Whether what is wrong, and how to mend it, is said in Norwegian too."""
    return all(isinstance(said, Saying) and said.said("nb") != said for said in wording.said(detail) if said)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_wrong_value_of_any_field_is_told_in_the_validators_words(model: type[BaseModel]) -> None:
    told = 0
    for place in _places(model):
        for value in WRONG:
            try:
                model.model_validate(_document(place, value))
            except ValidationError as error:
                said = wording.told(error)
                assert not JARGON.search(said), (place, repr(value)[:60], JARGON.search(said), said[:500])
                english = [detail for detail in error.errors(include_url=False) if not _has_norwegian(detail)]
                assert not english, (place, english)
                told += 1
    assert told > 0 or not model.model_fields


def test_what_it_says_names_field_fault_and_remedy() -> None:
    with pytest.raises(ValidationError) as caught:
        Equipment.model_validate({"serial": "A1", "model": "X", "platform": "L inux", "sit": 1})
    said = wording.told(caught.value)
    assert "platform: 'L inux' is no key. Use 1 to 40 lower-case letters" in said
    assert "sit: is not a field here. Leave it out, or correct its name" in said
    assert "sit: is not a field here. Use one of: model, note, " in wording.told(caught.value, model=Equipment)
