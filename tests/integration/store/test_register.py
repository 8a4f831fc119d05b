"""The register keeps every version and gives no address to two, whoever edits at the same time; on both databases."""

import multiprocessing
import random
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from threading import Event

import pytest

from linjevakt.model.entity import Author, Entity, EntityKind, Lease, Version
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import ConflictError, NotFoundError
from linjevakt.model.inventory import Connection, Inventory
from linjevakt.model.order import Claim, Order, OrderState
from linjevakt.store import Store
from linjevakt.store.draft import Draft
from linjevakt.store.register import Register

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KARI = Author("kari", "because")
POOL = IPv4Network("10.65.0.0/16")
FREE = IPv4Network("10.65.7.0/24")


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> datetime:
        self.now += span
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    """A migrated store that goes by the clock."""
    with opened(database_url, clock) as store:
        yield store


@contextmanager
def opened(database_url: str, clock: Clock | None = None) -> Iterator[Store]:
    store = Store(database_url, clock) if clock else Store(database_url)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def register(store: Store, inventory: Inventory) -> Register:
    """Of two sites: Fjellheim has 10.64.1.0/24 and 10.64.2.0/24, Solbakken 10.64.3.0/24; quarantine is 90 days."""
    store.save_inventory(inventory, "kari")
    return store.register


def site(draft: Draft, key: str) -> Connection:
    found = draft.find(EntityKind.SITE, key)
    assert isinstance(found, Connection)
    return found


def in_room(connection: Connection, room: str) -> Connection:
    return connection.model_copy(update={"site": connection.site.model_copy(update={"room": room})})


def renamed(connection: Connection, key: str) -> Connection:
    return connection.model_copy(update={"site": connection.site.model_copy(update={"key": key})})


def on(connection: Connection, prefix: IPv4Network | str) -> Connection:
    """With its first segment there."""
    first, *others = connection.segments
    moved = first.model_copy(update={"prefix": IPv4Network(prefix)})
    return connection.model_copy(update={"segments": (moved, *others)})


def another(connection: Connection, key: str, management: str, prefix: IPv4Network | str) -> Connection:
    """A site of one segment."""
    router = connection.router.model_copy(update={"name": f"rtr-{key}", "management": IPv4Address(management)})
    alone = connection.model_copy(update={"router": router, "segments": connection.segments[:1]})
    return on(renamed(alone, key), prefix)


def put(register: Register, *entities: Entity, author: Author = KARI) -> None:
    with register.edit(author) as draft:
        for entity in entities:
            draft.put(entity)


def order(*claims: Claim, number: int = 1, about: str | None = "nordvik", state: OrderState = OrderState.OPEN) -> Order:
    return Order(
        number=number, kind="new_site", site=about, created=NOON, entered=NOON, by="kari", claims=claims, state=state
    )


def claim(network: IPv4Network | str = FREE, *, key: str = "nordvik", name: str = "apotek") -> Claim:
    return Claim(purpose="segment", site=key, name=name, network=IPv4Network(network))


def rooms(versions: tuple[Version, ...]) -> list[str | None]:
    return [version.entity.site.room if isinstance(version.entity, Connection) else None for version in versions]


def holders(leases: tuple[Lease, ...]) -> list[tuple[str, str, str]]:
    return [(lease.site, lease.name, lease.network) for lease in leases]


# --- history -------------------------------------------------------------------------------------------------------


def test_every_version_of_a_site_is_kept_newest_first_and_its_removal_too(register: Register) -> None:
    for who, room in (("ola", "1"), ("per", "2")):
        with register.edit(Author(who, f"to room {room}")) as draft:
            draft.put(in_room(site(draft, "fjellheim"), room))
    with register.edit(Author("eva", "gone")) as draft:
        draft.remove(EntityKind.SITE, "fjellheim")
    history = register.history(EntityKind.SITE, "fjellheim")
    assert rooms(history) == [None, "2", "1", "214"]
    assert [version.revision.who for version in history] == ["eva", "per", "ola", "kari"]
    assert [version.revision.why for version in history] == ["gone", "to room 2", "to room 1", ""]
    assert [version.revision.number for version in history] == [4, 3, 2, 1]


