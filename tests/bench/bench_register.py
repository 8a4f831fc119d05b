"""The register at 5,000 sites: one site changed with its history kept, and a whole fleet read, against other ways."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import yaml
from tests import prepared
from tests.bench import site
from tests.bench.figures import Contender, Figure, Unavailable, compare
from tests.registers import save_inventory

from linjevakt.inventory import Form, dump, generate, load
from linjevakt.model.entity import Author
from linjevakt.model.inventory import Inventory, Site
from linjevakt.store import Store

SITES = 5000
READ = 1000
ROUNDS = 5
_NUMBERS = count(1)


def measure() -> list[Figure]:
    """Seconds on the clock; everything in folders of its own."""
    folder = Path(mkdtemp(prefix="linjevakt-bench-"))
    site.cleanup.callback(shutil.rmtree, folder)
    return [*_changed(folder / "changed", generate(SITES)), *_read(folder / "read", generate(READ))]


def _changed(folder: Path, fleet: Inventory) -> list[Figure]:
    dump(fleet, folder / "yaml")
    store = prepared.checked(f"sqlite:///{folder / 'linjevakt.db'}")
    store.migrate()
    save_inventory(store, fleet, "bench")
    git = _Git(folder / "yaml")
    contenders = [
        Contender("register.edit, SQLite", lambda: _edited(store), "who, why, rules and leases checked, one revision"),
        Contender("git: write the file, commit", lambda: git.edited(fleet.sites[0]), "no rule is checked"),
        Contender("the same, found by git itself", lambda: git.edited(fleet.sites[0], "-a"), "`commit -a`"),
    ]
    return compare(f"Change one of {SITES:,} sites and keep the history", contenders, ROUNDS)


def _read(folder: Path, fleet: Inventory) -> list[Figure]:
    dump(fleet, folder / "yaml")
    dump(fleet, folder / "csv", form=Form.CSV)
    hosts = folder / "hosts.yaml"
    hosts.write_text(yaml.safe_dump({one.router.name: _host(one) for one in fleet.sites}))
    contenders = [
        Contender("Linjevakt: YAML, every rule checked", lambda: _timed(lambda: load(folder / "yaml"))),
        Contender("Linjevakt: CSV, every rule checked", lambda: _timed(lambda: load(folder / "csv"))),
        Contender("Nornir SimpleInventory", lambda: _timed(lambda: _nornir(hosts)), "one file, nothing checked"),
    ]
    return compare(f"Read a fleet of {READ:,} sites", contenders, ROUNDS)


def _timed(job: Callable[[], object]) -> Mapping[str, float]:
    begun = time.monotonic()
    job()
    return {"s": time.monotonic() - begun}


def _edited(store: Store) -> Mapping[str, float]:
    def edit() -> None:
        with store.register.edit(Author("bench", "another floor")) as draft:
            draft.put(_moved(draft.inventory.sites[0]))

    return _timed(edit)


def _moved(site: Site) -> Site:
    place = site.place.model_copy(update={"floor": f"{next(_NUMBERS)}"})
    return site.model_copy(update={"place": place})


def _host(site: Site) -> dict[str, object]:
    return {"hostname": f"{site.router.management}", "data": site.model_dump(mode="json")}


def _nornir(hosts: Path) -> None:
    try:
        from nornir.plugins.inventory.simple import SimpleInventory  # noqa: PLC0415 - a peer, not a dependency
    except ImportError as error:
        raise Unavailable("nornir is not installed") from error
    SimpleInventory(host_file=f"{hosts}", group_file="/dev/null", defaults_file="/dev/null").load()


class _Git:
    """A folder of YAML files under git, as GitOps keeps a fleet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._git("init", "-q")
        self._git("add", ".")
        self._git("-c", "gc.auto=0", "commit", "-q", "-m", "all")

    def edited(self, site: Site, *options: str) -> Mapping[str, float]:
        file = self._folder / "sites" / f"{site.key}.yaml"
        text = yaml.safe_dump(_moved(site).model_dump(mode="json", exclude_none=True), allow_unicode=True)
        begun = time.monotonic()
        file.write_text(text)
        what = options or ("--only", f"sites/{file.name}")
        self._git("commit", "-q", "-m", "another floor", *what)
        return {"s": time.monotonic() - begun}

    def _git(self, *words: str) -> None:
        who = ["-c", "user.name=bench", "-c", "user.email=bench@example.no"]
        subprocess.run(["git", "-C", self._folder, *who, *words], check=True, capture_output=True)
