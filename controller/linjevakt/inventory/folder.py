"""A folder of YAML files, read into nouns with every finding noted: sizes, links and encodings included."""

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from linjevakt.inventory import wording
from linjevakt.inventory.document import Document, dotted, parse
from linjevakt.inventory.document import Path as FieldPath
from linjevakt.model.errors import Issue
from linjevakt.model.inventory import Noun

MEGABYTE = 1_000_000

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
        try:
            noun = model.model_validate(document.data)
        except ValidationError as error:
            self.issues += wording.issues(error, model, name, document)
            return None
        return None if document.flaws else noun

    def note(self, name: str, path: FieldPath, message: str, remedy: str) -> None:
        """Adds a finding about a field of a file that has been read before."""
        if self._last[0] != name:
            self._last = (name, parse(self._bytes(name, sys.maxsize) or b""))
        line = self._last[1].line(path)
        self.issues.append(Issue(name, line, dotted(path), message, remedy))

    def _document(self, name: str, largest: int) -> Document | None:
        raw = self._bytes(name, largest)
        if raw is None:
            return None
        document = parse(raw)
        self._last = (name, document)
        self.issues += (Issue(name, flaw.line, flaw.field, flaw.message, flaw.remedy) for flaw in document.flaws)
        if document.flaws and not document.data:
            return None
        if not isinstance(document.data, dict):
            what = "is empty" if document.data is None else "is not a mapping of fields"
            self._refuse(name, what, "See inventory/example for a file that is right")
            return None
        return document

    def _bytes(self, name: str, largest: int) -> bytes | None:
        file = self._root / name
        try:
            if not file.resolve(strict=True).is_relative_to(self._root.resolve()):
                self._refuse(name, "is a link that leads out of the folder", "Put the file itself there")
            elif not file.is_file():
                self._refuse(name, "is not a regular file", "Put a YAML file there")
            elif file.stat().st_size > largest:
                self._refuse(name, f"is larger than {largest // MEGABYTE} MB", "Split it or clean it up")
            else:
                return file.read_bytes()
        except FileNotFoundError:
            self._refuse(name, "is missing", "See inventory/example for the files of an inventory")
        except (OSError, RuntimeError) as error:
            self._refuse(name, f"cannot be read ({error})", "Check the file's permissions")
        return None

    def _refuse(self, name: str, message: str, remedy: str) -> None:
        self.issues.append(Issue(name, None, "file", message, remedy))
