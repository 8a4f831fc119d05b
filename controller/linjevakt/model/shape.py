"""What may stand where in a noun: follows a path through the model's fields, into every branch of a union."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def owners(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """The nouns that may stand at the path; indices of lists are passed over, and so are names of alternatives."""
    found = [model]
    for part in path:
        fields = [owner.model_fields[part] for owner in found if isinstance(part, str) and part in owner.model_fields]
        found = [noun for field in fields for noun in _nouns(field.annotation)] if fields else found
    return found


def fields(model: type[BaseModel], path: Path) -> list[FieldInfo]:
    """The fields that the path may mean: several where a union has it in several branches, none where it has none."""
    name = path[-1]
    return [owner.model_fields[name] for owner in owners(model, path[:-1]) if name in owner.model_fields]


def types(annotation: Any) -> Iterator[Any]:
    """Every type that an annotation is made of, itself included."""
    yield annotation
    for inner in get_args(annotation):
        yield from types(inner)


def _nouns(annotation: Any) -> Iterator[type[BaseModel]]:
    return (kind for kind in types(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel))
