"""Reads a noun from a YAML file or from `field=value` arguments, with every finding at its line or argument."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from linjevakt.inventory import wording
from linjevakt.inventory.document import Data, Place, Source, dotted, parse
from linjevakt.inventory.document import Path as FieldPath
from linjevakt.inventory.reading import MEGABYTE, STDIN, limited
from linjevakt.model.errors import InvalidInputError, InventoryError, Issue
from linjevakt.model.fields import Noun
from linjevakt.model.saying import Saying

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_HOW = Saying("Write field=value, such as place.street='Nygata 4' or lines[0].provider=Nyfiber")
N = TypeVar("N", bound=Noun)


@dataclass
class _Arguments:
    """`field=value` arguments as a Source; the place of each is the argument itself. `data`: what they are put over."""

    data: Any
    given: set[FieldPath] = field(default_factory=set)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and _is_there(self.data, path)

    def place(self, path: FieldPath) -> Place:
        """The argument that says it, or what was there before."""
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.given), ())
        return Place(Saying("argument {}=", dotted(known)) if known else Saying("arguments"), None, dotted(path))

    def written(self, _path: FieldPath) -> None:
        """See Source: the model reads the arguments as they are."""

    def adding(self, field: str) -> str:
        """See Source; the whole path, as an argument begins with it."""
        return Saying("Add {}=VALUE", field)


def from_file(name: str, model: type[N]) -> N:
    """The noun in a YAML file, or in what comes on stdin for `-`. Raises InventoryError with every finding."""
    raw, shown = limited(name, MEGABYTE), "stdin" if name == STDIN else name
    document = parse(raw, shown)
    if document.flaws:
        raise InventoryError(
            [Issue(shown, flaw.line, flaw.field, flaw.message, flaw.remedy) for flaw in document.flaws]
        )
    return _noun(document, model)


def from_arguments(arguments: Iterable[str], model: type[N], over: Noun | None = None) -> N:
    """The noun that the arguments say, `over` what is there already. Raises InventoryError, InvalidInputError."""
    plain = over.model_dump(mode="json", exclude_none=True) if over else {}
    source = _Arguments(plain)
    for argument in arguments:
        path, value = _assignment(argument)
        _put(plain, path, value, argument)
        source.given.add(path)
    return _noun(source, model)


def from_values(plain: Mapping[str, Any], model: type[N]) -> N:
    """The noun with these values, each of an argument of its own. Raises InventoryError with every finding."""
    return _noun(_Arguments(dict(plain), {(name,) for name in plain}), model)


def answers(arguments: Iterable[str]) -> Mapping[str, str]:
    """`name=value` arguments as they are. Raises InvalidInputError for one that is none, or is there twice."""
    found: dict[str, str] = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or not name:
            raise InvalidInputError(Saying("{!r} is no answer. Write name=value, such as business=yes.", argument))
        if name in found:
            raise InvalidInputError(Saying("{} is there twice: {!r} and {!r}.", name, found[name], value))
        found[name] = value
    return found


def first_fields(arguments: Iterable[str]) -> Iterator[str]:
    """The outermost field that each argument is about."""
    return (str(_assignment(argument)[0][0]) for argument in arguments)


def _noun(source: Source, model: type[N]) -> N:
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        raise InventoryError(list(wording.issues(error, model, source))) from error


def _assignment(argument: str) -> tuple[FieldPath, Data]:
    name, sign, text = argument.partition("=")
    parts = [(word, number) for word, number in _PART.findall(name)]
    written = dotted(tuple(word or int(number) for word, number in parts))
    if not sign or not parts or written != name:
        raise InvalidInputError(Saying("{!r} is no field with a value. {}.", argument, _HOW))
    return tuple(word or int(number) for word, number in parts), _value(argument, text)


def _value(argument: str, text: str) -> Data:
    """Lists and mappings as YAML writes them in a line, nothing for an empty value, anything else as it is."""
    if not text.startswith(("[", "{")):
        return text or None
    document = parse(text.encode())
    if document.flaws:
        flaw = document.flaws[0]
        raise InvalidInputError(Saying("{!r} {}. {}.", argument, flaw.message, flaw.remedy))
    return document.data


def _put(data: Any, path: FieldPath, value: Data, argument: str) -> None:
    """Puts the value in, making the mappings and lists on the way; None takes the field out."""
    *way, last = path
    for part, following in zip(way, path[1:], strict=True):
        data = _inner(data, part, [] if isinstance(following, int) else {}, argument)
    if isinstance(last, str) and value is None and isinstance(data, dict):
        data.pop(last, None)
    else:
        _set(data, last, value, argument)


def _inner(data: Any, part: str | int, empty: Any, argument: str) -> Any:
    if not _is_there(data, (part,)):
        _set(data, part, empty, argument)
    return data[part]


def _set(data: Any, part: str | int, value: Any, argument: str) -> None:
    if isinstance(part, str) and isinstance(data, dict):
        data[part] = value
    elif isinstance(part, int) and isinstance(data, list) and part <= len(data):
        data[part : part + 1] = [value]
    else:
        raise InvalidInputError(
            Saying("{!r}: there is no place for {}; rows are counted from [0].", argument, dotted((part,)))
        )


def _is_there(data: Any, path: FieldPath) -> bool:
    for part in path:
        within = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        if not within:
            return False
        data = data[part]
    return True
