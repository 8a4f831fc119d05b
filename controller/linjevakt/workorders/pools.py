"""Gives out addresses: the next free prefix of a pool for a segment, the next free host of the management pool."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.inventory import Installation, Pool
from linjevakt.model.order import Claim
from linjevakt.store.draft import Draft
from linjevakt.workorders.wishes import WishedSegment

_Range = tuple[int, int]


def prefixes(draft: Draft, site: str, segments: Iterable[WishedSegment]) -> Iterator[Claim]:
    """A claim for each segment; those that name a prefix get it. Raises ConflictError when a pool is used up."""
    given: list[IPv4Network] = []
    for segment in segments:
        network = segment.prefix or _prefix(draft, segment, given)
        given.append(network)
        yield Claim(purpose="segment", site=site, name=segment.name, network=network)


def management(draft: Draft, site: str, router: str, wished: IPv4Address | None) -> Claim:
    """A claim on a management address. Raises ConflictError when the pool is used up."""
    pool = draft.inventory.installation.management
    ends = (IPv4Network(pool.network_address), IPv4Network(pool.broadcast_address))
    hubs = (IPv4Network(hub.router.management) for hub in draft.inventory.installation.hubs)
    network = IPv4Network(wished) if wished else free(pool, 32, [*draft.taken(pool), *ends, *hubs])
    return Claim(purpose="management", site=site, name=router, network=network)


def free(pool: IPv4Network, length: int, taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first network of that prefix length in the pool that meets nothing taken. Raises ConflictError for none."""
    size = 1 << (32 - length)
    start, end = int(pool.network_address), int(pool.broadcast_address)
    for first, last in _by_address(taken):
        if first >= start + size:
            break
        if last >= start:
            start = -(-(last + 1) // size) * size
    if start + size - 1 > end:
        raise ConflictError(f"The pool {pool} has no free /{length} left. Add a pool to the installation.")
    return IPv4Network((start, length))


def _prefix(draft: Draft, segment: WishedSegment, given: list[IPv4Network]) -> IPv4Network:
    pool = _pool(draft.inventory.installation, segment.pool)
    length = segment.prefix_length or pool.prefix_length
    if length < pool.network.prefixlen:
        raise InvalidInputError(f"The pool {pool.key} ({pool.network}) is smaller than a /{length}.")
    return free(pool.network, length, [*draft.taken(pool.network), *_apart(draft.inventory.installation), *given])


def _apart(installation: Installation) -> Iterator[IPv4Network]:
    """What no segment may overlap, wherever the pools are."""
    yield installation.management
    yield from (hub.inside_address.network for hub in installation.hubs)


def _pool(installation: Installation, key: str | None) -> Pool:
    if not installation.pools:
        raise InvalidInputError("The installation has no `pools`. Add one, or name the segment's `prefix`.")
    if key is None:
        return installation.pools[0]
    for pool in installation.pools:
        if pool.key == key:
            return pool
    raise NotFoundError(f"There is no pool {key!r}; there are: {', '.join(p.key for p in installation.pools)}.")


def _by_address(taken: Iterable[IPv4Network]) -> list[_Range]:
    return sorted((int(network.network_address), int(network.broadcast_address)) for network in taken)
