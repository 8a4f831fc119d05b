"""Gives out addresses: the next free prefix of a pool for a segment, the next free host of the management pool."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.inventory import Installation, Pool
from linjevakt.model.order import Claim
from linjevakt.model.saying import Saying
from linjevakt.store.draft import Draft
from linjevakt.store.leases import Range, spans
from linjevakt.workorders.wishes import WishedSegment


def prefixes(draft: Draft, site: str, segments: Iterable[WishedSegment]) -> Iterator[Claim]:
    """A claim for each segment; those that name a prefix get it. Raises ConflictError when a pool is used up."""
    given: list[IPv4Network] = []
    for segment in segments:
        network = segment.prefix or _prefix(draft, segment, given)
        given.append(network)
        yield Claim(purpose="segment", site=site, name=segment.name, network=network)


def management(draft: Draft, site: str, router: str, wished: IPv4Address | None) -> Claim:
    """A claim on a management address. Raises ConflictError when the pool is used up."""
    installation = draft.inventory.installation
    pool, apart = installation.management, apart_from_routers(installation)
    network = IPv4Network(wished) if wished else free(pool, 32, [*draft.taken(pool), *spans(apart)])
    return Claim(purpose="management", site=site, name=router, network=network)


def free(pool: IPv4Network, length: int, taken: Iterable[Range]) -> IPv4Network:
    """The first network of that prefix length in the pool that meets nothing taken. Raises ConflictError for none."""
    size = 1 << (32 - length)
    start, end = int(pool.network_address), int(pool.broadcast_address)
    for first, last in sorted(taken):
        if first >= start + size:
            break
        if last >= start:
            start = -(-(last + 1) // size) * size
    if start + size - 1 > end:
        raise ConflictError(
            Saying(
                "The pool {pool} has no free /{length} left. Add a pool to the installation.", pool=pool, length=length
            )
        )
    return IPv4Network((start, length))


def left(pool: IPv4Network, length: int, taken: Iterable[Range]) -> int:
    """How many networks of that prefix length in the pool meet nothing taken."""
    size, count = 1 << (32 - length), 0
    start, end = int(pool.network_address), int(pool.broadcast_address) + 1
    for first, last in sorted(taken):
        count += max(0, (min(first, end) - start) // size)
        start = max(start, -(-(last + 1) // size) * size)
    return count + max(0, (end - start) // size)


def apart_from_segments(installation: Installation) -> Iterator[IPv4Network]:
    """What no segment may overlap, wherever the pools are."""
    yield installation.management
    yield from (hub.inside_address.network for hub in installation.hubs)


def apart_from_routers(installation: Installation) -> Iterator[IPv4Network]:
    """What no site's router may have as its management address."""
    pool = installation.management
    yield from (IPv4Network(pool.network_address), IPv4Network(pool.broadcast_address))
    yield from (IPv4Network(hub.router.management) for hub in installation.hubs)


def _prefix(draft: Draft, segment: WishedSegment, given: list[IPv4Network]) -> IPv4Network:
    pool = _pool(draft.inventory.installation, segment.pool)
    length = segment.prefix_length or pool.prefix_length
    if length < pool.network.prefixlen:
        raise InvalidInputError(
            Saying(
                "The pool {pool} ({network}) is smaller than a /{length}.",
                pool=pool.key,
                network=pool.network,
                length=length,
            )
        )
    apart = spans((*apart_from_segments(draft.inventory.installation), *given))
    return free(pool.network, length, [*draft.taken(pool.network), *apart])


def _pool(installation: Installation, key: str | None) -> Pool:
    if not installation.pools:
        raise InvalidInputError(
            Saying(
                "The installation has no `pools` to take a prefix from. Add one to installation.yaml and import that, "
                "or name the segment's `prefix`."
            )
        )
    if key is None:
        return installation.pools[0]
    for pool in installation.pools:
        if pool.key == key:
            return pool
    pools = ", ".join(pool.key for pool in installation.pools)
    raise NotFoundError(Saying("There is no pool {key!r}; there are: {pools}.", key=key, pools=pools))