def test_an_entity_that_comes_back_has_its_removal_in_between(register: Register) -> None:
    with register.edit(KARI) as draft:
        fjellheim = site(draft, "fjellheim")
        draft.remove(EntityKind.SITE, "fjellheim")
    with register.edit(KARI) as draft:
        draft.put(fjellheim)
    history = register.history(EntityKind.SITE, "fjellheim")
    assert [version.entity for version in history] == [fjellheim, None, fjellheim]
    assert register.now().inventory.connections[0] == fjellheim


def test_what_an_order_did_is_found_by_its_number(register: Register) -> None:
    with register.edit(Author("ola", "order", 7)) as draft:
        draft.put(in_room(site(draft, "fjellheim"), "9"))
        draft.remove(EntityKind.SITE, "solbakken")
    with register.edit(Author("ola", "other", 8)) as draft:
        draft.put(in_room(site(draft, "fjellheim"), "10"))
    done = register.history(order=7)
    assert [(version.key, rooms((version,))) for version in done] == [("fjellheim", ["9"]), ("solbakken", [None])]
    assert {version.revision.order for version in done} == {7}
    assert register.history(order=9) == ()


def test_the_latest_changes_of_all_are_cut_at_the_limit(register: Register) -> None:
    with register.edit(KARI) as draft:
        draft.put(Equipment(serial="LV-1", model="R1"))
        draft.remove(EntityKind.SITE, "solbakken")
    latest = register.history(limit=3)
    assert [(v.kind, v.key, v.revision.number) for v in latest] == [
        (EntityKind.EQUIPMENT, "LV-1", 2),
        (EntityKind.SITE, "solbakken", 2),
        (EntityKind.INSTALLATION, "", 1),
    ]
    assert [version.key for version in register.history(EntityKind.EQUIPMENT)] == ["LV-1"]


def test_the_register_is_seen_as_it_was_at_any_moment(register: Register, inventory: Inventory, clock: Clock) -> None:
    clock.wait(DAY)
    with register.edit(KARI) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert register.at(NOON).inventory == inventory
    assert register.at(NOON + DAY - timedelta(seconds=1)).inventory == inventory
    assert register.at(NOON + DAY).inventory.connections == inventory.connections[:1]
    with pytest.raises(NotFoundError, match="No inventory is saved"):
        _ = register.at(NOON - DAY).inventory


def test_nothing_is_ever_overwritten(register: Register, clock: Clock, database_url: str) -> None:
    chance = random.Random(4)  # noqa: S311 - any changes will do, the same each time
    (fjellheim, solbakken), seen = register.now().inventory.connections, {clock.now: register.now()}
    for step in range(25):
        clock.wait(timedelta(hours=1))
        with register.edit(KARI) as draft:
            for connection in chance.sample([fjellheim, solbakken], chance.randint(1, 2)):
                if chance.random() < 0.3:
                    draft.remove(EntityKind.SITE, connection.key)
                else:
                    draft.put(in_room(connection, f"{step}"))
        seen[clock.now] = register.now()
    with opened(database_url, clock) as fresh:
        moments = list(seen)
        chance.shuffle(moments)
        for moment in moments:
            assert fresh.register.at(moment).entities == register.at(moment).entities == seen[moment].entities
            fresh.register.now()
        assert fresh.register.now().entities == seen[clock.now].entities


def test_orders_and_boxes_live_through_a_new_inventory(store: Store, register: Register, inventory: Inventory) -> None:
    box, wanted = Equipment(serial="LV-1", model="R1"), order(number=3)
    with register.edit(KARI) as draft:
        draft.put(box)
        draft.put(wanted)
        assert draft.next_order() == 4
    store.save_inventory(inventory.model_copy(update={"connections": inventory.connections[:1]}), "ola")
    snapshot = register.now()
    assert (snapshot.equipment, snapshot.orders) == ((box,), (wanted,))
    assert len(snapshot.inventory.connections) == 1


# --- one edit ------------------------------------------------------------------------------------------------------


class _SecondThoughtsError(Exception):
    pass


