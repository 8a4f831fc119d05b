"""Whatever is ordered, given back, pushed and waited for: no two routers' living certificates name one address."""

from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import prepared
from tests.boxes import claim
from tests.dossiers import opened
from tests.integration.store.registers import Clock
from tests.integration.store.test_certificates import overlapping
from tests.registers import save_inventory

from linjevakt.model.entity import Author
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory, Site
from linjevakt.model.record import BoxIdentity
from linjevakt.trust import SealKey, Vault, ca
from linjevakt.trust.enrol import enrol, identity

ROUTERS = ("rtr-fjellheim", "rtr-solbakken")
PREFIXES = tuple(IPv4Network(f"10.64.{n}.0/24") for n in (1, 2, 3))
BOXES = {"rtr-fjellheim": BoxIdentity(**claim("LV-0011")), "rtr-solbakken": BoxIdentity(**claim("LV-0012"))}
_EVENTS = st.one_of(
    st.tuples(st.just("give"), st.sampled_from(ROUTERS), st.sampled_from(PREFIXES)),
    st.tuples(st.just("plan"), st.sampled_from(ROUTERS)),
    st.tuples(st.just("push"), st.sampled_from(ROUTERS)),
    st.tuples(st.just("stage"), st.sampled_from(ROUTERS)),
    st.tuples(st.just("wait"), st.sampled_from((1, 40, 100))),
)


class World:
    """Two sites that take segments from each other, by a clock of its own."""

    def __init__(self, folder: Path, inventory: Inventory) -> None:
        self.clock = Clock()
        self.store = prepared.checked(prepared.migrated(folder), clock=self.clock)
        self.vault = Vault(self.store, SealKey.generate())
        save_inventory(self.store, inventory, "kari")
        for router in ROUTERS:
            self.stage(router)

    def give(self, router: str, prefix: IPv4Network) -> None:
        """The router's first segment gets that prefix, and nobody else has it: in one change, as an import may."""
        with self.store.register.edit(Author("kari", "moved")) as draft:
            for site in draft.inventory.sites:
                draft.put(self._changed(site, router, prefix))

    def plan(self, router: str) -> str:
        return identity(self.vault, opened(self.vault, self.store.inventory(), router), self.clock.now).certificate

    def push(self, router: str) -> None:
        self.store.certificates.confirm(ca.serial(self.plan(router)))

    def stage(self, router: str) -> None:
        enrol(self.vault, opened(self.vault, self.store.inventory(), router), BOXES[router], self.clock.now)

    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    @staticmethod
    def _changed(site: Site, router: str, prefix: IPv4Network) -> Site:
        others = tuple(segment for segment in site.segments if segment.prefix != prefix)
        if site.router.name == router and others:
            others = (others[0].model_copy(update={"prefix": prefix}), *others[1:])
        return site.model_copy(update={"segments": others})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_EVENTS, max_size=14))
def test_no_two_routers_may_ever_speak_for_one_address(inventory: Inventory, events: list[tuple[object, ...]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder), inventory)
        for event in events:
            act = getattr(world, str(event[0]))
            try:
                act(*event[1:])
            except ConflictError:  # leases and certificates refuse; what counts is what is left
                continue
            finally:
                assert overlapping(world.store, world.clock) == [], event
        world.store.close()
