"""A sentence that is English wherever it goes, and that can be said in Norwegian where a person reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Protocol, Self, SupportsIndex, runtime_checkable

NORWEGIAN = "nb"


@runtime_checkable
class Said(Protocol):
    """What can be said in both languages of the users."""

    def said(self, language: str) -> str:
        """In `nb` or `en`."""
        ...


def in_language(what: object, language: str) -> str:
    """What it is in that language, where it can be said in both; else as it stands."""
    if type(what) is str:  # most are, and to ask whether it has a protocol takes ten times as long
        return what
    return what.said(language) if isinstance(what, Saying | Said) else str(what)


class Saying(str):
    """`Saying("{router} is not staged", router=name)`: the template filled in, as `str.format` does.

    It is a plain text to whoever compares, stores or logs it. The template is a key of `linjevakt.norwegian`; what is
    filled in is said in the same language if it can be. A template without words needs no Norwegian: `{}: {}`.
    """

    __slots__ = ("_named", "_parts", "_template")
    _template: str
    _parts: tuple[object, ...]
    _named: dict[str, object]

    def __new__(cls, template: str, /, *parts: object, **named: object) -> Self:
        """Fills in the template. Raises KeyError or IndexError for one that asks for more than is given."""
        made = super().__new__(cls, template.format(*parts, **named))
        made._template, made._parts, made._named = template, parts, named
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, object]]:
        """What a copy or a pickle is made of."""
        return (self._template, *self._parts), self._named

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Itself: it does not change, and an error that is filled in may have no copy (`dataclasses.asdict`)."""
        return self

    def said(self, language: str) -> str:
        """In `nb` or `en`."""
        if language != NORWEGIAN:
            return str(self)
        parts = (_filled(part, language) for part in self._parts)
        named = {name: _filled(value, language) for name, value in self._named.items()}
        return _norwegian(self._template).format(*parts, **named)

    def removeprefix(self, prefix: str, /) -> str:
        """The same without a name before it, in both languages."""
        return type(self)("{}", _Changed(self, methodcaller("removeprefix", prefix)))

    def rstrip(self, chars: str | None = None, /) -> str:
        """The same without such letters at its end, in both languages."""
        return type(self)("{}", _Changed(self, methodcaller("rstrip", chars)))

    def replace(self, old: str, new: str, count: SupportsIndex = -1, /) -> str:
        """The same with another name in it, in both languages."""
        return type(self)("{}", _Changed(self, methodcaller("replace", old, new, count)))


@dataclass(frozen=True)
class _Changed:
    what: str
    change: Callable[[str], str]

    def __str__(self) -> str:
        return self.said("en")

    def said(self, language: str) -> str:
        return self.change(in_language(self.what, language))


def uncapitalised(what: str) -> Saying:
    """The sentence as it stands after a semicolon."""
    return Saying("{}", _Changed(what, _uncapitalised))


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]


def word(of_data: str) -> Saying:
    """A state, a kind or another word of the data as people call it: one of `linjevakt.norwegian.words`."""
    return Saying(_literal(of_data))


def together(separator: str, parts: Sequence[object]) -> Saying:
    """The parts as one saying: what `separator.join` makes of plain texts."""
    return Saying(_literal(separator).join(["{}"] * len(parts)), *parts)


def _literal(text: str) -> str:
    """The template that says just this: a brace of data is a brace."""
    return text.replace("{", "{{").replace("}", "}}")


def _filled(value: object, language: str) -> object:
    return value.said(language) if isinstance(value, Said) else value


def _norwegian(template: str) -> str:
    from linjevakt.norwegian import SENTENCES  # noqa: PLC0415 - whoever reads English needs none of it

    return SENTENCES.get(template, template)
