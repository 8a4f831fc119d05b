"""What 10,000 sites, and as many revoked certificates, cost a controller that runs: for one router, and for all."""

import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from tests import prepared
from tests.bench import large, site
from tests.bench.figures import Contender, Figure, compare
from tests.boxes import claim
from tests.registers import save_inventory

from linjevakt import census, overview
from linjevakt.daemons import renewal
from linjevakt.health.metrics import Metrics
from linjevakt.inventory import generate, load_catalogue
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.trust import SealKey, Vault

SITES = 10_000
ROUNDS = 5


def measure() -> list[Figure]:
    """Milliseconds of CPU."""
    fleet = _fleet()
    hub = fleet.inventory.installation.hubs[0].router.name
    one = fleet.inventory.sites[SITES // 2].router.name
    metrics = Metrics(
        fleet.store.healths.each,
        fleet.store.pushes.totals,
        lambda: revocation.standing(fleet),
        census.Taker(fleet).take,
    )
    contenders = [
        Contender("one router: stage, state, push, certificate", lambda: _spent(lambda: overview.overview(fleet, one))),
        Contender("the same of all routers", lambda: _spent(lambda: overview.overviews(fleet)), "the fleet page"),
        Contender("a scrape of /metrics", lambda: _spent(metrics.scraped), "each 15 to 60 s"),
        Contender("whose certificate is due", lambda: _spent(lambda: renewal.due(fleet)), "each 5 min"),
        Contender("which hub does not refuse all", lambda: _spent(lambda: revocation.behind(fleet)), "each 10 s"),
        Contender("every revoked, and who refuses it", lambda: _spent(lambda: revocation.refusals(fleet))),
        Contender("the hub's configuration, list signed", lambda: _spent(lambda: fleet.pushing.candidate(hub))),
    ]
    return compare(f"A controller of {SITES:,} sites with as many revoked certificates", contenders, ROUNDS)


def _fleet() -> Fleet:
    folder = Path(mkdtemp(prefix="linjevakt-bench-"))
    site.cleanup.callback(shutil.rmtree, folder)
    url = f"sqlite:///{folder / 'linjevakt.db'}"
    store = prepared.checked(url)
    store.migrate()
    save_inventory(store, generate(SITES), "bench")
    fleet = Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None))
    hub = fleet.inventory.installation.hubs[0].router.name
    fleet.boxes.stage(hub, claim("BENCH-HUB"))
    large.fill(store, url, store.devices.get(hub), datetime.now(UTC))
    return fleet


def _spent(job: Callable[[], object]) -> Mapping[str, float]:
    begun = time.process_time()
    job()
    return {"ms CPU": (time.process_time() - begun) * 1000}