def test_a_block_that_raises_leaves_nothing_behind(register: Register) -> None:
    def change_and_regret() -> None:
        with register.edit(KARI) as draft:
            draft.put(on(site(draft, "fjellheim"), FREE))
            draft.put(order(claim("10.65.8.0/24")))
            raise _SecondThoughtsError

    before = register.now()
    with pytest.raises(_SecondThoughtsError):
        change_and_regret()
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_a_check_that_raises_leaves_nothing_behind_and_sees_the_draft(register: Register) -> None:
    checked: list[str] = []

    def check(draft: Draft) -> None:
        checked.append(site(draft, "fjellheim").site.room)
        raise _SecondThoughtsError

    before = register.now()
    with pytest.raises(_SecondThoughtsError), register.edit(KARI, check) as draft:
        draft.put(in_room(on(site(draft, "fjellheim"), FREE), "9"))
    assert checked == ["9"]
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_taken_addresses_leave_nothing_behind(register: Register) -> None:
    before = register.now()
    fjellheim, solbakken = before.inventory.connections
    with pytest.raises(ConflictError):
        put(register, in_room(fjellheim, "9"), on(solbakken, "10.64.1.0/24"))
    assert register.now() is before
    assert len(register.history(EntityKind.SITE, "fjellheim")) == 1


def test_a_rehearsal_finds_what_is_wrong_and_keeps_nothing(register: Register) -> None:
    before = register.now()
    with pytest.raises(ConflictError, match="overlaps"), register.edit(KARI, rehearse=True) as draft:
        draft.put(on(site(draft, "solbakken"), "10.64.1.0/24"))
    with register.edit(KARI, rehearse=True) as draft:
        draft.put(on(site(draft, "solbakken"), FREE))
    assert register.now() is before
    assert register.who_had(POOL) == ()


def test_what_changes_nothing_is_no_revision(register: Register) -> None:
    with register.edit(KARI) as draft:
        fjellheim = site(draft, "fjellheim")
        draft.put(in_room(fjellheim, "9"))
        draft.put(fjellheim)
        draft.put(Equipment(serial="LV-1", model="R1"))
        draft.remove(EntityKind.EQUIPMENT, "LV-1")
        draft.remove(EntityKind.SITE, "nowhere")
    assert draft.saved is None
    assert len(register.history(EntityKind.SITE, "fjellheim")) == 1


def test_a_draft_sees_its_own_changes_and_nobody_else_does(register: Register) -> None:
    held = register.now()
    with register.edit(KARI) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
        draft.put(in_room(site(draft, "fjellheim"), "9"))
        assert [connection.site.room for connection in draft.inventory.connections] == ["9"]
        assert register.now() is held
    assert [connection.site.room for connection in register.now().inventory.connections] == ["9"]
    assert len(held.inventory.connections) == 2


def test_what_one_process_saves_another_one_reads_at_once(register: Register, database_url: str) -> None:
    with opened(database_url) as other:
        assert len(other.inventory().connections) == 2
        with register.edit(KARI) as draft:
            draft.remove(EntityKind.SITE, "solbakken")
        assert len(other.inventory().connections) == 1
        with other.register.edit(KARI) as draft:
            draft.put(in_room(site(draft, "fjellheim"), "9"))
    assert register.now().inventory.connections[0].site.room == "9"


# --- leases --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["10.64.1.0/24", "10.64.1.128/25", "10.64.0.0/22"])
def test_an_address_that_another_has_is_refused_with_who(register: Register, prefix: str) -> None:
    with pytest.raises(ConflictError, match=rf"{prefix} for apotek of site solbakken overlaps 10\.64\.[12]\.0/24 of "):
        move(register, "solbakken", prefix)


def move(register: Register, key: str, prefix: IPv4Network | str) -> None:
    with register.edit(KARI) as draft:
        draft.put(on(site(draft, key), prefix))


def test_two_that_come_at_once_may_not_overlap_either(register: Register) -> None:
    _, solbakken = register.now().inventory.connections
    nordvik = another(solbakken, "nordvik", "10.250.0.20", FREE)
    ostby = another(solbakken, "ostby", "10.250.0.21", "10.65.7.128/25")
    with pytest.raises(ConflictError, match=r"10\.65\.7\.128/25 for apotek of site ostby overlaps 10\.65\.7\.0/24 for"):
        put(register, ostby, nordvik)
    assert register.who_had(POOL) == ()


