"""Whoever edits at the same time, nothing is lost and no address is given twice; on both databases."""

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from threading import Barrier, Event

import pytest
from tests.integration.store.registers import FREE, KARI, POOL, claim, in_room, move, opened, order
from tests.registers import save_inventory

from linjevakt import platforms
from linjevakt.inventory import generate, load_catalogue
from linjevakt.model import rules
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import ConflictError, InvalidInputError
from linjevakt.model.inventory import Site
from linjevakt.store import Store
from linjevakt.store.leases import spans
from linjevakt.store.register import Register

EDITORS = 200


def allocate(database_url: str, worker: int, times: int = 1) -> None:
    """Takes the next free /24 of the pool for an order, in a store of its own."""
    with opened(database_url) as store:
        for _ in range(times):
            with store.register.edit(Author(f"worker {worker}")) as draft:
                taken = set(draft.taken(POOL))
                free = next(network for network in POOL.subnets(new_prefix=24) if taken.isdisjoint(spans([network])))
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
            with opened(database_url, patience_s=0.3) as hasty, pytest.raises(ConflictError, match=r"busy for 0\.3 s"):
                move(hasty.register, "solbakken", FREE)
        finally:
            enough.set()
        holding.result(timeout=60)
    move(register, "solbakken", FREE)


def test_of_two_hundred_at_once_none_is_refused_and_none_lost(store: Store, database_url: str) -> None:
    """Half of them want what another one wants too: one of each two gets it, and the other is told why it does not."""
    fleet = generate(EDITORS)
    save_inventory(store, fleet, "kari")
    start = Barrier(EDITORS)

    def edit(register: Register, number: int) -> InvalidInputError | None:
        site = fleet.sites[number]
        start.wait(60)
        try:
            with register.edit(Author(f"editor {number}")) as draft:
                draft.put(_wanting(in_room(site, "at once"), number))
        except InvalidInputError as error:
            return error
        return None

    with ExitStack() as stack:
        registers = [stack.enter_context(opened(database_url)).register for _ in range(2)]
        threads = stack.enter_context(ThreadPoolExecutor(EDITORS))
        told = list(threads.map(lambda number: edit(registers[number % 2], number), range(EDITORS)))
    refused = [number for number, error in enumerate(told) if error]
    assert [number // 2 for number in refused] == list(range(EDITORS // 4))
    assert all("is already used by site" in str(told[number]) for number in refused)
    now = store.register.now()
    rooms = {site.key: site.place.room for site in now.inventory.sites}
    written = [n for n, site in enumerate(fleet.sites) if rooms[site.key] == "at once"]
    assert sorted([*written, *refused]) == list(range(EDITORS))
    assert rules.check(now.inventory, load_catalogue(None), platforms.every()) == []


def _wanting(site: Site, number: int) -> Site:
    """Of the first half each even one and the next want the same serial number."""
    serial = f"LV-{number // 2}" if number < EDITORS // 2 else f"LV-X{number}"
    return site.model_copy(update={"router": site.router.model_copy(update={"serial": serial})})
