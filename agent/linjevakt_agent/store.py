"""Generations of the configuration on disk, and the one pending commit: whole at every step, also in a power cut.

A commit becomes final by one rename, that of the symlink `confirmed`. Until then `pending.json` says how to go back;
from then on everything else (`previous`, `pending.json`, old generations) follows from it and is only tidied up.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from linjevakt_agent import text
from linjevakt_agent.disk import Disk, read_text
from linjevakt_agent.errors import AbsentError, StorageError
from linjevakt_agent.paths import Paths
from linjevakt_agent.sections import SECTIONS
from linjevakt_agent.text import Sections

KEPT = 10
"""How many generations are kept, the newest; those that a symlink names are kept besides."""

Outcome = Literal["confirmed", "reverted", "rolled-back"]
T = TypeVar("T")
log = logging.getLogger(__name__)


class Generation(msgspec.Struct, frozen=True):
    """A generation's `meta.json`; `parent` is the generation that was confirmed when this one was committed."""

    generation: int
    hash: str
    committed_at: str
    message: str = ""
    parent: int | None = None


class Candidate(msgspec.Struct, frozen=True):
    """The candidate's `meta.json`: what it hashes to and whose it is."""

    hash: str
    session: str
    loaded_at: str


class Pending(msgspec.Struct, frozen=True):
    """`pending.json`: `generation` is being put in force or waits for its confirmation; `base` is the way back.

    `deadline` (seconds of CLOCK_BOOTTIME) belongs to the state `waiting`; `outcome` and `reason` to `reverting`.
    """

    generation: int
    base: int | None
    session: str
    state: Literal["applying", "waiting", "reverting"] = "applying"
    deadline: float | None = None
    outcome: Outcome = "reverted"
    reason: str = ""


class Last(msgspec.Struct, frozen=True):
    """`last.json`: how the last transaction ended."""

    outcome: Outcome
    reason: str
    at: str


