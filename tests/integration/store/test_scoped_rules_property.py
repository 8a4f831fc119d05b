"""Whatever is edited in a fleet that broke no rule: the rules say of the change what they say of the whole fleet."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests import prepared
from tests.integration.store.registers import Clock, another, on, renamed
from tests.registers import save_inventory

from linjevakt import platforms
from linjevakt.inventory import generate, load_catalogue
from linjevakt.model import rules
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import ConflictError
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import (
    Contact,
    Dhcp,
    Installation,
    Inventory,
    Organisation,
    Router,
    Sharing,
    Site,
    Static,
)
from linjevakt.model.rules.change import Holding, held
from linjevakt.model.rules.tables import FLEET, KEYS
from linjevakt.store import Store
from linjevakt.store.draft import Draft
from linjevakt.store.engine import open_engine
from linjevakt.store.tables import holdings

CATALOGUE = load_catalogue(None)
T = TypeVar("T")
N = TypeVar("N", bound=Noun)
Said = Counter[tuple[str, str]]
Mutation = Callable[[Draft, int, int], None]
"""Changes one thing of one noun; the numbers say of which, and to what of the few values that make clashes likely."""


def said(found: Sequence[rules.Finding]) -> Said:
    return Counter((f"{one.message}", f"{one.remedy}") for one in found)


def whole(fleet: Inventory) -> Said:
    return said(rules.check(fleet, CATALOGUE, platforms.every()))


class BrokenError(Exception):
    """What the rules of this test raise instead of the program's."""


def refuse(broken: Said) -> None:
    if broken:
        raise BrokenError


class World:
    """A fleet with the rules asked both ways at each edit."""

    def __init__(self, folder: Path) -> None:
        self.url = prepared.copied(_filled(), folder)
        self.broken = self.kept = 0
        self.scoped = Said()
        self.store = Store(self.url, Clock(), check=self._hear)

    def _hear(self, fleet: Inventory | rules.Change) -> None:
        if isinstance(fleet, rules.Change):
            self.scoped = said(rules.check_change(fleet, CATALOGUE, platforms.every()))
        else:
            self.scoped = whole(fleet)

    def edit(self, mutations: Sequence[tuple[Mutation, int, int]]) -> None:
        """One edit: kept if no rule is broken, and no address in quarantine taken."""
        try:
            with self.store.register.edit(Author("kari")) as draft:
                for mutate, which, what in mutations:
                    mutate(draft, which, what)
                self.scoped = Said()
                draft.require_sound()
                assert self.scoped == whole(draft.inventory)
                refuse(self.scoped)
            self.kept += 1
        except BrokenError:
            self.broken += 1
        except ConflictError:
            pass

    def require_what_is_kept_to_be_right(self) -> None:
        """The index of who holds what, and the register that was carried on from edit to edit."""
        now = self.store.register.now()
        with open_engine(self.url).connect() as connection:
            rows = connection.execute(select(holdings.c.what, holdings.c.value, holdings.c.site)).all()
        assert {Holding(*row) for row in rows} == held(now.inventory.sites)
        with closing(prepared.checked(self.url)) as fresh:
            assert fresh.register.now() == now
            assert fresh.register.now().inventory == now.inventory
            assert fresh.register.now().equipment == now.equipment


@cache
def _filled() -> bytes:
    with TemporaryDirectory() as folder:
        with closing(prepared.checked(prepared.migrated(Path(folder)), Clock())) as store:
            fleet = _fleet()
            assert not whole(fleet)
            save_inventory(store, fleet, "kari")
        return prepared.content(Path(folder))


def _fleet() -> Inventory:
    """Five sites, of which three organisations share one."""
    fleet = generate(10)
    return fleet.model_copy(update={"sites": tuple(site for site in fleet.sites if site.key[-1] in "01234")})


# --- what may happen ---


def _pick(among: Sequence[T], n: int) -> T:
    return among[n % len(among)]


def _with(noun: N, **fields: object) -> N:
    return noun.model_copy(update=fields)


def _site(draft: Draft, which: int) -> Site | None:
    sites = draft.inventory.sites
    return _pick(sites, which) if sites else None


def _of_site(change: Callable[[Draft, Site, int], Site | None]) -> Mutation:
    def mutate(draft: Draft, which: int, what: int) -> None:
        site = _site(draft, which)
        changed = change(draft, site, what) if site else None
        if changed:
            draft.put(changed)

    mutate.__name__ = change.__name__
    return mutate


