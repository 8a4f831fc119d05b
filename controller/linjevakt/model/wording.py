"""Says what pydantic found as people say it: what is wrong, and how to mend it. The one place that knows its terms."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from ipaddress import IPv4Interface, IPv4Network
from typing import Any, get_args

from pydantic import ValidationError

from linjevakt.model import day
from linjevakt.model.inventory import Domain, Email, Interface, LineName, OrganisationNumber, Phone, Slug
from linjevakt.model.order import Key

Detail = Mapping[str, Any]
"""One of pydantic's errors (`ErrorDetails`), from its own list or from FastAPI's."""
Wording = tuple[str, str]
"""What is wrong, and how to mend it: empty where the first says all."""

_SHOWN = 60  # characters of a wrong value that a message quotes


def said(detail: Detail) -> Wording:
    """What one error says; its place is another's business."""
    kind = detail["type"]
    if kind in _WORDS:
        return _WORDS[kind](detail)
    if detail["input"] is None:
        return "is empty", "Give it a value, or leave it out where there is a default"
    return f"{shown(detail)} does not fit here", ""


def told(error: ValidationError, whole: str = "all of it") -> str:
    """Every error in one line: `lines.0.kind is missing: Add it; ...`; `whole` is what no field is to blame for."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or whole}: {sentence(said(detail))}"
        for detail in error.errors(include_url=False)
    )


def sentence(wording: Wording) -> str:
    """`'x' is no number. Write digits only`."""
    message, remedy = wording
    return f"{message}. {remedy}" if remedy else message


def name_of(pattern: str) -> str:
    """What text of the pattern is called: `key`, `postcode`; the pattern itself where it has no name."""
    return _PATTERNS[pattern][0].removeprefix("is no ") if pattern in _PATTERNS else pattern


def shown(detail: Detail) -> str:
    """The wrong value, quoted and not too long."""
    return repr(str(detail["input"])[:_SHOWN])


def _pattern(kind: Any) -> str:
    found = (getattr(rule, "pattern", None) for rule in get_args(kind)[1].metadata)
    return next(str(pattern) for pattern in found if pattern)


_SERIAL = ("is no serial number", "Write it as it stands on the box, without spaces; 80 characters at most")
_PATTERNS: Mapping[str, Wording] = {
    _pattern(Slug): ("is no key", "Use 1 to 40 lower-case letters a-z, digits and hyphens inside"),
    _pattern(Interface): ("is no interface name", "Use a letter first, then letters, digits, `.` and `-`; 15 at most"),
    _pattern(LineName): (
        "is no name of a line",
        "Name its port, `wan0`, or port and VLAN (1 to 4094) where the provider delivers it tagged: `wan0.102`",
    ),
    _pattern(Domain): ("is no domain name", "Use lower-case letters, digits, hyphens and dots"),
    _pattern(Phone): ("is no phone number", "Use 4 to 20 digits and spaces, with + in front if you like"),
    _pattern(OrganisationNumber): ("is no organisation number", "Write its 9 digits, without spaces"),
    _pattern(Email): ("is no e-mail address", "Write it as name@example.no"),
    _pattern(Key): ("is no key", "Use 1 to 40 lower-case letters a-z, digits and underscores"),
    r"^[0-9]{4}$": ("is no postcode", "Write its 4 digits"),
    r"^[!-~]{1,80}$": _SERIAL,
    r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$": _SERIAL,
    r"^[^\x00-\x1f\x7f]+$": ("is empty or has an invisible character", "Correct it"),
}


def _chosen(detail: Detail) -> Wording:
    ctx = detail.get("ctx", {})
    listed = str(ctx.get("expected", ctx.get("expected_tags", ""))).replace("'", "").replace(" or ", ", ")
    known, given = listed.split(", "), str(ctx.get("tag", detail["input"]))[:_SHOWN]
    near = get_close_matches(given, known, n=1)
    return f"{given!r} is not one of the choices", (
        f"Did you mean {near[0]!r}?" if near else f"Use one of: {', '.join(known)}"
    )


def _patterned(detail: Detail) -> Wording:
    pattern = str(detail.get("ctx", {}).get("pattern"))
    message, remedy = _PATTERNS.get(pattern, ("is not written as it should be", f"It must match {pattern}"))
    return f"{shown(detail)} {message}", remedy


def _network(detail: Detail) -> Wording:
    try:
        meant = IPv4Network(str(detail["input"]), strict=False)
    except ValueError:
        return f"{shown(detail)} is no IPv4 network", "Write it as 10.64.1.0/24"
    return f"{shown(detail)} has host bits set", f"Did you mean '{meant}'?"


def _address(detail: Detail) -> Wording:
    try:
        meant = IPv4Interface(str(detail["input"])).ip
    except ValueError:
        return f"{shown(detail)} is no IPv4 address", "Write it as 10.250.0.11"
    return f"{shown(detail)} is an address with a prefix length", f"Did you mean '{meant}'?"


def _refused(detail: Detail) -> Wording:
    why = str(detail.get("ctx", {}).get("error") or detail["msg"].removeprefix("Value error, "))
    return (f"{shown(detail)} {why}" if isinstance(detail["input"], str) else why), ""


def _own(detail: Detail) -> Wording:
    return f"{shown(detail)} {detail['msg']}", ""


def _fixed(message: str, remedy: str) -> Callable[[Detail], Wording]:
    return lambda detail: (f"{shown(detail)} {message}", remedy)


def _kind(message: str, remedy: str = "") -> Callable[[Detail], Wording]:
    return lambda _detail: (message, remedy)


def _bounded(relation: str, limit: str) -> Callable[[Detail], Wording]:
    return lambda detail: (f"{shown(detail)} must be {relation} {detail['ctx'][limit]}", "Correct the figure")


def _date(detail: Detail) -> Wording:
    message, remedy = day.fault(str(detail["input"]))
    return f"{shown(detail)} {message}", remedy


_NUMBER = _fixed("is no number", "Write digits only")
_WHOLE = _fixed("is no whole number", "Write digits only")
_TRUTH = _fixed("is neither true nor false", "Write true or false")
_TEXT = _kind("must be one text, not a list or mapping")
_LIST = _kind("must be a list")
_MAPPING = _kind("must be a mapping of fields")
_MOMENT = _fixed("is no moment", "Write it as 2026-01-31T12:00:00Z")
_UNSAYABLE = _kind("has a character that UTF-8 cannot say", "Remove it")

_WORDS: Mapping[str, Callable[[Detail], Wording]] = {
    "missing": _kind("is missing", "Add it"),
    "extra_forbidden": _kind("is not a field here", "Leave it out, or correct its name"),
    "string_too_short": _kind("is empty", "Give it a value"),
    "string_too_long": lambda detail: (f"is longer than {detail['ctx']['max_length']} characters", "Shorten it"),
    "too_long": lambda detail: (f"has more than {detail['ctx']['max_length']} rows", "Leave out what is too much"),
    "too_short": _kind("needs at least one row"),
    "string_pattern_mismatch": _patterned,
    "string_type": _TEXT,
    "string_unicode": _UNSAYABLE,
    "string_sub_type": _TEXT,
    "enum": _chosen,
    "literal_error": _chosen,
    "union_tag_invalid": _chosen,
    "union_tag_not_found": lambda detail: (f"lacks `{str(detail['ctx']['discriminator']).strip(chr(39))}:`", ""),
    "ip_v4_address": _address,
    "ip_v4_network": _network,
    "ip_v4_interface": _fixed("is no IPv4 address with prefix length", "Write it as 198.51.100.2/30"),
    "int_parsing": _NUMBER,
    "int_parsing_size": _fixed("is too large a number", "Correct the figure"),
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
    "date_of_other_times": lambda detail: (f"{shown(detail)} {detail['msg']}", "Correct the year"),
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _fixed("has no time zone", "Write it as 2026-01-31T12:00:00Z"),
    "moment": _own,
    "greater_than": _bounded("more than", "gt"),
    "greater_than_equal": _bounded("at least", "ge"),
    "less_than": _bounded("less than", "lt"),
    "less_than_equal": _bounded("at most", "le"),
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "json_invalid": _kind("is no JSON"),
    "path_type": _TEXT,
    "value_error": _refused,
    "assertion_error": _refused,
}
