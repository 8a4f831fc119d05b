"""What can be read of nouns that are wrong somewhere, and what the rules say of that: nothing wrong hides the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_origin

from pydantic import TypeAdapter, ValidationError

from linjevakt.inventory.document import Data
from linjevakt.model import rules, shape
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Inventory, Site
from linjevakt.model.platform import Platform
from linjevakt.model.rules.base import Facts, Finding, Where

N = TypeVar("N", bound=Noun)
T = TypeVar("T")
Rows = Mapping[str, Sequence[int]]
"""Which rows of each list of a fleet are looked at; all of one that is not named."""


def part_of(model: type[N], data: Data) -> N:
    """The noun with the fields that are right. One that is wrong is not there: to ask for it raises AttributeError."""
    given = data if isinstance(data, dict) else {}
    right = {name: value for name in shape.named(model) if name in given for value in _read(model, name, given[name])}
    noun = model.model_construct(**right)
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        if name not in right and (name in given or field.is_required() or not isinstance(data, dict)):
            vars(noun).pop(attribute, None)
    return cast(N, noun)


def is_whole(value: object) -> bool:
    """Whether no noun in it lacks a field."""
    if isinstance(value, tuple):
        return all(map(is_whole, value))
    if not isinstance(value, Noun):
        return True
    fields = vars(value)
    return fields.keys() >= type(value).model_fields.keys() and all(map(is_whole, fields.values()))


def findings(fleet: Inventory, catalogue: Catalogue, platforms: Mapping[str, Platform]) -> list[Finding]:
    """What the rules find in a fleet of parts. `platforms`: as in `Facts`.

    A rule that asks for a field that is not there looks at the nouns that are whole: at the sites that are, and where
    that is not enough, at the organisations that are, and no site, of which each would be blamed for those it names.
    """
    sites, members = (_whole(nouns) for nouns in (fleet.sites, fleet.organisations))
    views: tuple[Rows, ...] = ({}, {"sites": sites}, {"organisations": members, "sites": ()})
    facts = [(Facts(_only(fleet, rows), catalogue, platforms), rows) for rows in views]
    return alone(fleet.sites) + [finding for rule in rules.FLEET for finding in _first(rule, facts)]


def alone(sites: Sequence[Site]) -> list[Finding]:
    """What each connection shows by itself to the rules that ask for no field that is not there."""
    return [
        finding.within("sites", n)
        for n, site in enumerate(sites)
        for rule in rules.ALONE
        for finding in _first(rule, [(site, {})])
    ]


def of_rows(rule: Callable[[tuple[N, ...]], Iterable[Finding]], of: str, nouns: tuple[N, ...]) -> list[Finding]:
    """What a rule finds in the rows of one list: in all of them, or in those that are whole."""
    whole = _whole(nouns)
    return _first(rule, [(nouns, {}), (tuple(nouns[n] for n in whole), {of: whole})])


def _first(rule: Callable[[T], Iterable[Finding]], views: Iterable[tuple[T, Rows]]) -> list[Finding]:
    """What the rule finds in the first view that has all it asks for."""
    for view, rows in views:
        with suppress(AttributeError):
            return [_moved(finding, rows) for finding in rule(view)]
    return []


def _moved(finding: Finding, rows: Rows) -> Finding:
    """With the places as they are in the list of all."""
    other = _moved(finding.other, rows) if finding.other else None
    return replace(finding, where=_place(finding.where, rows), other=other)


def _place(where: Where, rows: Rows) -> Where:
    match where:
        case (str(of), int(n), *rest) if of in rows:
            return (of, rows[of][n], *rest)
    return where


def _only(fleet: Inventory, rows: Rows) -> Inventory:
    kept = {of: tuple(getattr(fleet, of)[n] for n in those) for of, those in rows.items()}
    return fleet.model_copy(update=kept)


def _whole(nouns: Sequence[Noun]) -> list[int]:
    return [n for n, noun in enumerate(nouns) if is_whole(noun)]


def _read(model: type[Noun], name: str, raw: Data) -> Iterator[Any]:
    """The field's value, or what can be read of it; nothing where that is nothing."""
    try:
        yield _reader(model, name).validate_python(raw)
    except ValidationError:
        yield from _inner(shape.named(model)[name].annotation, raw)


def _inner(annotation: Any, raw: Data) -> Iterator[Any]:
    types = list(shape.types(annotation))
    nouns = [kind for kind in types if isinstance(kind, type) and issubclass(kind, Noun)]
    listed = any(get_origin(kind) is tuple for kind in types)
    if len(nouns) == 1 and listed and isinstance(raw, list):
        yield tuple(part_of(nouns[0], row) for row in raw)
    elif len(nouns) == 1 and not listed and isinstance(raw, dict):
        yield part_of(nouns[0], raw)


@cache
def _reader(model: type[Noun], name: str) -> TypeAdapter[Any]:
    field = copy(shape.named(model)[name])
    field.alias = field.validation_alias = field.serialization_alias = None  # the value is read by itself
    annotation: Any = Annotated[field.annotation, field]
    return TypeAdapter(annotation)
