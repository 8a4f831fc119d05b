"""Twenty orders at once against one pool, each by a desk of its own: no overlap, no deadlock, no lost order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from ipaddress import IPv4Network
from itertools import combinations
from threading import Barrier
from typing import Any

import pytest
from tests import prepared
from tests.registers import save_inventory
from tests.unit.workorders.field import FakeField
from tests.unit.workorders.papers import new_site

from linjevakt.inventory import load_catalogue
from linjevakt.model.errors import ConflictError
from linjevakt.model.inventory import Inventory, Pool
from linjevakt.model.order import Order, OrderState
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders.desk import Desk

AT_ONCE = 20
POOL = IPv4Network("10.96.0.0/19")  # 32 prefixes of /24
KEY = SealKey.generate()
CATALOGUE = load_catalogue(None)


@pytest.fixture
def url(database_url: str, inventory: Inventory) -> Iterator[str]:
    """A database with a fleet and one pool."""
    with closing(prepared.checked(database_url)) as store:
        installation = inventory.installation.model_copy(update={"pools": (Pool(key="sites", network=POOL),)})
        save_inventory(store, inventory.model_copy(update={"installation": installation}), "kari")
        yield database_url


def desk(store: Store) -> Desk:
    fleet = Fleet(store, Vault(store, KEY), CATALOGUE)
    field = FakeField(store)
    return Desk(fleet, CATALOGUE, hands=lambda _heard: field)


def at_once(url: str, wishes: list[dict[str, Any]]) -> list[Order | ConflictError]:
    """Each order by a connection of its own, all in the same moment."""
    start = Barrier(len(wishes))

    def one(wish: dict[str, Any]) -> Order | ConflictError:
        with closing(prepared.checked(url)) as store:
            mine = desk(store)
            start.wait()
            try:
                return mine.new("new_site", wish, "kari")
            except ConflictError as error:
                return error

    with ThreadPoolExecutor(len(wishes)) as pool:
        return list(pool.map(one, wishes))


def test_twenty_orders_at_once_get_a_number_and_addresses_of_their_own(url: str) -> None:
    orders = at_once(url, [new_site(f"site-{n}") for n in range(AT_ONCE)])
    taken = [order for order in orders if isinstance(order, Order)]
    assert sorted(order.number for order in taken) == list(range(1, AT_ONCE + 1))
    claims = [claim.network for order in taken for claim in order.claims]
    assert len(claims) == 2 * AT_ONCE
    assert not any(one.overlaps(other) for one, other in combinations(claims, 2))
    with closing(prepared.checked(url)) as store:
        assert desk(store).orders() == tuple(sorted(taken, key=lambda order: -order.number))


def test_of_twenty_orders_about_the_same_site_one_is_taken(url: str) -> None:
    orders = at_once(url, [new_site("the-same")] * AT_ONCE)
    (taken,) = [order for order in orders if isinstance(order, Order)]
    assert all("is open" in str(refused) for refused in orders if refused is not taken)


def test_twenty_cancelled_at_once_give_everything_back(url: str) -> None:
    at_once(url, [new_site(f"site-{n}") for n in range(AT_ONCE)])

    def cancel(number: int) -> Order:
        with closing(prepared.checked(url)) as store:
            return desk(store).cancel(number, "kari", "changed their mind")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = list(pool.map(cancel, range(1, AT_ONCE + 1)))
    assert {order.state for order in ended} == {OrderState.CANCELLED}
    with closing(prepared.checked(url)) as store:
        assert all(lease.until for lease in store.register.who_had(POOL))