def _hub_routers(draft: Draft) -> list[Router]:
    return [hub.router for hub in draft.inventory.installation.hubs]


def router_name(draft: Draft, site: Site, what: int) -> Site:
    names = [router.name for router in draft.inventory.routers]
    return _with(site, router=_with(site.router, name=_pick([*names, "rtr-new", "localhost"], what)))


def management(draft: Draft, site: Site, what: int) -> Site:
    others = [router.management for router in draft.inventory.routers]
    address = _pick([*others, IPv4Address("10.250.60.1"), IPv4Address("10.1.0.9"), IPv4Address("10.250.0.0")], what)
    return _with(site, router=_with(site.router, management=address))


def serial(draft: Draft, site: Site, what: int) -> Site:
    others = [router.serial for router in draft.inventory.routers]
    return _with(site, router=_with(site.router, serial=_pick([*others, None, "LV-1", "LV-2"], what)))


def platform(_draft: Draft, site: Site, what: int) -> Site:
    return _with(site, router=_with(site.router, platform=_pick(["linux", "linx"], what)))


def prefix(draft: Draft, site: Site, what: int) -> Site:
    others = [segment.prefix for one in draft.inventory.sites for segment in one.segments]
    nets = [*others, *(net.supernet(2) for net in others), *(next(net.subnets(2)) for net in others)]
    free = [IPv4Network(f"10.99.{n}.0/24") for n in range(4)]
    return on(site, _pick([*nets, *free, draft.inventory.installation.management, IPv4Network("192.0.2.0/24")], what))


def owner(draft: Draft, site: Site, what: int) -> Site:
    return _with(site, owner=_member(draft, what))


def tenant(draft: Draft, site: Site, what: int) -> Site:
    first, *others = site.segments
    return _with(site, segments=(_with(first, organisation=_member(draft, what)), *others))


def sharing(draft: Draft, site: Site, what: int) -> Site:
    agreed = draft.inventory.organisations[0].membership.terms
    day = agreed.accepted if agreed else draft.now.date()
    return _with(site, sharing=(*site.sharing, Sharing(organisation=_member(draft, what), confirmed=day, document="x")))


def services(_draft: Draft, site: Site, what: int) -> Site:
    first, *others = site.segments
    keys = _pick([*((key,) for key in sorted(CATALOGUE)), ("dns", "dns"), ("intrnet",), ()], what)
    return _with(site, segments=(_with(first, services=keys), *others))


def static(draft: Draft, site: Site, what: int) -> Site:
    lines = [*(hub.line for hub in draft.inventory.installation.hubs), *(one.lines[0] for one in draft.inventory.sites)]
    fixed = [line.addressing for line in lines if isinstance(line.addressing, Static)]
    other = Static(address=IPv4Interface("192.0.2.130/30"), gateway=IPv4Address("192.0.2.129"))
    inside = Static(address=IPv4Interface("10.99.0.2/30"), gateway=IPv4Address("10.99.0.1"))
    first, *others = site.lines
    return _with(site, lines=(_with(first, addressing=_pick([*fixed, other, inside, Dhcp()], what)), *others))


def hub(draft: Draft, site: Site, what: int) -> Site:
    return _with(site, hub=_pick([None, *(router.name for router in _hub_routers(draft)), "hub-nowhere"], what))


def floor(_draft: Draft, site: Site, what: int) -> Site:
    return _with(site, place=_with(site.place, floor=f"{what}"))


def lines(_draft: Draft, site: Site, what: int) -> Site:
    first, *others = site.lines
    return _with(site, lines=_pick([(first,), (first, first, *others), (_with(first, name="lan0"), *others)], what))


def another_key(draft: Draft, site: Site, what: int) -> Site:
    draft.remove(EntityKind.SITE, site.key)
    return renamed(site, f"renamed-{what % 3}")


def twin(_draft: Draft, site: Site, what: int) -> Site:
    """All the same but its key: everything clashes."""
    return renamed(site, f"twin-{what % 2}")


def fresh(_draft: Draft, site: Site, what: int) -> Site:
    made = another(site, f"fresh-{what}", f"10.250.40.{what + 1}", f"10.98.{what}.0/24")
    mobile = tuple(_with(line, addressing=Dhcp(), alternatives=()) for line in made.lines)
    return _with(made, lines=mobile, router=_with(made.router, serial=None))


