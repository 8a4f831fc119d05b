"""Imports that come as an archive, one at a time: each goes on in a thread, and tells how far it has come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from linjevakt import inventory as files
from linjevakt.inventory.archive import unpack
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.entity import Author
from linjevakt.model.errors import ConflictError, LinjevaktError, NotFoundError
from linjevakt.model.saying import Saying
from linjevakt.office import importing

if TYPE_CHECKING:
    from linjevakt.office import Office
    from linjevakt.office.importing import Outcome, Told

log = structlog.get_logger(__name__)

State = Literal["reading", "saving", "saved", "rehearsed", "refused", "failed"]
_KEPT: Final = 20  # what became of the last ones


@dataclass(frozen=True)
class Upload:
    """One import; `done` of `total` sites are read. `refused`: `outcome` says why; `failed`: `error` does."""

    number: int
    told: Told
    state: State = "reading"
    done: int = 0
    total: int = 0
    outcome: Outcome | None = None
    error: LinjevaktError | None = None


class Uploads:
    """Those of this process; what was saved is in the history, whoever is asked."""

    def __init__(self, office: Office, catalogue: Catalogue, templates: Path | None = None) -> None:
        self._office, self._catalogue, self._templates = office, catalogue, templates
        self._slot, self._known = threading.Lock(), dict[int, Upload]()
        self._last = 0

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Nobody else imports until the block, or the import that it begins, has ended. Raises ConflictError."""
        if not self._slot.acquire(blocking=False):
            raise ConflictError(Saying("Another import is under way. Wait until it has ended."))
        before = self._last
        try:
            yield
        finally:
            if self._last == before:  # none was begun: its thread gives the place back otherwise
                self._slot.release()

    def begin(self, archive: bytes, author: Author, told: Told) -> Upload:
        """Begins an import; call it within `claimed`. Raises InvalidInputError for a hostile or damaged archive."""
        place = TemporaryDirectory(prefix="linjevakt-import-")
        try:
            folder = unpack(archive, Path(place.name))
        except BaseException:
            place.cleanup()
            raise
        self._last += 1
        upload = self._known[self._last] = Upload(self._last, told)
        self._known.pop(self._last - _KEPT, None)
        # a daemon: it ends with the process, and what it has not saved by then is not saved at all
        threading.Thread(target=self._run, args=(upload, folder, place, author), name="import", daemon=True).start()
        return upload

    def get(self, number: int) -> Upload:
        """How far it is, or how it ended. Raises NotFoundError."""
        if number not in self._known:
            raise NotFoundError(
                Saying("There is no import {number}: this process knows its last {kept}.", number=number, kept=_KEPT)
            )
        return self._known[number]

    def _run(self, upload: Upload, folder: Path, place: TemporaryDirectory[str], author: Author) -> None:
        try:
            with place:
                outcome = self._bring_in(upload, folder, author)
            self._note(upload, state=_ended(outcome, upload.told), outcome=outcome)
        except LinjevaktError as error:
            self._note(upload, state="failed", error=error)
        except Exception as error:  # a thread's edge: a fault of ours is logged, and told to whoever asks
            log.exception("import failed", number=upload.number)
            fault = LinjevaktError(
                Saying("a fault in Linjevakt ({kind}); its log says more", kind=type(error).__name__)
            )
            self._note(upload, state="failed", error=fault)
        finally:
            self._slot.release()

    def _bring_in(self, upload: Upload, folder: Path, author: Author) -> Outcome:
        def heard(done: int, total: int) -> None:
            self._note(upload, done=done, total=total)

        contents = files.read(folder, self._catalogue, heard, self._office.templates)
        self._note(upload, state="saving")
        wired = (self._office, self._catalogue, contents, author, upload.told)
        return importing.bring_in(*wired, templates=self._templates)

    def _note(self, upload: Upload, **news: Any) -> None:
        if upload.number in self._known:
            self._known[upload.number] = replace(self._known[upload.number], **news)


def _ended(outcome: Outcome, told: Told) -> State:
    if outcome.refusals:
        return "refused"
    return "rehearsed" if told.rehearse else "saved"
