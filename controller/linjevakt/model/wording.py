"""Says what pydantic found as people say it: what is wrong, and how to mend it. The one place that knows its terms."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Interface, IPv4Network
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linjevakt.model import day, shape
from linjevakt.model.fields import Domain, Email, Interface, LineName, OrganisationNumber, Phone, Slug
from linjevakt.model.near import did_you_mean, meaning
from linjevakt.model.order import Key
from linjevakt.model.saying import Saying, together

Detail = Mapping[str, Any]
"""One of pydantic's errors (`ErrorDetails`), from its own list or from FastAPI's."""
Wording = tuple[str, str]
"""What is wrong, and how to mend it: empty where the first says all."""

ALL: Final = Saying("all of it")

_SHOWN = 60  # characters of a wrong value that a message quotes


def said(detail: Detail) -> Wording:
    """What one error says; its place is another's business."""
    kind = detail["type"]
    if kind in _WORDS:
        return _WORDS[kind](detail)
    if detail["input"] is None:
        return Saying("is empty"), Saying("Give it a value, or leave it out where there is a default")
    return Saying("{} does not fit here", shown(detail)), ""


def faults(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong. A list whose rows are wrong is not too short besides: pydantic counts those that are right."""
    return [detail for detail in error.errors(include_url=False) if not _is_echo(detail)]


def _is_echo(detail: ErrorDetails) -> bool:
    fewest = detail.get("ctx", {}).get("min_length")
    return detail["type"] == "too_short" and fewest is not None and len(detail["input"]) >= fewest


def told(error: ValidationError, whole: str = ALL, model: type[BaseModel] | None = None) -> Saying:
    """Every error in one line: `lines.0.kind is missing: Add it; ...`; `whole` is what no field is to blame for.

    `model`: whose fields they are, so that one that is misspelt is answered with the right one.
    """
    told = [Saying("{}: {}", _dotted(fault) or whole, sentence(_said(fault, model))) for fault in faults(error)]
    return together("; ", told)


def unknown(model: type[BaseModel], path: shape.Path) -> Wording:
    """What is wrong with a field that the model has not, and which one may be meant."""
    known = sorted(known_fields(model, path[:-1]))
    remedy = did_you_mean(str(path[-1]), known, Saying("Use one of: {}", ", ".join(known)))
    return Saying("is not a field here"), remedy


def known_fields(model: type[BaseModel], path: shape.Path) -> set[str]:
    """The names of the fields that may stand at the path."""
    return {name for owner in shape.owners(model, path) for name in shape.named(owner)}


def _said(detail: ErrorDetails, model: type[BaseModel] | None) -> Wording:
    return unknown(model, detail["loc"]) if model and detail["type"] == "extra_forbidden" else said(detail)


def sentence(wording: Wording) -> str:
    """`'x' is no number. Write digits only`."""
    message, remedy = wording
    return Saying("{}. {}", message, remedy) if remedy else message


def name_of(pattern: str) -> str:
    """What text of the pattern is called: `key`, `postcode`; the pattern itself where it has no name."""
    return _PATTERNS[pattern].name if pattern in _PATTERNS else pattern


def _dotted(detail: Detail) -> str:
    return ".".join(map(str, detail["loc"]))


def shown(detail: Detail) -> str:
    """The wrong value, quoted and not too long."""
    return repr(str(detail["input"])[:_SHOWN])


def _pattern(kind: Any) -> str:
    found = (getattr(rule, "pattern", None) for rule in get_args(kind)[1].metadata)
    return next(str(pattern) for pattern in found if pattern)


class _Form(NamedTuple):
    """What text of a pattern is called, what is said of text that does not match, and how to mend it."""

    name: Saying
    message: Saying
    remedy: Saying


_SERIAL = _Form(
    Saying("serial number"),
    Saying("is no serial number"),
    Saying("Write it as it stands on the box, without spaces; 80 characters at most"),
)
_PATTERNS: Mapping[str, _Form] = {
    _pattern(Slug): _Form(
        Saying("key"), Saying("is no key"), Saying("Use 1 to 40 lower-case letters a-z, digits and hyphens inside")
    ),
    _pattern(Interface): _Form(
        Saying("interface name"),
        Saying("is no interface name"),
        Saying("Use a letter or digit first, then letters, digits and `. / : _ -`; 50 at most"),
    ),
    _pattern(LineName): _Form(
        Saying("name of a line"),
        Saying("is no name of a line"),
        Saying("Name its port, `wan0`, or port and VLAN (1 to 4094) where the provider delivers it tagged: `wan0.102`"),
    ),
    _pattern(Domain): _Form(
        Saying("domain name"), Saying("is no domain name"), Saying("Use lower-case letters, digits, hyphens and dots")
    ),
    _pattern(Phone): _Form(
        Saying("phone number"),
        Saying("is no phone number"),
        Saying("Use 4 to 20 digits and spaces, with + in front if you like"),
    ),
    _pattern(OrganisationNumber): _Form(
        Saying("organisation number"), Saying("is no organisation number"), Saying("Write its 9 digits, without spaces")
    ),
    _pattern(Email): _Form(
        Saying("e-mail address"), Saying("is no e-mail address"), Saying("Write it as name@example.no")
    ),
    _pattern(Key): _Form(
        Saying("key"), Saying("is no key"), Saying("Use 1 to 40 lower-case letters a-z, digits and underscores")
    ),
    r"^[0-9]{4}$": _Form(Saying("postcode"), Saying("is no postcode"), Saying("Write its 4 digits")),
    r"^[!-~]{1,80}$": _SERIAL,
    r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$": _SERIAL,
    r"^[^\x00-\x1f\x7f]+$": _Form(
        Saying("text"), Saying("is empty or has an invisible character"), Saying("Correct it")
    ),
}


def _chosen(detail: Detail) -> Wording:
    ctx = detail.get("ctx", {})
    listed = str(ctx.get("expected", ctx.get("expected_tags", ""))).replace("'", "").replace(" or ", ", ")
    known, given = listed.split(", "), str(ctx.get("tag", detail["input"]))[:_SHOWN]
    remedy = did_you_mean(given, known, Saying("Use one of: {}", ", ".join(known)))
    return Saying("{!r} is not one of the choices", given), remedy


def _patterned(detail: Detail) -> Wording:
    pattern = str(detail.get("ctx", {}).get("pattern"))
    if pattern in _PATTERNS:
        return _about(detail, _PATTERNS[pattern].message), _PATTERNS[pattern].remedy
    return _about(detail, Saying("is not written as it should be")), Saying("It must match {}", pattern)


def _network(detail: Detail) -> Wording:
    try:
        meant = IPv4Network(str(detail["input"]), strict=False)
    except ValueError:
        return _about(detail, Saying("is no IPv4 network")), Saying("Write it as 10.64.1.0/24")
    return _about(detail, Saying("has host bits set")), meaning(str(meant))


def _address(detail: Detail) -> Wording:
    try:
        meant = IPv4Interface(str(detail["input"])).ip
    except ValueError:
        return _about(detail, Saying("is no IPv4 address")), Saying("Write it as 10.250.0.11")
    return _about(detail, Saying("is an address with a prefix length")), meaning(str(meant))


def _refused(detail: Detail) -> Wording:
    """What one of our own validators says: the error itself holds it, in both languages."""
    error = detail.get("ctx", {}).get("error")
    why = error.args[0] if isinstance(error, Exception) and error.args else detail["msg"].removeprefix("Value error, ")
    return (_about(detail, why) if isinstance(detail["input"], str) else why), ""


def _about(detail: Detail, what: str) -> Saying:
    """`'x' is no number`."""
    return Saying("{} {}", shown(detail), what)


def _fixed(message: str, remedy: str = "") -> Callable[[Detail], Wording]:
    return lambda detail: (_about(detail, message), remedy)


def _kind(message: str, remedy: str = "") -> Callable[[Detail], Wording]:
    return lambda _detail: (message, remedy)


def _bounded(relation: str, limit: str) -> Callable[[Detail], Wording]:
    def worded(detail: Detail) -> Wording:
        must = Saying("must be {relation} {limit}", relation=relation, limit=detail["ctx"][limit])
        return _about(detail, must), Saying("Correct the figure")

    return worded


def _longer(detail: Detail) -> Wording:
    return Saying("is longer than {longest} characters", longest=detail["ctx"]["max_length"]), Saying("Shorten it")


def _more(detail: Detail) -> Wording:
    most = Saying("has more than {most} rows", most=detail["ctx"]["max_length"])
    return most, Saying("Leave out what is too much")


def _untagged(detail: Detail) -> Wording:
    return Saying("lacks `{field}:`", field=str(detail["ctx"]["discriminator"]).strip("'")), ""


def _date(detail: Detail) -> Wording:
    message, remedy = day.fault(str(detail["input"]))
    return _about(detail, message), remedy


def _other_times(detail: Detail) -> Wording:
    return _about(detail, Saying("is not in the years {first} to {last}", **detail["ctx"])), Saying("Correct the year")


_NUMBER = _fixed(Saying("is no number"), Saying("Write digits only"))
_WHOLE = _fixed(Saying("is no whole number"), Saying("Write digits only"))
_TRUTH = _fixed(Saying("is neither true nor false"), Saying("Write true or false"))
_TEXT = _kind(Saying("must be one text, not a list or mapping"))
_LIST = _kind(Saying("must be a list"))
_MAPPING = _kind(Saying("must be a mapping of fields"))
_MOMENT = _fixed(Saying("is no moment"), Saying("Write it as 2026-01-31T12:00:00Z"))
_UNSAYABLE = _kind(Saying("has a character that UTF-8 cannot say"), Saying("Remove it"))

_WORDS: Mapping[str, Callable[[Detail], Wording]] = {
    "missing": _kind(Saying("is missing"), Saying("Add it")),
    "extra_forbidden": _kind(Saying("is not a field here"), Saying("Leave it out, or correct its name")),
    "string_too_short": _kind(Saying("is empty"), Saying("Give it a value")),
    "string_too_long": _longer,
    "too_long": _more,
    "too_short": _kind(Saying("needs at least one row")),
    "string_pattern_mismatch": _patterned,
    "string_type": _TEXT,
    "string_unicode": _UNSAYABLE,
    "string_sub_type": _TEXT,
    "enum": _chosen,
    "literal_error": _chosen,
    "union_tag_invalid": _chosen,
    "union_tag_not_found": _untagged,
    "ip_v4_address": _address,
    "ip_v4_network": _network,
    "ip_v4_interface": _fixed(Saying("is no IPv4 address with prefix length"), Saying("Write it as 198.51.100.2/30")),
    "int_parsing": _NUMBER,
    "int_parsing_size": _fixed(Saying("is too large a number"), Saying("Correct the figure")),
    "int_type": _NUMBER,
    "int_from_float": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "date_parsing": _date,
    "date_type": _date,
    "date_of_other_times": _other_times,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _fixed(Saying("has no time zone"), Saying("Write it as 2026-01-31T12:00:00Z")),
    "greater_than": _bounded(Saying("more than"), "gt"),
    "greater_than_equal": _bounded(Saying("at least"), "ge"),
    "less_than": _bounded(Saying("less than"), "lt"),
    "less_than_equal": _bounded(Saying("at most"), "le"),
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "json_invalid": _kind(Saying("is no JSON")),
    "path_type": _TEXT,
    "value_error": _refused,
    "assertion_error": _refused,
}
