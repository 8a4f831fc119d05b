"""What can be ordered, told from the kinds themselves: the fields of each wish, and who does which step."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from linjevakt.cli.terminal import Rows, echo
from linjevakt.cli.words import word
from linjevakt.model.order import PARTIES
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying
from linjevakt.model.wording import name_of
from linjevakt.norwegian.wishes import WISHES
from linjevakt.norwegian.words import WORDS

if TYPE_CHECKING:
    from linjevakt.workorders.step import Kind

_FORMATS: Mapping[str, str] = {
    "ipv4": Saying("address"),
    "ipv4interface": Saying("address/length"),
    "ipv4network": Saying("prefix"),
    "date": Saying("date, as 2026-01-31"),
    "date-time": Saying("moment, as 2026-01-31T22:00+01:00"),
}


@dataclass(frozen=True)
class WishField:
    """One field of a wish: `[]` after a name marks a list. `default` is None for a field without one."""

    path: str
    type: str
    required: bool
    default: Any = None


def plain(kind: "Kind") -> dict[str, Any]:
    """A kind with its fields and steps."""
    return {
        "kind": kind.key,
        "title": kind.title.model_dump(),
        "about": _about(kind),
        "fields": [asdict(row) for row in fields_of(kind.wish.model_json_schema())],
        "steps": [
            {
                "key": step.key,
                "by": step.by.value,
                "permission": step.permission.value,
                "title": step.title.model_dump(),
                "conditional": step.conditional,
                "answers": [answer.name for answer in step.answers],
            }
            for step in kind.steps
        ],
    }


def show(kind: "Kind") -> None:
    """A kind as text."""
    english = _about(kind)
    echo(Saying("{}: {}. {}\n", kind.key, kind.title, Phrase(nb=WISHES[english], en=english)))
    fields = Rows(Saying("Field"), Saying("Type"), Saying("Default"))
    for row in fields_of(kind.wish.model_json_schema()):
        fields.add_row(row.path, row.type, Saying("required") if row.required else _default(row.default))
    fields.show()
    echo()
    steps = Rows(Saying("Step"), Saying("By"), Saying("What"), Saying("Asks for"))
    for step in kind.steps:
        what = Saying("{} (where it applies)", step.title) if step.conditional else step.title
        steps.add_row(step.key, PARTIES[step.by], what, ", ".join(answer.name for answer in step.answers) or "-")
    steps.show()


def _about(kind: "Kind") -> str:
    """The first paragraph of what the wish says of itself."""
    return (kind.wish.__doc__ or "").split("\n\n")[0]


def fields_of(schema: Mapping[str, Any]) -> Iterator[WishField]:
    """Every field of a JSON schema (draft 2020-12, as pydantic writes it), outermost first."""
    yield from _Walk(schema.get("$defs", {})).fields(schema, "", required=True)


@dataclass(frozen=True)
class _Walk:
    """Goes through a schema with its definitions."""

    defs: Mapping[str, Any]

    def fields(self, node: Mapping[str, Any], path: str, *, required: bool) -> Iterator[WishField]:
        options = list(self._options(node))
        leaves = dict.fromkeys(_leaf(option) for option in options if self._is_leaf(option))
        if leaves:
            yield WishField(path, _or(leaves), required, node.get("default"))
        for option in options:
            yield from self._inner(option, path, required=required, default=node.get("default"))

    def _inner(self, option: Mapping[str, Any], path: str, *, required: bool, default: Any) -> Iterator[WishField]:
        if "properties" in option:
            prefix, needed = f"{path}." if path else "", option.get("required", ())
            for name, inner in option["properties"].items():
                yield from self.fields(inner, f"{prefix}{name}", required=name in needed)
        elif option.get("type") == "array":
            yield from self._list(option, f"{path}[]", required=required, default=default)
        for values in _values(option):
            yield from self.fields(values, f"{path}.NAME", required=False)

    def _list(self, option: Mapping[str, Any], path: str, *, required: bool, default: Any) -> Iterator[WishField]:
        items = list(self._options(option["items"]))
        if all(self._is_leaf(item) for item in items):
            yield WishField(path, _or(dict.fromkeys(map(_leaf, items))), required, default)
        else:
            yield WishField(
                path, Saying("one or more") if option.get("minItems") else Saying("any number"), required, default
            )
            yield from self.fields(option["items"], path, required=required)

    def _options(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """What may stand there, but for nothing."""
        for option in node.get("anyOf") or node.get("oneOf") or [node]:
            if "$ref" in option:
                yield from self._options(self.defs[option["$ref"].rpartition("/")[2]])
            elif option.get("anyOf") or option.get("oneOf"):
                yield from self._options(option)
            elif option.get("type") != "null":
                yield option

    @staticmethod
    def _is_leaf(option: Mapping[str, Any]) -> bool:
        return option.get("type") not in {"object", "array"}


def _values(option: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a mapping holds whose names are the user's own."""
    yield from option.get("patternProperties", {}).values()
    if isinstance(option.get("additionalProperties"), Mapping):
        yield option["additionalProperties"]


def _leaf(option: Mapping[str, Any]) -> str:
    if "const" in option:
        return str(option["const"])
    if "enum" in option:
        return " | ".join(map(str, option["enum"]))
    if "pattern" in option:
        name = name_of(option["pattern"])
        return word(name) if name in WORDS else name
    if option.get("type") == "boolean":
        return "true | false"
    if option.get("type") in {"integer", "number"}:
        ends = [str(option[end]) for end in ("minimum", "maximum") if end in option]
        return Saying("number {}", "-".join(ends)) if ends else Saying("number")
    return _FORMATS.get(option.get("format", ""), Saying("text"))


def _or(types: Iterable[str]) -> str:
    return reduce(lambda one, other: Saying("{} or {}", one, other), types)


def _default(default: Any) -> str:
    if isinstance(default, list):
        return ", ".join(map(str, default)) or "-"
    return "-" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