def now() -> str:
    """Return the time as the contract writes it, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    """The agent's state below `/var/lib/linjevakt`. Every changing method raises StorageError when the disk refuses."""

    def __init__(self, paths: Paths, disk: Disk | None = None) -> None:
        self._base = paths.base
        self._generations = paths.base / "generations"
        self._identity = paths.identity
        self._disk = disk or Disk()
        for directory in (self._base, self._generations):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o2711)

    # -- reading ---------------------------------------------------------------------------------------------------

    def generation(self, link: str) -> Generation | None:
        """Return the generation that the symlink `running`, `confirmed` or `previous` names."""
        return _read(self._base / link / "meta.json", Generation)

    def directory(self, number: int | None) -> Path | None:
        """Return where a generation's files are; None (no configuration at all) has none."""
        return None if number is None else self._generations / str(number)

    def sections(self, place: str) -> Sections:
        """Return the sections of `running`, `confirmed`, `previous` or `candidate`; none if there is no such."""
        files = {name: self._base / place / name for name in SECTIONS}
        return {name: read_text(file) for name, file in files.items() if file.exists()}

    def candidate(self) -> Candidate | None:
        """Return what is known of the candidate, or None."""
        return _read(self._base / "candidate/meta.json", Candidate)

    def pending(self) -> Pending | None:
        """Return the commit that is not final yet; once `confirmed` names its generation it is."""
        pending = _read(self._base / "pending.json", Pending)
        return None if pending and pending.generation == self._number("confirmed") else pending

    def last(self) -> Last | None:
        """Return how the last transaction ended."""
        return _read(self._base / "last.json", Last)

    def salt(self) -> bytes:
        """Return the box's own salt for fingerprints of secrets, made at the first call."""
        file = self._identity / "salt"
        if not (salt := _salt(file)):
            self._identity.mkdir(mode=0o700, exist_ok=True)
            salt = secrets.token_bytes(32)
            self._disk.write(file, salt.hex(), 0o600)
        return salt

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
        previous = self.generation("previous")
        if previous is None:
            raise AbsentError("there is no earlier generation to go back to")
        return self._begin(Pending(previous.generation, self._number("confirmed"), session))

    def _begin(self, pending: Pending) -> Pending:
        if base := self.directory(pending.base):
            self._disk.link(base, self._base / "back")  # so that going back needs no room on the disk
        self._write("pending.json", pending)
        self._disk.link(self._generations / str(pending.generation), self._base / "running")
        return pending

    def _abandon(self, number: int) -> None:
        if (pending := self.pending()) is None:
            self._disk.remove(self._generations / str(number))
        else:
            self._go_back(pending)
            self._disk.remove(self._base / "pending.json")

    def wait(self, pending: Pending, deadline: float) -> None:
        """Note that the pending generation is applied and goes back at `deadline` unless it is confirmed."""
        self._write("pending.json", msgspec.structs.replace(pending, state="waiting", deadline=deadline))

    def confirm(self, pending: Pending, outcome: Outcome = "confirmed", reason: str = "") -> Generation:
        """Make the pending generation final. On StorageError it is as pending as before."""
        directory = self._generations / str(pending.generation)
        self._disk.link(directory, self._base / "confirmed")
        self._finish(Last(outcome, reason, now()))
        return msgspec.json.decode((directory / "meta.json").read_bytes(), type=Generation)

    def begin_revert(self, pending: Pending, outcome: Outcome, reason: str) -> Pending:
        """Make the base of a pending commit the running generation again. The caller applies it, then `end_revert`."""
        reverting = msgspec.structs.replace(pending, state="reverting", deadline=None, outcome=outcome, reason=reason)
        with suppress(StorageError):  # a full disk must not stand in the way; the file only speeds recovery up
            self._write("pending.json", reverting)
        self._go_back(pending)
        return reverting

    def _go_back(self, pending: Pending) -> None:
        running, back = self._base / "running", self._base / "back"
        if pending.base is not None and back.is_symlink():
            self._disk.rename(back, running)
        else:
            self._link_or_remove("running", pending.base)

    def end_revert(self, reverting: Pending) -> None:
        """Note that the base is in force again."""
        with suppress(StorageError):
            self.drop_candidate()
        self._finish(Last(reverting.outcome, reverting.reason, now()))

    def tidy(self) -> None:
        """Bring everything that follows from `confirmed` in line with it; call when nothing is pending."""
        self._link_or_remove("running", self._number("confirmed"))
        self._finish(None)

    # -- a damaged disk --------------------------------------------------------------------------------------------

    def mend(self) -> None:
        """Confirm the last whole generation confirmed before, if the confirmed one is damaged; call at boot only.

        A box with an old configuration can be reached and brought up to date; one with half of a new one cannot.
        """
        damaged = self._number("confirmed")
        if not (self._base / "confirmed").is_symlink() or self._is_whole(damaged):
            return
        number = next(filter(self._is_whole, self._confirmed_before()), None)
        if number is None:
            return
        log.error("generation %s is damaged on the disk: back to %s", damaged, number)
        if pending := self.pending():
            self._disk.link(self._generations / str(number), self._base / "back")
            self._write("pending.json", msgspec.structs.replace(pending, base=number))
        self._disk.link(self._generations / str(number), self._base / "confirmed")
        self._write_last(Last("reverted", f"generation {damaged} is damaged on the disk", now()))

    def _is_whole(self, number: int | None) -> bool:
        meta = _read(self._generations / str(number) / "meta.json", Generation)
        try:
            return meta is not None and text.config_hash(self.sections(f"generations/{number}")) == meta.hash
        except (OSError, UnicodeDecodeError):
            return False

    def _confirmed_before(self) -> Iterator[int]:
        """Newest first; `parent` only ever names a generation that was confirmed, and an older one."""
        number = self._number("previous")
        while number is not None:
            yield number
            meta = _read(self._generations / str(number) / "meta.json", Generation)
            number = meta.parent if meta and (meta.parent or 0) < number else None

    # -- what follows from `confirmed` -----------------------------------------------------------------------------

    def _finish(self, last: Last | None) -> None:
        with suppress(StorageError):
            confirmed = self.generation("confirmed")
            self._link_or_remove("previous", confirmed.parent if confirmed else None)
        if last:
            self._write_last(last)
        self._disk.remove(self._base / "pending.json")
        with suppress(StorageError):
            self._disk.remove(self._base / "back")
            self._prune()

    def _link_or_remove(self, link: str, number: int | None) -> None:
        directory = self.directory(number)
        wanted = directory if directory and directory.is_dir() else None
        path = self._base / link
        if wanted and path.resolve() != wanted.resolve():
            self._disk.link(wanted, path)
        elif not wanted and path.is_symlink():
            self._disk.remove(path)

    def _write_last(self, last: Last) -> None:
        with suppress(StorageError):
            try:
                self._write("last.json", last)
            except StorageError:
                self._disk.remove(self._base / "last.json")  # nothing is better than the news of the day before

    def _prune(self) -> None:
        for directory in (self._base, self._generations):
            self._disk.sweep(directory)
        used = {self._number(link) for link in ("running", "confirmed", "previous")}
        for number in sorted(self._numbers())[:-KEPT]:
            if number not in used:
                self._disk.remove(self._generations / str(number))

    # -- small change ----------------------------------------------------------------------------------------------

    def _number(self, link: str) -> int | None:
        path = self._base / link
        name = path.readlink().name if path.is_symlink() else ""
        return int(name) if name.isdecimal() else None

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self._generations.iterdir() if path.name.isdecimal()]

    def _write(self, name: str, value: msgspec.Struct) -> None:
        self._disk.write(self._base / name, _encode(value), 0o640)


def _salt(file: Path) -> bytes:
    try:
        return bytes.fromhex(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):  # never made, or damaged: another one does as well
        return b""


def _encode(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode() + "\n"


def _files(sections: Sections, meta: msgspec.Struct) -> dict[str, tuple[str, int]]:
    files = {name: (body, SECTIONS[name].mode) for name, body in sections.items()}
    return files | {"meta.json": (_encode(meta), 0o640)}


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
