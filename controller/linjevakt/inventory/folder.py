"""A folder of files, read into nouns with every finding noted: sizes, links and encodings included."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from linjevakt.inventory import wording
from linjevakt.inventory.document import FILE, SPLIT, Document, Place, Source, parse
from linjevakt.inventory.document import Path as FieldPath
from linjevakt.inventory.parts import part_of
from linjevakt.inventory.reading import MEGABYTE, limited, size
from linjevakt.model.errors import InvalidInputError, Issue
from linjevakt.model.fields import Noun
from linjevakt.model.rules.base import Finding, Where
from linjevakt.model.saying import Saying
from linjevakt.model.system import reason

_READ_BEFORE = 64 * MEGABYTE  # its own limit held then
_KEPT = 3  # documents: those of a clash, and one more
Progress = Callable[[int, int], None]
N = TypeVar("N", bound=Noun)


class Folder:
    """Reads files by their name relative to the folder and collects what is wrong in `issues`."""

    def __init__(self, root: Path) -> None:
        self.issues: list[Issue] = []
        self._root = root
        self._parsed = lru_cache(maxsize=_KEPT)(self._parse)

    def files(self, pattern: str) -> list[str]:
        """The names, sorted, of what matches the glob pattern."""
        return sorted(file.relative_to(self._root).as_posix() for file in self._root.glob(pattern))

    def read(self, name: str, model: type[N], largest: int = MEGABYTE) -> N | None:
        """The noun in the file of at most `largest` bytes; None after noting what is wrong with it."""
        document = self.document(name, largest)
        if document is None:
            return None
        noun = self.noun(document, model)
        return None if document.flaws else noun

    def noun(self, source: Source, model: type[N]) -> N | None:
        """The noun that the source holds; None after noting what is wrong with it."""
        try:
            return model.model_validate(source.data)
        except ValidationError as error:
            self.issues += wording.issues(error, model, source)
            return None

    def part(self, source: Source, model: type[N]) -> N:
        """The noun that the source holds, or what can be read of it (`parts`) after noting what is wrong with it."""
        noun = self.noun(source, model)
        return part_of(model, source.data) if noun is None else noun

    def place(self, name: str, path: FieldPath) -> Place:
        """Where a field stands in a file that has been read before."""
        return self._parsed(name).place(path)

    def note(self, name: str, path: FieldPath, message: str, remedy: str) -> None:
        """Adds a finding about a field of a file that has been read before."""
        self.issues.append(self.place(name, path).issue(message, remedy))

    def tell(self, finding: Finding, place: Callable[[Where], Place]) -> None:
        """Adds what a rule has found; where two clash, about the one whose file is newer, with the line of the other.

        `place`: where in the files something of the inventory stands.
        """
        here, there = place(finding.where), place(finding.other.where) if finding.other else None
        if finding.other and there and self._written_ns(there.file) > self._written_ns(here.file):
            finding, here, there = finding.other, there, here
        message = finding.message
        if there and (there.file, there.line) != (here.file, here.line):
            message = Saying("{} ({}:{})", message, there.file, there.line)
        self.issues.append(here.issue(message, finding.remedy))

    def document(self, name: str, largest: int = MEGABYTE) -> Document | None:
        """The mapping in the file of at most `largest` bytes; None after noting why there is none."""
        raw = self.raw(name, largest)
        if raw is None:
            return None
        document = parse(raw, name)
        self.issues += (Issue(name, flaw.line, flaw.field, flaw.message, flaw.remedy) for flaw in document.flaws)
        if document.flaws and not document.data:
            return None
        if not isinstance(document.data, dict):
            what = Saying("is empty") if document.data is None else Saying("is not a mapping of fields")
            self.refuse(name, what, Saying("See inventory/example for a file that is right"))
            return None
        return document

    def raw(self, name: str, largest: int) -> bytes | None:
        """What the file of at most `largest` bytes holds; None after noting why it cannot be read."""
        file = self._root / name
        try:
            if not file.resolve(strict=True).is_relative_to(self._root.resolve()):
                self.refuse(name, Saying("is a link that leads out of the folder"), Saying("Put the file itself there"))
            elif not file.is_file():
                self.refuse(name, Saying("is not a regular file"), Saying("Put a YAML file there"))
            elif file.stat().st_size > largest:
                self.refuse(name, Saying("is larger than {}", size(largest)), SPLIT)
            else:
                return limited(file, largest)
        except FileNotFoundError:
            self.refuse(name, Saying("is missing"), Saying("See inventory/example for the files of an inventory"))
        except (OSError, RuntimeError, InvalidInputError) as error:
            why = reason(error) if isinstance(error, OSError) else error
            self.refuse(name, Saying("cannot be read ({})", why), Saying("Check the file's permissions"))
        return None

    def _parse(self, name: str) -> Document:
        return parse(self.raw(name, _READ_BEFORE) or b"", name)

    def _written_ns(self, name: str) -> int:
        return (self._root / name).stat().st_mtime_ns

    def refuse(self, name: str, message: str, remedy: str) -> None:
        """Adds a finding about a file as a whole."""
        self.issues.append(Issue(name, None, FILE, message, remedy))
