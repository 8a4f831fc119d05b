"""An address is never given to two, and who had it is known for ever; on both databases."""

from datetime import timedelta
from ipaddress import IPv4Network
from itertools import islice

import pytest
from tests.integration.store.registers import (
    DAY,
    FREE,
    KARI,
    LEASES,
    NOON,
    POOL,
    Clock,
    another,
    claim,
    holders,
    move,
    on,
    order,
    put,
    renamed,
    site,
)
from tests.registers import save_inventory

from linjevakt.model.entity import Author, EntityKind, Lease
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import OrderState
from linjevakt.store import Store
from linjevakt.store.leases import spans
from linjevakt.store.register import Register


@pytest.mark.parametrize("prefix", ["10.64.1.0/24", "10.64.1.128/25", "10.64.0.0/22"])
def test_an_address_that_another_has_is_refused_with_who(register: Register, prefix: str) -> None:
    with pytest.raises(ConflictError, match=rf"{prefix} for apotek of site solbakken overlaps 10\.64\.[12]\.0/24 of "):
        move(register, "solbakken", prefix)


def test_two_that_come_at_once_may_not_overlap_either(register: Register) -> None:
    _, solbakken = register.now().inventory.sites
    nordvik = another(solbakken, "nordvik", "10.250.0.20", FREE)
    ostby = another(solbakken, "ostby", "10.250.0.21", "10.65.7.128/25")
    with pytest.raises(ConflictError, match=r"10\.65\.7\.128/25 for apotek of site ostby overlaps 10\.65\.7\.0/24 for"):
        put(register, ostby, nordvik)
    assert register.who_had(POOL) == ()


def test_two_that_want_the_same_at_once_are_told_so(register: Register) -> None:
    _, solbakken = register.now().inventory.sites
    nordvik = another(solbakken, "nordvik", "10.250.0.20", FREE)
    ostby = another(solbakken, "ostby", "10.250.0.20", "10.65.8.0/24")
    with pytest.raises(ConflictError, match=r"10\.250\.0\.20/32 for rtr-.* overlaps 10\.250\.0\.20/32 for rtr-"):
        put(register, ostby, nordvik)


def test_what_is_given_back_is_nobodys_until_the_quarantine_is_over(register: Register, clock: Clock) -> None:
    move(register, "fjellheim", FREE)
    clock.wait(120 * DAY - timedelta(seconds=1))
    with pytest.raises(ConflictError, match=r"gave 10\.64\.1\.0/24 back on 2026-11-21, and it is in quarantine"):
        move(register, "solbakken", "10.64.1.0/24")
    with register.edit(KARI, unchecked=LEASES) as draft:
        assert next(spans([IPv4Network("10.64.1.0/24")])) in draft.taken(IPv4Network("10.64.0.0/16"))
    clock.wait(timedelta(seconds=1))
    with register.edit(KARI, unchecked=LEASES) as draft:
        assert next(spans([IPv4Network("10.64.1.0/24")])) not in draft.taken(IPv4Network("10.64.0.0/16"))
    move(register, "solbakken", "10.64.1.0/24")


def test_the_quarantine_is_as_long_as_the_installation_says(store: Store, inventory: Inventory, clock: Clock) -> None:
    installation = inventory.installation.model_copy(update={"quarantine_days": 0})
    save_inventory(store, inventory.model_copy(update={"installation": installation}), "kari")
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
    fjellheim, _ = register.now().inventory.sites
    first, second = fjellheim.segments
    second = second.model_copy(update={"prefix": IPv4Network("10.64.1.0/24")})
    with pytest.raises(ConflictError, match="quarantine"):
        put(register, fjellheim.model_copy(update={"segments": (first, second)}))


def test_an_address_is_handed_over_within_one_edit(register: Register, clock: Clock) -> None:
    clock.wait(DAY)
    fjellheim, solbakken = register.now().inventory.sites
    put(register, on(fjellheim, "10.64.3.0/24"), on(solbakken, "10.64.1.0/24"))
    taken_over = register.who_had(IPv4Network("10.64.1.0/24"), clock.now)
    assert holders(taken_over) == [("solbakken", "apotek", "10.64.1.0/24")]


def test_who_took_an_address_over_is_not_held_up_by_who_had_it_before(register: Register, clock: Clock) -> None:
    fjellheim, solbakken = register.now().inventory.sites
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
    with register.edit(KARI, unchecked=LEASES) as draft:
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
    _, solbakken = register.now().inventory.sites
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
    clock.wait(120 * DAY)
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
    with register.edit(KARI, unchecked=LEASES) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert [lease.until for lease in register.who_had(IPv4Network("10.64.3.0/24"))] == [None]


def test_who_had_an_address_is_known_for_every_moment(register: Register, clock: Clock) -> None:
    wanted, here = IPv4Network("10.64.3.77/32"), "10.64.3.0/24"
    left = clock.wait(DAY)
    move(register, "solbakken", FREE)
    came = clock.wait(130 * DAY)
    with register.edit(Author("kari", order=5), unchecked=LEASES) as draft:
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
    with register.edit(KARI, unchecked=LEASES) as draft:
        draft.put(order(claim("10.65.9.0/24", key="ostby"), number=2))
        taken = set(draft.taken(POOL))
    assert taken == {*spans([FREE, *(IPv4Network(f"10.65.{n}.0/24") for n in (1, 2, 9))])}


def test_a_fleet_that_moves_as_a_whole_moves_in_one_edit(store: Store, inventory: Inventory, clock: Clock) -> None:
    """More ranges than are asked for one by one, in the order that makes each take what the next one has."""
    plain = inventory.sites[1]
    prefixes = list(islice(POOL.subnets(new_prefix=24), 0, None, 2))
    places = [another(plain, f"s{n}", f"10.250.1.{n}", prefix) for n, prefix in enumerate(prefixes)]
    save_inventory(store, inventory.model_copy(update={"sites": tuple(places)}), "kari")
    clock.wait(DAY)
    moved = [on(place, prefixes[n - 1]) for n, place in enumerate(places)]
    save_inventory(store, inventory.model_copy(update={"sites": tuple(moved)}), "kari")
    now = {(lease.site, lease.network) for lease in store.register.who_had(POOL, clock.now)}
    assert now == {(place.key, str(place.segments[0].prefix)) for place in moved}
    clash = [on(moved[0], prefixes[0]), *moved[1:]]
    with pytest.raises(ConflictError, match="overlaps"):
        save_inventory(store, inventory.model_copy(update={"sites": tuple(clash)}), "kari")
