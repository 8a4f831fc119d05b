"""Pools and addresses: what is free, what a site has, and who had an address when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel

from linjevakt.model.entity import Lease
from linjevakt.store.register import Register
from linjevakt.web.api.common import After, Limit, Moment, Page, SlugWanted, page
from linjevakt.workorders.desk import Desk

_ALL: Final = IPv4Network("0.0.0.0/0")
On = Annotated[Moment | None, Query(description="A day (its end, in Norway) or a moment.", examples=["2026-03-10"])]


class PoolAnswer(BaseModel):
    """One pool, counted in addresses; `quarantined` were given back too short a time ago to be given out again."""

    key: str
    network: IPv4Network
    prefix_length: int
    addresses: int
    in_use: int
    quarantined: int


def routes(desk: Desk, clock: Callable[[], datetime]) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["addresses"])
    register = desk.fleet.store.register

    @api.get("/pools")
    def list_pools() -> tuple[PoolAnswer, ...]:
        """The pools of the segments, and that of the routers' own addresses (`management`)."""
        installation = desk.fleet.inventory.installation
        settled = clock() - timedelta(days=installation.quarantine_days)
        pools = [(pool.key, pool.network, pool.prefix_length) for pool in installation.pools]
        pools.append(("management", installation.management, 32))
        return tuple(_counted(register, *pool, settled) for pool in pools)

    @api.get("/addresses")
    def list_addresses(site: SlugWanted = None, limit: Limit = 100, after: After = "") -> Page[Lease]:
        """What sites and open orders have now, by address; of a site."""
        found = register.who_had(_ALL, clock())
        wanted = sorted((one for one in found if site in {None, one.site}), key=_key)
        return page((one for one in wanted if _key(one) > after), limit, _key)

    @api.get("/addresses/{address}")
    def who_had_address(address: IPv4Address, on: On = None, limit: Limit = 100) -> tuple[Lease, ...]:
        """Who has had the address, newest first; on a day."""
        return register.who_had(IPv4Network(address), on)[:limit]

    return api


def _counted(register: Register, key: str, network: IPv4Network, length: int, settled: datetime) -> PoolAnswer:
    known = register.who_had(network)
    had = {lease.network for lease in known if lease.until is None}
    given_back = {lease.network for lease in known if lease.until and lease.until > settled} - had
    return PoolAnswer(
        key=key,
        network=network,
        prefix_length=length,
        addresses=network.num_addresses,
        in_use=sum(IPv4Network(one).num_addresses for one in had),
        quarantined=sum(IPv4Network(one).num_addresses for one in given_back),
    )


def _key(lease: Lease) -> str:
    """Sorts as text the way addresses do."""
    return f"{int(IPv4Network(lease.network).network_address):010}"
