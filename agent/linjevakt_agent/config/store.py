"""Generations of the configuration on disk, and the one pending commit: whole at every step, also in a power cut.

A commit becomes final by one rename, that of the symlink `confirmed`. Until then `pending.json` says that it may go
back; from then on everything else (`previous`, `pending.json`, old generations) follows from it and is only tidied up.
What is in force is volatile, and so is the symlink `running`: to go back needs no write to the disk. What a disk that
is read-only, full or broken does not take is owed, and written by `write_down` when it does.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from linjevakt_agent.base.disk import Disk, read_text, refusal
from linjevakt_agent.base.errors import AbsentError, StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import salt, text
from linjevakt_agent.config.records import Candidate, Generation, Last, Outcome, Pending, encode, now, read
from linjevakt_agent.config.sections import SECTIONS
from linjevakt_agent.config.text import Sections

KEPT = 10
"""How many generations are kept, the newest; those that a symlink names are kept besides."""

LINKS = ("running", "confirmed", "previous")
TRIAL = "trial"
"""What is written to see whether the disk takes it."""

log = logging.getLogger(__name__)


class Store:
    """The agent's state below `/var/lib/linjevakt`; of it `running` lies on the tmpfs.

    What begins something new raises StorageError when the disk refuses. What ends or takes back does not: `owes` says
    that the disk lacks it.
    """

    def __init__(self, paths: Paths, disk: Disk | None = None) -> None:
        self._base = paths.base
        self._generations = paths.base / "generations"
        self._identity = paths.identity
        self._links = {"running": paths.running}
        self._back = paths.running.with_name("linjevakt-back")
        self._disk = disk or Disk()
        self._salt = b""
        self._last: Last | None = None
        self._over: Pending | None = None
        self._stand_in: int | None = None
        self.owes = False
        paths.run.mkdir(parents=True, exist_ok=True)
        try:
            self._furnish(paths)
        except StorageError as error:
            log.error("%s", error)  # noqa: TRY400 - says all; what can be read is put in force all the same

    def _furnish(self, paths: Paths) -> None:
        for directory in (self._base, self._generations):
            self._disk.furnish(directory, 0o2711)
        if not paths.stable.is_symlink() or paths.stable.readlink().name != paths.running.name:
            self._disk.link(paths.running, paths.stable)

    # -- reading ---------------------------------------------------------------------------------------------------

    def generation(self, link: str) -> Generation | None:
        """Return the generation that the symlink `running`, `confirmed` or `previous` names."""
        directory = self.directory(self._number(link))
        return read(directory / "meta.json", Generation) if directory else None

    def directory(self, number: int | None) -> Path | None:
        """Return where a generation's files are; None (no configuration at all) has none."""
        return None if number is None else self._generations / str(number)

    def sections(self, place: str) -> Sections:
        """Return the sections of `running`, `confirmed`, `previous` or `candidate`; none if there is no such."""
        directory = self.directory(self._number(place)) if place in LINKS else self._base / place
        files = {name: directory / name for name in SECTIONS} if directory else {}
        try:
            return {name: read_text(file) for name, file in files.items() if file.exists()}
        except OSError as error:
            raise StorageError(refusal(f"cannot read the {place} configuration", error)) from error

    def candidate(self) -> Candidate | None:
        """Return what is known of the candidate, or None."""
        return read(self._base / "candidate/meta.json", Candidate)

    def pending(self) -> Pending | None:
        """Return the commit that is not final yet; once `confirmed` names its generation it is."""
        pending = read(self._base / "pending.json", Pending)
        confirmed = self._number("confirmed")
        if pending is None or pending == self._over or pending.generation == confirmed:
            return None
        return msgspec.structs.replace(pending, base=confirmed)

    def is_running(self, pending: Pending) -> bool:
        """Whether it is still the pending generation that is in force; no more once a revert has begun."""
        return self._number("running") == pending.generation

    def last(self) -> Last | None:
        """Return how the last transaction ended."""
        return self._last or read(self._base / "last.json", Last)

    def salt(self) -> bytes:
        """Return the box's own salt for fingerprints of secrets, the same as long as we live."""
        self._salt = self._salt or salt.of(self._identity, self._disk)
        return self._salt

    # -- the candidate ---------------------------------------------------------------------------------------------

    def put_candidate(self, sections: Sections, session: str) -> Candidate:
        """Make `sections` the candidate."""
        candidate = Candidate(text.config_hash(sections), session, now())
        self._disk.make_directory(self._base / "candidate", _files(sections, candidate))
        return candidate

    def drop_candidate(self) -> None:
        """Forget the candidate, if there is one."""
        self._disk.remove(self._base / "candidate")

    # -- the transaction -------------------------------------------------------------------------------------------

    def begin_commit(self, session: str, message: str) -> Pending:
        """Make the candidate the running generation, its way back written down first. The caller applies it.

        On StorageError everything is as it was, or `pending()` says that there is something to revert.
        """
        self.write_down()
        sections, base = self.sections("candidate"), self._number("confirmed")
        number = max(self._numbers(), default=0) + 1
        generation = Generation(number, text.config_hash(sections), now(), message, base)
        try:
            self._disk.make_directory(self._generations / str(number), _files(sections, generation))
            pending = self._begin(Pending(number, base, session))
        except StorageError:
            with suppress(StorageError):
                self._abandon(number)
            raise
        with suppress(StorageError):
            self.drop_candidate()
        return pending

    def begin_rollback(self, session: str) -> Pending:
        """Make the previous generation the running one again, in the same way. Raises AbsentError without one."""
        self.write_down()
        previous = self.generation("previous")
        if previous is None:
            raise AbsentError("there is no earlier generation to go back to")
        return self._begin(Pending(previous.generation, self._number("confirmed"), session))

    def _begin(self, pending: Pending) -> Pending:
        if base := self.directory(pending.base):
            self._disk.link(base, self._back)  # so that going back needs no room in memory either
        self._write("pending.json", pending)
        self._disk.link(self._generations / str(pending.generation), self._links["running"])
        return pending

    def _abandon(self, number: int) -> None:
        if self.pending() is None:
            self._disk.remove(self._generations / str(number))
        else:
            self.go_back()
            self._disk.remove(self._base / "pending.json")

    def wait(self, pending: Pending, deadline: float) -> None:
        """Note that the pending generation is applied and goes back at `deadline` unless it is confirmed."""
        self._write("pending.json", msgspec.structs.replace(pending, state="waiting", deadline=deadline))

    def confirm(self, pending: Pending, outcome: Outcome = "confirmed", reason: str = "") -> Generation:
        """Make the pending generation final. On StorageError it is as pending as before."""
        directory = self._generations / str(pending.generation)
        try:
            self._disk.link(directory, self._base / "confirmed")
        except StorageError as error:
            if self._number("confirmed") != pending.generation:
                raise
            log.error("confirmed, but a power cut may undo it: %s", error)  # noqa: TRY400 - the cause is all in it
        self._end(Last(outcome, reason, now()))
        return msgspec.json.decode((directory / "meta.json").read_bytes(), type=Generation)

    def go_back(self) -> None:
        """Make the confirmed generation the running one, in memory alone. The caller applies it, then `end_revert`."""
        base = self._number("confirmed")
        if base is not None and self._back.is_symlink() and self._back.readlink().name == str(base):
            self._disk.rename(self._back, self._links["running"])
        else:
            self._link_or_remove("running", base)

    def end_revert(self, outcome: Outcome, reason: str) -> None:
        """Note that the base is in force again."""
        with suppress(StorageError):
            self.drop_candidate()
        self._end(Last(outcome, reason, now()))

    def tidy(self) -> None:
        """Bring everything that follows from `confirmed` in line with it; call when nothing is pending."""
        self._end(None)

    # -- a disk that refuses ---------------------------------------------------------------------------------------

    def check_writable(self) -> None:
        """Write something, for nothing else shows that the disk takes it. Raises StorageError."""
        self.write_down()
        self._disk.write(self._base / TRIAL, f"{now()}\n")

    def write_down(self) -> None:
        """Write what the disk has refused so far, each part of it by itself. Raises StorageError while it does."""
        if not self.owes:
            return
        parts = (self._write_stand_in, self._write_previous, self._write_last, self._forget_pending)
        refused = [error for part in parts if (error := _refused(part)) is not None]
        if refused:
            raise refused[0]
        self._last, self.owes = None, False
        with suppress(StorageError):
            self._disk.remove(self._back)
            self._prune()

    def _end(self, last: Last | None) -> None:
        self._last = last or self._last
        self._over = read(self._base / "pending.json", Pending)
        self.owes = True
        try:
            self.write_down()
        except StorageError as error:
            log.error("not on the disk yet: %s", error)  # noqa: TRY400 - the cause is all in it

    def _write_stand_in(self) -> None:
        if self._stand_in is not None:
            self._disk.link(self._generations / str(self._stand_in), self._base / "confirmed")
            self._stand_in = None

    def _write_previous(self) -> None:
        confirmed = self.generation("confirmed")
        self._link_or_remove("previous", confirmed.parent if confirmed else None)

    def _write_last(self) -> None:
        if self._last is None:
            return
        try:
            self._write("last.json", self._last)
        except StorageError:
            self._disk.remove(self._base / "last.json")  # nothing is better than the news of the day before
            raise

    def _forget_pending(self) -> None:
        self._disk.remove(self._base / "pending.json")
        self._over = None

    def restore(self, sections: Mapping[str, str | None]) -> None:
        """Write these files of the running generation anew, as they were committed; None: there was no such file."""
        directory = self._links["running"].resolve()
        for name, body in sections.items():
            if body is None:
                self._disk.remove(directory / name)
            else:
                self._disk.write(directory / name, body, SECTIONS[name].mode)

    # -- a damaged disk --------------------------------------------------------------------------------------------

    def mend(self) -> None:
        """Confirm the last whole generation confirmed before, if the confirmed one is damaged; call at boot only.

        A box with an old configuration can be reached and brought up to date; one with half of a new one cannot. It is
        written when what comes of it is in force (`end_revert`, `tidy`).
        """
        damaged = self._number("confirmed")
        if not os.path.lexists(self._base / "confirmed") or self.is_whole(damaged):
            return
        number = next(filter(self.is_whole, self._confirmed_before()), None)
        if number is None:
            return
        log.error("generation %s is damaged on the disk: back to %s", damaged, number)
        self._stand_in = number
        self._last = Last("reverted", f"generation {damaged} is damaged on the disk", now())

    def is_whole(self, number: int | None) -> bool:
        """Whether a generation's files are what was committed."""
        meta = read(self._generations / str(number) / "meta.json", Generation)
        try:
            return meta is not None and text.config_hash(self.sections(f"generations/{number}")) == meta.hash
        except StorageError:
            return False

    def _confirmed_before(self) -> Iterator[int]:
        """Newest first; `parent` only ever names a generation that was confirmed, and an older one."""
        number = self._number("previous")
        while number is not None:
            yield number
            meta = read(self._generations / str(number) / "meta.json", Generation)
            number = meta.parent if meta and (meta.parent or 0) < number else None

    # -- what follows from `confirmed` -----------------------------------------------------------------------------

    def _link_or_remove(self, link: str, number: int | None) -> None:
        directory = self.directory(number)
        wanted = directory if directory and directory.is_dir() else None
        path = self._place(link)
        if wanted and path.resolve() != wanted.resolve():
            self._disk.link(wanted, path)
        elif not wanted and path.is_symlink():
            self._disk.remove(path)

    def _prune(self) -> None:
        for directory in (self._base, self._generations):
            self._disk.sweep(directory)
        used = {self._number(link) for link in LINKS}
        for number in sorted(self._numbers())[:-KEPT]:
            if number not in used:
                self._disk.remove(self._generations / str(number))

    # -- small change ----------------------------------------------------------------------------------------------

    def _place(self, link: str) -> Path:
        return self._links.get(link, self._base / link)

    def _number(self, link: str) -> int | None:
        """Return which generation a symlink names; None also where that cannot be read."""
        if link == "confirmed" and self._stand_in is not None:
            return self._stand_in
        try:
            name = self._place(link).readlink().name
        except OSError:
            return None
        return int(name) if name.isdecimal() else None

    def _numbers(self) -> list[int]:
        try:
            return [int(path.name) for path in self._generations.iterdir() if path.name.isdecimal()]
        except OSError as error:
            raise StorageError(refusal(f"cannot read {self._generations}", error)) from error

    def _write(self, name: str, value: msgspec.Struct) -> None:
        self._disk.write(self._base / name, encode(value), 0o640)


def _refused(part: Callable[[], None]) -> StorageError | None:
    try:
        part()
    except StorageError as error:
        return error
    return None


def _files(sections: Sections, meta: msgspec.Struct) -> dict[str, tuple[str, int]]:
    files = {name: (body, SECTIONS[name].mode) for name, body in sections.items()}
    return files | {"meta.json": (encode(meta), 0o640)}