def test_two_that_want_the_same_at_once_are_told_so(register: Register) -> None:
    _, solbakken = register.now().inventory.connections
    nordvik = another(solbakken, "nordvik", "10.250.0.20", FREE)
    ostby = another(solbakken, "ostby", "10.250.0.20", "10.65.8.0/24")
    with pytest.raises(ConflictError, match=r"10\.250\.0\.20/32 for rtr-.* overlaps 10\.250\.0\.20/32 for rtr-"):
        put(register, ostby, nordvik)


def test_what_is_given_back_is_nobodys_until_the_quarantine_is_over(register: Register, clock: Clock) -> None:
    move(register, "fjellheim", FREE)
    clock.wait(90 * DAY - timedelta(seconds=1))
    with pytest.raises(ConflictError, match=r"gave 10\.64\.1\.0/24 back on 2026-11-21, and it is in quarantine"):
        move(register, "solbakken", "10.64.1.0/24")
    with register.edit(KARI) as draft:
        assert IPv4Network("10.64.1.0/24") in draft.taken(IPv4Network("10.64.0.0/16"))
    clock.wait(timedelta(seconds=1))
    with register.edit(KARI) as draft:
        assert IPv4Network("10.64.1.0/24") not in draft.taken(IPv4Network("10.64.0.0/16"))
    move(register, "solbakken", "10.64.1.0/24")


def test_the_quarantine_is_as_long_as_the_installation_says(store: Store, inventory: Inventory, clock: Clock) -> None:
    installation = inventory.installation.model_copy(update={"quarantine_days": 0})
    store.save_inventory(inventory.model_copy(update={"installation": installation}), "kari")
    move(store.register, "fjellheim", FREE)
    clock.wait(timedelta(seconds=1))
    move(store.register, "solbakken", "10.64.1.0/24")


@pytest.mark.parametrize("prefix", ["10.64.1.0/24", "10.64.1.64/26"])
def test_who_gave_an_address_back_may_have_it_or_a_part_again(register: Register, clock: Clock, prefix: str) -> None:
    move(register, "fjellheim", FREE)
    clock.wait(DAY)
    move(register, "fjellheim", prefix)
    assert holders(register.who_had(IPv4Network(prefix), clock.now)) == [("fjellheim", "legekontor", prefix)]


def test_another_segment_of_the_same_site_waits_for_the_quarantine(register: Register, clock: Clock) -> None:
    """It may be another organisation's."""
    move(register, "fjellheim", FREE)
    clock.wait(DAY)
    fjellheim, _ = register.now().inventory.connections
    first, second = fjellheim.segments
    second = second.model_copy(update={"prefix": IPv4Network("10.64.1.0/24")})
    with pytest.raises(ConflictError, match="quarantine"):
        put(register, fjellheim.model_copy(update={"segments": (first, second)}))


def test_an_address_is_handed_over_within_one_edit(register: Register, clock: Clock) -> None:
    clock.wait(DAY)
    fjellheim, solbakken = register.now().inventory.connections
    put(register, on(fjellheim, "10.64.3.0/24"), on(solbakken, "10.64.1.0/24"))
    taken_over = register.who_had(IPv4Network("10.64.1.0/24"), clock.now)
    assert holders(taken_over) == [("solbakken", "apotek", "10.64.1.0/24")]


def test_who_took_an_address_over_is_not_held_up_by_who_had_it_before(register: Register, clock: Clock) -> None:
    fjellheim, solbakken = register.now().inventory.connections
    put(register, on(fjellheim, FREE), on(solbakken, "10.64.1.0/24"))
    clock.wait(DAY)
    (apotek,) = solbakken.segments
    apotek = apotek.model_copy(update={"prefix": IPv4Network("10.64.1.0/25"), "name": "butikk"})
    put(register, solbakken.model_copy(update={"segments": (apotek,)}))
    clock.wait(DAY)
    move(register, "solbakken", "10.65.9.0/24")
    clock.wait(DAY)
    move(register, "solbakken", "10.64.1.0/25")
    with pytest.raises(ConflictError, match=r"overlaps 10\.64\.1\.0/25 of butikk of site solbakken"):
        move(register, "fjellheim", "10.64.1.0/25")
    with pytest.raises(ConflictError, match=r"apotek of site solbakken gave 10\.64\.1\.0/24 back on 2026-11-22"):
        move(register, "fjellheim", "10.64.1.128/25")


