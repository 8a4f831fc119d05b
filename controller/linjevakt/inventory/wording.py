"""Says what pydantic found in one document as Issues: where in the file, what, and how to mend it."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Interface, IPv4Network
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linjevakt.inventory import shape
from linjevakt.inventory.document import Path, Source
from linjevakt.model import day
from linjevakt.model.errors import Issue
from linjevakt.model.inventory import Domain, Email, Interface, OrganisationNumber, Phone, Slug
from linjevakt.model.rules.base import did_you_mean

Wording = tuple[str, str]

_SHOWN = 60  # characters of a wrong value that a message quotes
_SEE = "See inventory/example for a file that is right"


def _pattern(kind: Any) -> str:
    found = (getattr(rule, "pattern", None) for rule in get_args(kind)[1].metadata)
    return next(str(pattern) for pattern in found if pattern)


_PATTERNS: Mapping[str, Wording] = {
    _pattern(Slug): ("is no key", "Use 1 to 40 lower-case letters a-z, digits and hyphens inside"),
    _pattern(Interface): ("is no interface name", "Use a letter first, then letters, digits, `.` and `-`; 15 at most"),
    _pattern(Domain): ("is no domain name", "Use lower-case letters, digits, hyphens and dots"),
    _pattern(Phone): ("is no phone number", "Use 4 to 20 digits and spaces, with + in front if you like"),
    _pattern(OrganisationNumber): ("is no organisation number", "Write its 9 digits, without spaces"),
    _pattern(Email): ("is no e-mail address", "Write it as name@example.no"),
    r"^[0-9]{4}$": ("is no postcode", "Write its 4 digits"),
}


def name_of(pattern: str) -> str:
    """What text of the pattern is called: `key`, `postcode`; the pattern itself where it has no name."""
    return _PATTERNS[pattern][0].removeprefix("is no ") if pattern in _PATTERNS else pattern


def issues(error: ValidationError, model: type[BaseModel], source: Source) -> Iterator[Issue]:
    """One Issue for each of pydantic's errors about `source.data`."""
    for detail in error.errors(include_url=False):
        path = _in_file(detail["loc"], source)
        place = source.place(path)
        detail["input"] = source.written(path) or detail["input"]
        yield place.issue(*_word(detail, model, path, source))


def _in_file(loc: Path, source: Source) -> Path:
    """Where the file has it: pydantic's location without the union tags; the last part may be absent from the file."""
    path: Path = ()
    for n, part in enumerate(loc):
        if (*path, part) in source or n == len(loc) - 1:
            path = (*path, part)
    return path


def _word(detail: ErrorDetails, model: type[BaseModel], path: Path, source: Source) -> Wording:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(detail, model, path)
    if kind == "missing":
        return "is missing", source.add.format(source.place(path).field.rpartition(".")[2])
    if detail["input"] is None:
        return "is empty", "Give it a value, or leave the line out where there is a default"
    return _WORDS.get(kind, _other)(detail)


def _unknown(detail: ErrorDetails, model: type[BaseModel], path: Path) -> Wording:
    known = sorted({name for owner in shape.owners(model, path[:-1]) for name in owner.model_fields})
    if path[-1] in known:  # of another branch of the union, whose tag pydantic's location has and the file has not
        tag = detail["loc"][-2]
        return f"does not go with {tag!r}", f"Leave it out, or choose something else than {tag!r}"
    return "is not a field here", did_you_mean(str(path[-1]), known, f"Use one of: {', '.join(known)}")


def _shown(detail: ErrorDetails) -> str:
    return repr(str(detail["input"])[:_SHOWN])


def _other(detail: ErrorDetails) -> Wording:
    return f"{_shown(detail)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}", _SEE


def _chosen(detail: ErrorDetails) -> Wording:
    ctx = detail.get("ctx", {})
    known = str(ctx.get("expected", ctx.get("expected_tags", ""))).replace("'", "").replace(" or ", ", ").split(", ")
    given = str(ctx.get("tag", detail["input"]))[:_SHOWN]
    return f"{given!r} is not one of the choices", did_you_mean(given, known, f"Use one of: {', '.join(known)}")


def _patterned(detail: ErrorDetails) -> Wording:
    pattern = str(detail.get("ctx", {}).get("pattern"))
    message, remedy = _PATTERNS.get(pattern, ("is not written as it should be", f"It must match {pattern}"))
    return f"{_shown(detail)} {message}", remedy


def _network(detail: ErrorDetails) -> Wording:
    try:
        meant = IPv4Network(str(detail["input"]), strict=False)
    except ValueError:
        return f"{_shown(detail)} is no IPv4 network", "Write it as 10.64.1.0/24"
    return f"{_shown(detail)} has host bits set", f"Did you mean '{meant}'?"


def _address(detail: ErrorDetails) -> Wording:
    try:
        meant = IPv4Interface(str(detail["input"])).ip
    except ValueError:
        return f"{_shown(detail)} is no IPv4 address", "Write it as 10.250.0.11"
    return f"{_shown(detail)} is an address with a prefix length", f"Did you mean '{meant}'?"


def _refused(detail: ErrorDetails) -> Wording:
    reason = str(detail.get("ctx", {}).get("error", detail["msg"]))
    return (f"{_shown(detail)} {reason}" if isinstance(detail["input"], str) else reason), _SEE


def _fixed(message: str, remedy: str) -> Callable[[ErrorDetails], Wording]:
    return lambda detail: (f"{_shown(detail)} {message}", remedy)


def _kind(message: str) -> Callable[[ErrorDetails], Wording]:
    return lambda _detail: (message, _SEE)


_bounded: Callable[[ErrorDetails], Wording] = lambda detail: (  # noqa: E731
    f"{_shown(detail)}: {detail['msg'].removeprefix('Input ').replace('should', 'must')}",
    "Correct the figure",
)


def _date(detail: ErrorDetails) -> Wording:
    message, remedy = day.fault(str(detail["input"]))
    return f"{_shown(detail)} {message}", remedy


_NUMBER = _fixed("is no number", "Write digits only")
_NO_LIST = _kind("must be a list")
_NO_MAPPING = _kind("must be a mapping of fields")

_WORDS: Mapping[str, Callable[[ErrorDetails], Wording]] = {
    "string_too_short": lambda _detail: ("is empty", "Give it a value"),
    "string_too_long": lambda detail: (f"is longer than {detail['ctx']['max_length']} characters", "Shorten it"),
    "too_long": lambda detail: (f"has more than {detail['ctx']['max_length']} rows", "Leave out what is too much"),
    "string_pattern_mismatch": _patterned,
    "string_type": _kind("must be one text, not a list or mapping"),
    "enum": _chosen,
    "literal_error": _chosen,
    "union_tag_invalid": _chosen,
    "union_tag_not_found": _kind("lacks `method:`"),
    "ip_v4_address": _address,
    "ip_v4_network": _network,
    "ip_v4_interface": _fixed("is no IPv4 address with prefix length", "Write it as 198.51.100.2/30"),
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _fixed("is neither true nor false", "Write true or false"),
    "bool_type": _fixed("is neither true nor false", "Write true or false"),
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "date_parsing": _date,
    "date_type": _date,
    "date_of_other_times": lambda detail: (f"{_shown(detail)} {detail['msg']}", "Correct the year"),
    "greater_than_equal": _bounded,
    "less_than_equal": _bounded,
    "too_short": _kind("needs at least one row"),
    "tuple_type": _NO_LIST,
    "model_type": _NO_MAPPING,
    "model_attributes_type": _NO_MAPPING,
    "value_error": _refused,
}
