"""What the tests of the register share: a clock, and sites, orders and claims to put in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

from tests import prepared

from linjevakt.model.entity import Author, Entity, EntityKind, Lease, Version
from linjevakt.model.inventory import Site
from linjevakt.model.order import Claim, Order, OrderState
from linjevakt.store import Store
from linjevakt.store.draft import Draft
from linjevakt.store.register import Register

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KARI = Author("kari", "because")
POOL = IPv4Network("10.65.0.0/16")
FREE = IPv4Network("10.65.7.0/24")
LEASES = "the leases are to refuse it by themselves"


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> datetime:
        self.now += span
        return self.now


@contextmanager
def opened(database_url: str, clock: Clock | None = None, *, patience_s: float = 60.0) -> Iterator[Store]:
    """As the program opens it, but that an editor may be less patient."""
    store = prepared.checked(database_url, clock or (lambda: datetime.now(UTC)), patience_s=patience_s)
    try:
        yield store
    finally:
        store.close()


def site(draft: Draft, key: str) -> Site:
    found = draft.find(EntityKind.SITE, key)
    assert isinstance(found, Site)
    return found


def in_room(site: Site, room: str) -> Site:
    return site.model_copy(update={"place": site.place.model_copy(update={"room": room})})


def renamed(site: Site, key: str) -> Site:
    return site.model_copy(update={"place": site.place.model_copy(update={"key": key})})


def on(site: Site, prefix: IPv4Network | str) -> Site:
    """With its first segment there."""
    first, *others = site.segments
    moved = first.model_copy(update={"prefix": IPv4Network(prefix)})
    return site.model_copy(update={"segments": (moved, *others)})


def another(site: Site, key: str, management: str, prefix: IPv4Network | str) -> Site:
    """A site of one segment."""
    router = site.router.model_copy(update={"name": f"rtr-{key}", "management": IPv4Address(management)})
    alone = site.model_copy(update={"router": router, "segments": site.segments[:1]})
    return on(renamed(alone, key), prefix)


def put(register: Register, *entities: Entity, author: Author = KARI) -> None:
    with register.edit(author, unchecked=LEASES) as draft:
        for entity in entities:
            draft.put(entity)


def order(*claims: Claim, number: int = 1, about: str | None = "nordvik", state: OrderState = OrderState.OPEN) -> Order:
    return Order(
        number=number, kind="new_site", site=about, created=NOON, entered=NOON, by="kari", claims=claims, state=state
    )


def claim(network: IPv4Network | str = FREE, *, key: str = "nordvik", name: str = "apotek") -> Claim:
    return Claim(purpose="segment", site=key, name=name, network=IPv4Network(network))


def rooms(versions: tuple[Version, ...]) -> list[str | None]:
    return [version.entity.place.room if isinstance(version.entity, Site) else None for version in versions]


def holders(leases: tuple[Lease, ...]) -> list[tuple[str, str, str]]:
    return [(lease.site, lease.name, lease.network) for lease in leases]


def move(register: Register, key: str, prefix: IPv4Network | str) -> None:
    with register.edit(KARI, unchecked=LEASES) as draft:
        draft.put(on(site(draft, key), prefix))
