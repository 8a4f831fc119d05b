"""A process of its own: one command of `linjevakt` over a fleet in memory, interrupted at each moment in turn.

A moment is whenever a router is reached, or the work looks whether it shall go on. For each moment the world is made
anew in a process, which gets the signals there; what it printed and left behind comes as a line of JSON.
`python -m tests.unit.cli.interrupted FOLDER SIGNALS COMMAND...`, as in `INT`, `INT+INT`.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from tests import prepared
from tests.boxes import claim
from tests.conftest import fleet_of_all_fields
from tests.registers import save_inventory
from tests.unit.cli.conftest import Wired, commands
from tests.unit.fleet.routers import BOXES, FJELLHEIM, SOLBAKKEN, PlainRouter, Today

from linjevakt import inventory as files
from linjevakt import main
from linjevakt.cli import revoked
from linjevakt.devices import Device, Target
from linjevakt.interrupt import INTERRUPTED, listen
from linjevakt.inventory import load_catalogue
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import session_name
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.pac import evaluate
from linjevakt.provisioning.fleet import Fleet
from linjevakt.settings import Settings
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders.desk import Desk

APP = commands()
APP.add_typer(revoked.app, name="revoked")
CATALOGUE = load_catalogue(None)
SOON_S = 5.0
REPLACED = ("--replace-identity", "--reason", "the old one is dead")
MOMENTS = 200  # more than any command has


class Moments:
    """Sends the signals at the n-th of them, each once the one before was heard and is no part of one key press."""

    def __init__(self, at: int, signals: list[signal.Signals]) -> None:
        self._at, self._signals = at, signals
        self._seen = 0
        self._is_heard: Callable[[], bool] | None = None

    @property
    def struck(self) -> bool:
        return self._seen >= self._at

    def begin(self, is_heard: Callable[[], bool]) -> None:
        self._is_heard = is_heard

    def end(self) -> None:
        self._is_heard = None

    def pass_by(self) -> None:
        if self._is_heard is None:
            return
        self._seen += 1
        if self._seen == self._at:
            self._strike(self._is_heard)

    def _strike(self, is_heard: Callable[[], bool]) -> None:
        for number in self._signals:
            os.kill(os.getpid(), number)
            ends = time.monotonic() + SOON_S
            while not is_heard() and time.monotonic() < ends:
                time.sleep(0.001)
            time.sleep(0.6 if len(self._signals) > 1 else 0)


class Looked(Stop):
    """Each look at it is a moment."""

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self._moments = moments

    @property
    def wanted(self) -> bool:
        self._moments.pass_by()
        return self.is_heard()

    def is_heard(self) -> bool:
        return super().wanted


class Reached(PlainRouter):
    """Each time it is reached is a moment."""

    moments: Moments | None = None

    def reach(self) -> None:
        super().reach()
        if self.moments:
            self.moments.pass_by()


@dataclass
class World:
    """A hub and two sites, staged and pushed to, as it is copied for each moment."""

    database: bytes
    key: SealKey
    clock: Today
    routers: dict[str, Reached]

    def opened(self, folder: Path, stop: Stop) -> Fleet:
        store = prepared.checked(prepared.copied(self.database, folder), clock=self.clock.now)
        return Fleet(
            store,
            Vault(store, self.key),
            CATALOGUE,
            connect=self.connect,
            clock=self.clock,
            stop=stop,
            evaluate=evaluate,
        )

    @contextmanager
    def connect(self, target: Target) -> Iterator[Device]:
        with self.routers[target.router].connect(target) as device:
            yield device


Before = Callable[[World, Fleet], None]


def _made(folder: Path) -> World:
    folder.mkdir(parents=True)
    clock = Today()
    world = World(b"", SealKey.generate(), clock, {name: Reached(clock) for name in BOXES})
    prepared.migrated(folder)
    world.database = prepared.content(folder)
    fleet = world.opened(folder, Stop())
    save_inventory(fleet.store, fleet_of_all_fields(), "kari")
    for router, serial in BOXES.items():
        fleet.boxes.stage(router, claim(serial))
        assert fleet.pushing.push(router, 60, lambda _step: None).ok
    fleet.store.close()
    world.database = prepared.content(folder)
    return world


def _moved(known: Inventory) -> Inventory:
    moved = [site.model_copy(update={"place": site.place.model_copy(update={"room": "99"})}) for site in known.sites]
    return known.model_copy(update={"sites": tuple(moved)})


def _changed(world: World, fleet: Fleet) -> None:
    """The sites' rooms are other ones than their routers say."""
    del world
    save_inventory(fleet.store, _moved(fleet.inventory), "kari")


