"""What may stand where in a noun: follows a path through the model's fields, into every branch of a union."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


@cache
def named(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """A noun's fields by the names that they have in files, register and API."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def value(noun: BaseModel, name: str) -> Any:
    """What a noun has in the field of that name; None where it has no such field."""
    return getattr(noun, _attributes(type(noun)).get(name, name), None)


def owners(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """The nouns that may stand at the path; indices of lists are passed over, and so are names of alternatives."""
    found = [model]
    for part in path:
        fields = [known[part] for known in map(named, found) if part in known] if isinstance(part, str) else []
        found = [noun for field in fields for noun in _nouns(field.annotation)] if fields else found
    return found


def fields(model: type[BaseModel], path: Path) -> list[FieldInfo]:
    """The fields that the path may mean: several where a union has it in several branches, none where it has none."""
    name = str(path[-1])
    return [fields[name] for fields in map(named, owners(model, path[:-1])) if name in fields]


def types(annotation: Any) -> Iterator[Any]:
    """Every type that an annotation is made of, itself included."""
    yield annotation
    for inner in get_args(annotation):
        yield from types(inner)


@cache
def _attributes(model: type[BaseModel]) -> Mapping[str, str]:
    return {field.alias or attribute: attribute for attribute, field in model.model_fields.items()}


def _nouns(annotation: Any) -> Iterator[type[BaseModel]]:
    return (kind for kind in types(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel))
