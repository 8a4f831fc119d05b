"""Pools and addresses: what is free, who has an address, and who had it when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from typing import Final

from linjevakt.model.entity import Lease
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Installation
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying
from linjevakt.office import Office
from linjevakt.store.leases import spans
from linjevakt.workorders.pools import apart_from_routers, apart_from_segments, left

_ALL: Final = IPv4Network("0.0.0.0/0")
_AT_LAST: Final = datetime.max.replace(tzinfo=UTC)  # what someone has then is what nobody has given back


@dataclass(frozen=True)
class Pool:
    """One pool: the prefixes in use, and those in quarantine after they were given back; `left`: how many are free.

    `for_routers`: it is that of the routers' own addresses.
    """

    key: str
    network: IPv4Network
    prefix_length: int
    in_use: frozenset[IPv4Network]
    quarantined: frozenset[IPv4Network]
    left: int
    for_routers: bool = False


def pools(office: Office, now: datetime) -> tuple[Pool, ...]:
    """The pools of the segments, and that of the routers' own addresses."""
    return tuple(_pools(office, office.inventory().installation, now))


def had_now(office: Office, site: str | None = None) -> tuple[Lease, ...]:
    """What sites and open orders have, by address; of a site. Raises NotFoundError for a site that has none."""
    found = sorted(office.store.register.who_had(_ALL, _AT_LAST), key=lambda lease: IPv4Network(lease.network))
    known = {lease.site for lease in found}
    if site is not None and site not in known:
        remedy = did_you_mean(site, known, Saying("`linjevakt site list` shows what there is."))
        raise NotFoundError(Saying("No site {site!r} has an address. {remedy}", site=site, remedy=remedy))
    return tuple(lease for lease in found if site in {None, lease.site})


def who_had(office: Office, network: IPv4Network, wanted: Callable[[Lease], bool]) -> tuple[Lease, ...]:
    """Who has had any address of the network, newest first, of those that are `wanted`."""
    return tuple(lease for lease in office.store.register.who_had(network) if wanted(lease))


def _pools(office: Office, installation: Installation, now: datetime) -> Iterator[Pool]:
    settled = now - timedelta(days=installation.quarantine_days)
    segments, routers = (tuple(apart(installation)) for apart in (apart_from_segments, apart_from_routers))
    for pool in installation.pools:
        used, resting = _used(office, pool.network, settled)
        free = left(pool.network, pool.prefix_length, spans([*used, *resting, *segments]))
        yield Pool(pool.key, pool.network, pool.prefix_length, used, resting, free)
    network = installation.management
    used, resting = _used(office, network, settled)
    yield Pool(
        "management",
        network,
        32,
        used,
        resting,
        left(network, 32, spans([*used, *resting, *routers])),
        for_routers=True,
    )


def _used(office: Office, network: IPv4Network, settled: datetime) -> tuple[frozenset[IPv4Network], ...]:
    leases = office.store.register.who_had(network)
    used = frozenset(IPv4Network(lease.network) for lease in leases if lease.until is None)
    resting = {IPv4Network(lease.network) for lease in leases if lease.until and lease.until > settled}
    return used, frozenset(resting - used)