def _left(world: World, fleet: Fleet) -> None:
    """A push whose controller died after the commit."""
    _changed(world, fleet)
    wanted = fleet.pushing.candidate(FJELLHEIM)
    begun = fleet.store.pushes.begin(
        FJELLHEIM,
        candidate_hash=wanted.hash,
        revert_in_s=60,
        worker="elsewhere:1",
        until=datetime.now(UTC) + timedelta(minutes=5),
    )
    router = world.routers[FJELLHEIM]
    router.load(wanted.revealed().reveal(), session_name(begun, "elsewhere:1"))
    router.commit(60, session_name(begun, "elsewhere:1"))


def _stolen(world: World, fleet: Fleet) -> None:
    del world
    fleet.boxes.shut_out(BOXES[SOLBAKKEN])


def _ordered(kind: str, **wish: Any) -> Before:
    def order(world: World, fleet: Fleet) -> None:
        del world
        Desk(fleet, CATALOGUE).new(kind, wish, "kari", "asked for")

    return order


SERVICE = _ordered("cancel_service", site="fjellheim", segment="legekontor", service="internet", notice="2026-01-05")
UNSHARE = _ordered("unshare", site="fjellheim", segment="tannlege", shares={"legekontor": 100})
BEFORE: dict[str, Before] = {
    "push": _changed,
    "plan": _changed,
    "settle": _left,
    "revoked": _stolen,
    "order run": SERVICE,
    "order advance": UNSHARE,
}


def _state(world: World, fleet: Fleet, moments: Moments) -> dict[str, Any]:
    """What is left behind."""
    used = [name for name in world.routers if not fleet.boxes.is_shut_out(name)]
    wanted = {name: fleet.pushing.candidate(name).revealed().reveal() for name in used}
    return {
        "struck": moments.struck,
        "held": [name for name, one in world.routers.items() if one.candidate or one.pending],
        "running": [name for name in world.routers if fleet.store.pushes.running(name)],
        "as_wanted": [name for name, one in world.routers.items() if one.runs == wanted.get(name)],
        "states": {name: fleet.store.pushes.latest(name, limit=1)[0].state for name in world.routers},
        "rooms": sorted({site.place.room for site in fleet.inventory.sites}),
        "orders": [[one.step, one.state, bool(one.trouble)] for one in Desk(fleet, CATALOGUE).orders(every=True)],
    }


def _one(world: World, folder: Path, moments: Moments, words: list[str]) -> NoReturn:
    """In the process that is interrupted."""
    folder.mkdir()
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
    stop = Looked(moments)
    fleet = world.opened(folder, stop)
    words = [*words, *_prepared(world, fleet, folder, words)]
    for router in world.routers.values():
        router.moments = moments
    moments.begin(stop.is_heard)
    wired = Wired(Office(fleet.store), Desk(fleet, CATALOGUE), fleet, CATALOGUE, Settings(home=folder), stop)
    sys.argv = ["linjevakt", *words]
    listen(stop)
    try:
        main.run(lambda: APP(obj=wired))
        raise AssertionError("a command line ends by an exit")
    finally:
        moments.end()
        (folder / "state").write_text(json.dumps(_state(world, fleet, moments)))


def _prepared(world: World, fleet: Fleet, folder: Path, words: list[str]) -> list[str]:
    """Makes what the command is to work on; answers what else it is to be told."""
    key = " ".join(words[:2])
    BEFORE.get(key, BEFORE.get(words[0], lambda _world, _fleet: None))(world, fleet)
    if key == "inventory import":
        files.dump(_moved(fleet.inventory), folder / "in")
        return [str(folder / "in"), "--mine"]
    if key == "router stage":
        (folder / "claim").write_text(json.dumps(claim("LV-0099")))
        return ["--identity", str(folder / "claim"), "--out", str(folder / "out"), *REPLACED]
    return []


def _walk(folder: Path, signals: list[signal.Signals], words: list[str]) -> None:
    world = _made(folder / "world")
    for at in range(1, MOMENTS):
        place = folder / f"{at}"
        child = os.fork()
        if not child:
            _one(world, place, Moments(at, signals), words)
        _, status = os.waitpid(child, 0)
        said = {name: (place / name).read_text() for name in ("stdout", "stderr")}
        state = json.loads((place / "state").read_text()) if (place / "state").exists() else None
        print(json.dumps({"at": at, "code": os.waitstatus_to_exitcode(status), "state": state, **said}), flush=True)  # noqa: T201 - for the test
        if not (state["struck"] if state else os.waitstatus_to_exitcode(status) == INTERRUPTED):
            return


if __name__ == "__main__":
    _walk(Path(sys.argv[1]), [signal.Signals[f"SIG{name}"] for name in sys.argv[2].split("+")], sys.argv[3:])