def test_a_site_that_is_renamed_keeps_its_addresses(register: Register, clock: Clock) -> None:
    clock.wait(DAY)
    with register.edit(KARI) as draft:
        draft.put(renamed(site(draft, "solbakken"), "solli"))
        draft.remove(EntityKind.SITE, "solbakken")
    now = register.who_had(IPv4Network("10.0.0.0/8"), clock.now)
    assert {lease.site for lease in now} == {"fjellheim", "solli"}


def test_a_prefix_is_split_within_one_edit(register: Register, clock: Clock) -> None:
    clock.wait(DAY)
    move(register, "fjellheim", "10.64.1.0/25")
    with pytest.raises(ConflictError, match="quarantine"):
        move(register, "solbakken", "10.64.1.128/25")


def test_an_open_order_holds_its_addresses_against_everyone_but_its_own_site(register: Register) -> None:
    put(register, order(claim()), author=Author("kari", order=1))
    with pytest.raises(ConflictError, match=r"overlaps 10\.65\.7\.0/24 of apotek of site nordvik"):
        move(register, "solbakken", FREE)
    with pytest.raises(ConflictError, match=r"overlaps 10\.65\.7\.0/24 of apotek of site nordvik"):
        put(register, order(claim("10.65.0.0/17", key="ostby"), number=2))
    _, solbakken = register.now().inventory.connections
    put(register, another(solbakken, "nordvik", "10.250.0.20", FREE), order(claim(), state=OrderState.DONE))
    (lease,) = register.who_had(POOL)
    assert (lease.until, lease.order) == (None, 1)


def test_a_cancelled_orders_addresses_are_given_back(register: Register, clock: Clock) -> None:
    put(register, order(claim()))
    clock.wait(DAY)
    put(register, order(claim(), state=OrderState.UNDOING))
    assert [lease.until for lease in register.who_had(POOL)] == [None]
    put(register, order(claim(), state=OrderState.CANCELLED))
    assert [lease.until for lease in register.who_had(POOL)] == [clock.now]
    clock.wait(90 * DAY)
    move(register, "solbakken", FREE)


def test_a_cancelled_order_takes_nothing_from_the_site_it_is_about(register: Register, clock: Clock) -> None:
    same = claim("10.64.3.0/24", key="solbakken")
    for state in (OrderState.OPEN, OrderState.CANCELLED):
        put(register, order(same, about="solbakken", state=state))
    (lease,) = register.who_had(IPv4Network("10.64.3.0/24"), clock.now)
    assert (lease.site, lease.until) == ("solbakken", None)


@pytest.mark.parametrize("about", ["solbakken", "fjellheim", None])
def test_a_site_that_goes_leaves_to_an_open_order_what_that_has_claimed(register: Register, about: str | None) -> None:
    put(register, order(claim("10.64.3.0/24", key="solbakken"), about=about))
    with register.edit(KARI) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert [lease.until for lease in register.who_had(IPv4Network("10.64.3.0/24"))] == [None]


def test_who_had_an_address_is_known_for_every_moment(register: Register, clock: Clock) -> None:
    wanted, here = IPv4Network("10.64.3.77/32"), "10.64.3.0/24"
    left = clock.wait(DAY)
    move(register, "solbakken", FREE)
    came = clock.wait(100 * DAY)
    with register.edit(Author("kari", order=5)) as draft:
        draft.put(on(site(draft, "fjellheim"), here))
    moments = {
        NOON - DAY: [],
        NOON: ["solbakken"],
        left - timedelta(seconds=1): ["solbakken"],
        left: [],
        came: ["fjellheim"],
        came + 1000 * DAY: ["fjellheim"],
    }
    assert {at: [lease.site for lease in register.who_had(wanted, at)] for at in moments} == moments
    assert register.who_had(wanted) == (
        Lease("segment", here, "fjellheim", "legekontor", came, None, 5),
        Lease("segment", here, "solbakken", "apotek", NOON, left),
    )


