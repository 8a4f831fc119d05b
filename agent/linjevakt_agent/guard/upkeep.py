"""Keeps in force what the running generation says: looks again and again, tells what differs, and puts it back."""

import logging
import time
from collections.abc import Callable, Sequence

import msgspec

from linjevakt_agent.base.errors import ConfigError, StorageError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Policy
from linjevakt_agent.base.volatile import publish
from linjevakt_agent.collect import drift as told
from linjevakt_agent.config import text
from linjevakt_agent.config.records import Generation
from linjevakt_agent.config.sections import SECTIONS
from linjevakt_agent.config.store import Store
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force.apply import Applier
from linjevakt_agent.force.drift import LOOK_EVERY_S, Difference, Vigil

HOLD = "hands-off"
"""In `/run/linjevakt`: made by root, it has nothing put back for an hour from its time, as somebody works there."""

HOLD_S = 3600.0
_TWICE_S = 1.0
_NEED = dict.fromkeys(("router.crt", "ca.crt", "ca.crl"), "swanctl.conf")
"""Files that are put in force by the step of another."""

_CHANGED = "-a file that is not as it was committed"
"""It is not said how: there are secrets in some."""

_UNKNOWN = "configuration"
"""Stands for a file that nobody has seen whole, so that it is not known which one it is."""

log = logging.getLogger(__name__)


class _Agent(msgspec.Struct):
    """What of `agent.toml` is ours."""

    drift: Policy = "put_back"


class Upkeep:
    """What is known of the box that runs one generation after another; called by the guard alone, never in an apply."""

    def __init__(self, paths: Paths, store: Store, applier: Applier, clock: Callable[[], float]) -> None:
        self._paths = paths
        self._store = store
        self._applier = applier
        self._clock = clock
        self._vigil = Vigil(look_at=clock() + LOOK_EVERY_S)
        self._whole: tuple[str, Sections] = ("", {})
        self._told: frozenset[tuple[str, str]] = frozenset()

    @property
    def due_at(self) -> float:
        """When to look next."""
        return self._vigil.look_at

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is known to differ."""
        return self._vigil.sure

    def has_seen(self, config_hash: str) -> bool:
        """Whether the files of the generation that hashes so have been whole since we began."""
        return self._whole[0] == config_hash

    def turn(self, *, free: bool) -> None:
        """Look, tell, and put back what differs if the policy has it so and nobody is at work (`free`)."""
        now = self._clock()
        self._vigil = msgspec.structs.replace(self._vigil, look_at=now + LOOK_EVERY_S)  # whatever happens
        running = self._store.generation("running")
        self._vigil = self._vigil.after(now, self._look(running) if running else ())
        held = self._held()
        self._publish(held=held)
        self._log(held)
        known = tuple(row for row in self._vigil.sure if row.section != _UNKNOWN)
        if running and known and free and not held and self._vigil.to_mend(now):
            self._put_back(running, known)

    def look_now(self) -> tuple[Difference, ...]:
        """Return what differs now, seen twice."""
        running = self._store.generation("running")
        if running is None or not (first := self._look(running)):
            return ()
        time.sleep(_TWICE_S)
        now = self._clock()
        self._vigil = msgspec.structs.replace(self._vigil, suspected=first).after(now, self._look(running))
        return self._vigil.sure

    def applied(self) -> None:
        """Another generation is in force, or the same anew: nothing is known of it yet."""
        self._vigil = Vigil(look_at=self._clock() + LOOK_EVERY_S)
        self._publish(held=self._held())

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look(self, running: Generation) -> tuple[Difference, ...]:
        files = self._files(running)
        known, whole = self._whole
        return (*files, *(self._applier.look(whole, known) if known == running.hash else ()))

    def _files(self, running: Generation) -> tuple[Difference, ...]:
        """Compare the files with those that were committed, as we have them since they were last whole."""
        try:
            found = self._store.sections("running")
        except StorageError:
            found = {}
        if text.config_hash(found) == running.hash:
            self._whole = running.hash, found
            return ()
        if self._whole[0] != running.hash:
            return (Difference(_UNKNOWN, "file", (_CHANGED,)),)
        names = sorted({*self._whole[1], *found})
        changed = (name for name in names if self._whole[1].get(name) != found.get(name))
        return tuple(Difference(name, "file", (_CHANGED,)) for name in changed)

    def _held(self) -> str:
        """Return why nothing is put back, empty if it is."""
        try:
            age = time.time() - (self._paths.run / HOLD).stat().st_mtime
        except OSError:
            age = HOLD_S
        if 0 <= age < HOLD_S:  # not one that is from the future
            return f"{self._paths.run / HOLD} is there: nothing is put back for {(HOLD_S - age) / 60:.0f} min more"
        return "" if self._policy() == "put_back" else 'agent.toml says drift = "tell": nothing is put back'

    def _policy(self) -> Policy:
        body = self._whole[1].get("agent.toml", "")
        return msgspec.toml.decode(body, type=_Agent).drift

    # -- telling ---------------------------------------------------------------------------------------------------

    def _publish(self, *, held: str) -> None:
        seen = told.Drift(self._clock(), held, self._vigil.sure)
        try:
            publish(told.file(self._paths), msgspec.json.encode(seen))
        except OSError as error:
            log.warning("cannot tell what differs: %s", error)

    def _log(self, held: str) -> None:
        """Tell of each place once, however often it is changed."""
        places = frozenset(row.place for row in self._vigil.sure)
        for row in self._vigil.sure:
            if row.place not in self._told:
                log.warning("changed by hand: %s%s", row, f" ({held})" if held else "")
        if self._told and not places:
            log.warning("in force is again what the configuration says")
        self._told = places

    # -- putting back ----------------------------------------------------------------------------------------------

    def _put_back(self, running: Generation, rows: Sequence[Difference]) -> None:
        log.warning(
            "putting back %s; to work by hand, `touch %s` first: it holds for an hour",
            ", ".join(sorted({row.section for row in rows})),
            self._paths.run / HOLD,
        )
        for failure in self._mended(running, rows):
            log.error("not put back: %s", failure)
        self._vigil = self._vigil.after_mending(self._clock())

    def _mended(self, running: Generation, rows: Sequence[Difference]) -> list[ConfigError]:
        files = {row.section for row in rows if row.what == "file"} & SECTIONS.keys()
        try:
            self._store.restore({name: self._whole[1].get(name) for name in sorted(files)})
        except ConfigError as error:
            return [error]
        directory = self._store.directory(running.generation)
        return list(self._applier.apply(directory, directory, keep_going=True, only=places(rows)))


def places(rows: Sequence[Difference]) -> frozenset[str]:
    """Return what an applier must put in force again: sections, and names of services."""
    return frozenset(_NEED.get(row.section, row.section) for row in rows)