def gone(draft: Draft, site: Site, _what: int) -> None:
    draft.remove(EntityKind.SITE, site.key)


def _member(draft: Draft, what: int) -> str:
    numbers = [one.number for one in draft.inventory.organisations]
    return str(_pick([*numbers, "310648213", "999999999"], what))


def member(draft: Draft, which: int, what: int) -> None:
    found: Organisation = _pick(draft.inventory.organisations, which)
    bare = {"her_id": None, "record_system": None, "enterprise_certificate": None, "administrator": None}
    boss = Contact(name="Kari", phone="99 00 00 00")
    ready = {"her_id": 80000, "record_system": "x", "enterprise_certificate": date(2030, 1, 1), "administrator": boss}
    called = {"contacts": (Contact(name="Kari", phone="1   "),)}
    kinds: list[dict[str, object]] = [{**ready}, {**bare}, {**called}, {"name": "Another name"}]
    draft.put(_with(found, **_pick(kinds, what)))


def member_gone(draft: Draft, which: int, _what: int) -> None:
    members = draft.inventory.organisations
    if len(members) > 1:
        draft.remove(EntityKind.ORGANISATION, _pick(members, which).number)


def member_come(draft: Draft, _which: int, what: int) -> None:
    number = _pick(["310648213", "313556190", "999999999", "213456780"], what)
    draft.put(Organisation(number=number, name="New"))


def installation(draft: Draft, _which: int, what: int) -> None:
    found: Installation = draft.inventory.installation
    first, *others = found.hubs
    wider: list[dict[str, object]] = [
        {"quarantine_days": 10},
        {"management": IPv4Network("10.250.0.0/16")},
        {"inside": (IPv4Network("10.64.0.0/10"),)},
        {"test": not found.test},
        {"endpoints": found.endpoints[1:]},
        {"hubs": (_with(first, router=_with(first.router, name="hub-another")), *others)},
        {"hubs": (_with(first, inside_address=IPv4Interface("10.64.1.1/24")), *others)},
        {"support_phone": "02018"},
    ]
    draft.put(_with(found, **_pick(wider, what)))


def box(draft: Draft, which: int, what: int) -> None:
    """No rule looks at it."""
    draft.put(Equipment(serial=f"LV-{which % 3}", model=f"R{what % 2}"))


SITES = (
    *(router_name, management, serial, platform, prefix, owner, tenant, sharing, services, static, hub, floor, lines),
    *(another_key, twin, fresh, gone),
)
MUTATIONS: tuple[Mutation, ...] = (
    *(_of_site(change) for change in SITES),
    *(member, member_gone, member_come, installation, box),
)
_NUMBERS = st.integers(min_value=0, max_value=60)
_EDIT = st.lists(st.tuples(st.sampled_from(MUTATIONS), _NUMBERS, _NUMBERS), min_size=1, max_size=3)


@contextmanager
def world() -> Iterator[World]:
    with TemporaryDirectory() as folder:
        made = World(Path(folder))
        with closing(made.store):
            yield made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_EDIT, min_size=1, max_size=6))
def test_a_change_is_judged_as_the_whole_fleet_is(edits: list[list[tuple[Mutation, int, int]]]) -> None:
    with world() as made:
        for edit in edits:
            made.edit(edit)
        made.require_what_is_kept_to_be_right()


def test_every_kind_of_edit_is_tried_and_most_rules_are_broken_by_some() -> None:
    """Else the property would hold of nothing: each thing that may happen, to a few nouns and values in turn."""
    broken: set[str] = set()
    with world() as made:
        for mutate in MUTATIONS:
            for n in range(12):
                before = made.kept
                made.edit([(mutate, n, 5 * n)])
                assert made.kept in {before, before + 1}
                broken |= {message for message, _ in made.scoped}
        made.require_what_is_kept_to_be_right()
        assert made.broken > 50
        assert made.kept > 50
    assert len(broken) > len(FLEET) - len(KEYS)


def test_nouns_have_a_table() -> None:
    """A rule stands in one table: twice would tell twice, and one in none would never be asked."""
    assert len({rule.__name__ for rule in FLEET}) == len(FLEET)