def test_what_is_taken_is_in_use_set_aside_or_in_quarantine(register: Register, clock: Clock) -> None:
    put(register, order(claim()))
    clock.wait(DAY)
    move(register, "fjellheim", "10.65.1.0/24")
    move(register, "fjellheim", "10.65.2.0/24")
    with register.edit(KARI) as draft:
        draft.put(order(claim("10.65.9.0/24", key="ostby"), number=2))
        taken = set(draft.taken(POOL))
    assert taken == {FREE, *(IPv4Network(f"10.65.{n}.0/24") for n in (1, 2, 9))}


def test_a_fleet_that_moves_as_a_whole_moves_in_one_edit(store: Store, inventory: Inventory, clock: Clock) -> None:
    """More ranges than are asked for one by one, in the order that makes each take what the next one has."""
    plain = inventory.connections[1]
    prefixes = list(islice(POOL.subnets(new_prefix=24), 0, None, 2))
    places = [another(plain, f"s{n}", f"10.250.1.{n}", prefix) for n, prefix in enumerate(prefixes)]
    store.save_inventory(inventory.model_copy(update={"connections": tuple(places)}), "kari")
    clock.wait(DAY)
    moved = [on(place, prefixes[n - 1]) for n, place in enumerate(places)]
    store.save_inventory(inventory.model_copy(update={"connections": tuple(moved)}), "kari")
    now = {(lease.site, lease.network) for lease in store.register.who_had(POOL, clock.now)}
    assert now == {(place.key, str(place.segments[0].prefix)) for place in moved}
    clash = [on(moved[0], prefixes[0]), *moved[1:]]
    with pytest.raises(ConflictError, match="overlaps"):
        store.save_inventory(inventory.model_copy(update={"connections": tuple(clash)}), "kari")


# --- many at once --------------------------------------------------------------------------------------------------


def allocate(database_url: str, worker: int, times: int = 1) -> None:
    """Takes the next free /24 of the pool for an order, in a store of its own."""
    with opened(database_url) as store:
        for _ in range(times):
            with store.register.edit(Author(f"worker {worker}")) as draft:
                taken = set(draft.taken(POOL))
                free = next(network for network in POOL.subnets(new_prefix=24) if network not in taken)
                number = draft.next_order()
                draft.put(order(claim(free, key=f"s{number}"), number=number, about=None))


def _all_done(running: list[Future[None]]) -> None:
    for future in running:
        future.result(timeout=60)


def _assert_none_is_lost(register: Register, count: int) -> None:
    orders = register.now().orders
    assert [order.number for order in orders] == list(range(1, count + 1))
    networks = [claim.network for order in orders for claim in order.claims]
    assert sorted(networks) == list(islice(POOL.subnets(new_prefix=24), count))
    assert {lease.network for lease in register.who_had(POOL)} == set(map(str, networks))
    revision = register.revision()
    assert revision
    assert revision.number == 1 + count


def test_twenty_threads_that_take_addresses_at_once_get_one_each(register: Register, database_url: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        _all_done([threads.submit(allocate, database_url, worker) for worker in range(20)])
    _assert_none_is_lost(register, 20)


def test_processes_that_take_addresses_at_once_get_one_each(register: Register, database_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        _all_done([processes.submit(allocate, database_url, worker, 10) for worker in range(2)])
    _assert_none_is_lost(register, 20)


def test_threads_of_one_process_that_edit_at_once_lose_nothing(register: Register) -> None:
    def add(worker: int) -> None:
        with register.edit(Author(f"worker {worker}")) as draft:
            draft.put(Equipment(serial=f"LV-{worker:02}", model="R1"))

    with ThreadPoolExecutor(8) as threads:
        _all_done([threads.submit(add, worker) for worker in range(24)])
    assert [box.serial for box in register.now().equipment] == [f"LV-{worker:02}" for worker in range(24)]


def test_an_editor_that_others_keep_waiting_is_told_to_try_again(register: Register, database_url: str) -> None:
    begun, enough = Event(), Event()

    def hold() -> None:
        with opened(database_url) as other, other.register.edit(KARI):
            begun.set()
            enough.wait(60)

    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(hold)
        begun.wait(10)
        try:
            with pytest.raises(ConflictError, match="busy for 10 s"):
                move(register, "solbakken", FREE)
        finally:
            enough.set()
        holding.result(timeout=60)
    move(register, "solbakken", FREE)
