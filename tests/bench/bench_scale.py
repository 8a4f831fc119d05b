"""What 1,000 sites cost, and 10,000, on SQLite and PostgreSQL: every module `scale_*.py` beside this one.

Each has `measure(sites, url)`: it fills the empty database at `url` with so many sites, and answers what it has
measured by what that is, its unit included. Each runs in a process of its own, so that no other one's heap is measured.
"""

import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.figures import Figure, Unavailable
from tests.cluster import cluster, new_database

FEW, MANY = 1_000, 10_000
_HERE = Path(__file__).resolve()
_LIMIT_S = 900
_DATABASES = ("SQLite", "PostgreSQL")
log = logging.getLogger("bench")


def measure() -> list[Figure]:
    """The values are those of 10,000 sites; `times ours` is how many times those of 1,000."""
    parts = sorted(file.stem for file in _HERE.parent.glob("scale_*.py"))
    return [figure for part in parts for database in _DATABASES for figure in _grown(part, database)]


def _grown(part: str, database: str) -> list[Figure]:
    few, many = (_measured(part, sites, database) for sites in (FEW, MANY))
    title = f"{part.removeprefix('scale_').capitalize()} on {database}: {MANY:,} sites, and how many times {FEW:,}"
    return [
        Figure(title, what, "", (value,), (few[what],), f"{few[what]:.3g} at {FEW:,}") for what, value in many.items()
    ]


def _measured(part: str, sites: int, database: str) -> Mapping[str, float]:
    """What a process of its own has found. Raises Unavailable with its last words when it fails."""
    log.info("%s: %d sites on %s", part, sites, database)
    with _empty(database) as url:
        argv = [sys.executable, str(_HERE), part, f"{sites}", url]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    if done.returncode:
        raise Unavailable(f"{part}, {sites} sites: {(done.stderr.strip() or 'it said nothing').splitlines()[-1]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _empty(database: str) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    if database == "SQLite":
        with TemporaryDirectory(prefix="linjevakt-bench-") as folder:
            yield f"sqlite:///{folder}/linjevakt.db"
    else:
        with cluster() as url:
            yield new_database(url)


if __name__ == "__main__":
    part, sites, url = sys.argv[1:]
    found = importlib.import_module(f"tests.bench.{part}").measure(int(sites), url)
    sys.stdout.write(f"{json.dumps(found)}\n")
