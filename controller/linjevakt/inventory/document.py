"""Reads one YAML text into plain data whose scalars are all text, and knows the line of every value.

The model decides what is a number or a date, so `postcode: 0150` stays 0150 and `NO` stays NO. Aliases, tags and deep
nesting are refused: an inventory needs none, and they are how a small file becomes a large one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import yaml

from linjevakt.model.errors import Issue
from linjevakt.model.saying import Saying

Path = tuple[str | int, ...]
Data = dict[str, "Data"] | list["Data"] | str | None

FILE: Final = Saying("file")
"""What a finding about a file as a whole names in place of a field."""

SPLIT: Final = Saying("Split it or clean it up")

_SEE = Saying("See inventory/example")
_DEPTH = 20
_VALUES = 1_000_000  # of a document, each some 400 octets of memory; 10,000 organisations have a third of it
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Place:
    """Where something is written; `line` counts from 1, `field` is the path to a field or the name of a column."""

    file: str
    line: int | None
    field: str

    def issue(self, message: str, remedy: str) -> Issue:
        """A finding here."""
        return Issue(self.file, self.line, self.field, message, remedy)


class Source(Protocol):
    """The content of a noun before it is one."""

    def adding(self, field: str) -> str:
        """How to add the field, which `place` has named."""

    @property
    def data(self) -> Data:
        """What the model is to read."""

    def __contains__(self, path: object) -> bool:
        """Whether anything is written for the path."""

    def place(self, path: Path) -> Place:
        """Where the value at the path is written, or would be."""

    def written(self, path: Path) -> str | None:
        """The value as it stands there, where the model reads something else."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with the file itself; `line` counts from 1."""

    line: int | None
    field: str
    message: str
    remedy: str


@dataclass
class Document:
    """One file's content, the line of every value (of its key, in a mapping), and the flaws on the way."""

    file: str = ""
    data: Data = None
    lines: dict[Path, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def __contains__(self, path: object) -> bool:
        """Whether the file has a value there."""
        return path in self.lines

    def place(self, path: Path) -> Place:
        """The line of the value, or of the nearest one around it that is there."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), None)
        return Place(self.file, line, dotted(path))

    def written(self, _path: Path) -> None:
        """See Source: the model reads what stands in the file."""

    def adding(self, field: str) -> str:
        """See Source."""
        return Saying("Add `{}:`. See inventory/example for a file that is right", field.rpartition(".")[2])


class _FlawError(Exception):
    """Carries the flaw after which the rest of the file cannot be understood."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


def parse(raw: bytes, file: str = "") -> Document:
    """The document in `raw`; never raises: what is wrong is in `flaws`, and `data` is None when it cannot be told."""
    document = Document(file)
    try:
        document.data = _Builder(document).build(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = Saying("is not UTF-8: byte 0x{octet:02x}", octet=raw[error.start])
        document.flaws.append(Flaw(line, FILE, message, Saying("Save the file as UTF-8")))
    except yaml.MarkedYAMLError as error:
        document.flaws.append(_syntax_flaw(error))
    except yaml.YAMLError as error:
        message = Saying("holds a character that YAML does not allow ({})", getattr(error, "reason", error))
        document.flaws.append(Flaw(None, FILE, message, Saying("Remove it")))
    except _FlawError as error:
        document.flaws.append(error.flaw)
    return document


def dotted(path: Path) -> str:
    """`lines[0].addressing.gateway`, as an Issue names a field."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or FILE


def _syntax_flaw(error: yaml.MarkedYAMLError) -> Flaw:
    mark = error.problem_mark or error.context_mark
    where = f" {error.context}" if error.context else ""
    message = Saying("is not YAML: {}", f"{error.problem}{where}")
    remedy = Saying("Mend the indentation, colons or quotes there")
    return Flaw(mark.line + 1 if mark else None, FILE, message, remedy)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Builder:
    """Follows the parser's events into a Document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._events: Iterator[Any] = iter(())

    def build(self, text: str) -> Data:
        data: Data = None
        self._events = yaml.parse(text, Loader=_LOADER)
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._document.lines:
                    what = Saying("holds a second document after `---`")
                    raise self._fatal(event, (), what, Saying("Put it in a file of its own"))
                data = self._value(next(self._events), ())
        return data

    def _value(self, event: Any, path: Path) -> Data:
        self._document.lines.setdefault(path, _line(event))
        if len(self._document.lines) > _VALUES:
            raise self._fatal(event, (), Saying("holds more than {:,} values", _VALUES), SPLIT)
        if isinstance(event, yaml.AliasEvent):
            alias = Saying("is an alias (*{})", event.anchor)
            raise self._fatal(event, path, alias, Saying("Write the value out in full"))
        if event.tag is not None and event.tag != "!":
            raise self._fatal(event, path, Saying("has a YAML tag ({})", event.tag), Saying("Remove the tag"))
        if len(path) >= _DEPTH:
            raise self._fatal(event, (), Saying("is nested deeper than {} levels", _DEPTH), _SEE)
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*path, n)) for n, item in enumerate(self._until(yaml.SequenceEndEvent))]
        return self._mapping(path)

    def _mapping(self, path: Path) -> Data:
        mapping: dict[str, Data] = {}
        for key in self._until(yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise self._fatal(key, path, Saying("has a key that is no text"), _SEE)
            here = (*path, key.value)
            line = _line(key)
            if key.value in mapping:
                message = Saying("is there twice; first in line {}", self._document.lines[here])
                self._document.flaws.append(Flaw(line, dotted(here), message, Saying("Remove one of them")))
            self._document.lines[here] = line
            mapping[key.value] = self._value(next(self._events), here)
        return mapping

    def _until(self, end: type) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    @staticmethod
    def _fatal(event: Any, path: Path, message: str, remedy: str) -> _FlawError:
        return _FlawError(Flaw(_line(event), dotted(path), message, remedy))
