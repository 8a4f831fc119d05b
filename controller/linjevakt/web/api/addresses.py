"""Pools and addresses: what is free, what a site has, and who had an address when."""

from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from linjevakt.model.entity import Lease
from linjevakt.office import Office, addresses
from linjevakt.office.addresses import Pool
from linjevakt.web.api.common import LOOKS, After, Limit, Moment, Page, SlugWanted, page

On = Annotated[Moment | None, Query(description="A day (its end, in Norway) or a moment.", examples=["2026-03-10"])]


class PoolAnswer(BaseModel):
    """One pool, counted in addresses; `quarantined` were given back too short a time ago to be given out again."""

    key: str
    network: IPv4Network
    prefix_length: int
    addresses: int
    in_use: int
    quarantined: int


def routes(office: Office, clock: Callable[[], datetime]) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["addresses"])

    @api.get("/pools", **LOOKS)
    def list_pools() -> tuple[PoolAnswer, ...]:
        """The pools of the segments, and that of the routers' own addresses (`management`)."""
        return tuple(map(_counted, addresses.pools(office, clock())))

    @api.get("/addresses", **LOOKS)
    def list_addresses(site: SlugWanted = None, limit: Limit = 100, after: After = "") -> Page[Lease]:
        """What sites and open orders have now, by address; of a site."""
        return page((one for one in addresses.had_now(office, site) if _key(one) > after), limit, _key)

    @api.get("/addresses/{address}", **LOOKS)
    def who_had_address(address: IPv4Address, on: On = None, limit: Limit = 100) -> tuple[Lease, ...]:
        """Who has had the address, newest first; on a day."""
        found = addresses.who_had(office, IPv4Network(address), lambda one: on is None or one.is_had(on))
        return found[:limit]

    return api


def _counted(pool: Pool) -> PoolAnswer:
    return PoolAnswer(
        key=pool.key,
        network=pool.network,
        prefix_length=pool.prefix_length,
        addresses=pool.network.num_addresses,
        in_use=sum(one.num_addresses for one in pool.in_use),
        quarantined=sum(one.num_addresses for one in pool.quarantined),
    )


def _key(lease: Lease) -> str:
    """Sorts as text the way addresses do."""
    return f"{int(IPv4Network(lease.network).network_address):010}"
