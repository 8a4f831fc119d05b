"""A folder of files, read into nouns with every finding noted: sizes, links and encodings included."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from linjevakt.inventory import wording
from linjevakt.inventory.document import FILE, SPLIT, Document, Source, parse
from linjevakt.inventory.document import Path as FieldPath
from linjevakt.inventory.reading import MEGABYTE, limited, size
from linjevakt.model.errors import InvalidInputError, Issue
from linjevakt.model.inventory import Noun
from linjevakt.model.saying import Saying
from linjevakt.model.system import reason

_READ_BEFORE = 64 * MEGABYTE  # its own limit held then
Progress = Callable[[int, int], None]
N = TypeVar("N", bound=Noun)


class Folder:
    """Reads files by their name relative to the folder and collects what is wrong in `issues`."""

    def __init__(self, root: Path) -> None:
        self.issues: list[Issue] = []
        self._root = root
        self._last: tuple[str, Document] = ("", Document())

    def files(self, pattern: str) -> list[str]:
        """The names, sorted, of what matches the glob pattern."""
        return sorted(file.relative_to(self._root).as_posix() for file in self._root.glob(pattern))

    def read(self, name: str, model: type[N], largest: int = MEGABYTE) -> N | None:
        """The noun in the file of at most `largest` bytes; None after noting what is wrong with it."""
        document = self._document(name, largest)
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

    def note(self, name: str, path: FieldPath, message: str, remedy: str) -> None:
        """Adds a finding about a field of a file that has been read before."""
        if self._last[0] != name:
            self._last = (name, parse(self.raw(name, _READ_BEFORE) or b"", name))
        self.issues.append(self._last[1].place(path).issue(message, remedy))

    def _document(self, name: str, largest: int) -> Document | None:
        raw = self.raw(name, largest)
        if raw is None:
            return None
        document = parse(raw, name)
        self._last = (name, document)
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

    def refuse(self, name: str, message: str, remedy: str) -> None:
        """Adds a finding about a file as a whole."""
        self.issues.append(Issue(name, None, FILE, message, remedy))
