"""What a wish makes of a site, and how that comes into the register."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from linjevakt.model.equipment import Whereabouts
from linjevakt.model.inventory import Dhcp, Line, LineKind, Segment, Sharing, Site, Static
from linjevakt.model.order import Claim, Order
from linjevakt.store.draft import Draft
from linjevakt.workorders import pools
from linjevakt.workorders.step import W, Work
from linjevakt.workorders.wishes import WishedSegment


def segment(work: Work, wished: WishedSegment) -> Segment:
    """A wished segment with the prefix that was set aside for it."""
    prefix = next(
        (c.network for c in work.order.claims if (c.purpose, c.name) == ("segment", wished.name)), wished.prefix
    )
    fields = wished.model_dump(exclude={"prefix", "prefix_length", "pool"})
    return Segment.model_validate({**fields, "prefix": prefix})


def with_shares(segments: Iterable[Segment], shares: Mapping[str, int]) -> tuple[Segment, ...]:
    """The segments with new guaranteed shares where there are any."""
    return tuple(s.model_copy(update={"share": shares[s.name]}) if s.name in shares else s for s in segments)


def line(work: Work, wished: Line) -> Line:
    """A wished line: a business subscription once its member has shown it, addressed as the router found it."""
    shown = wished.kind is LineKind.OWN_ISP and work.order.said("subscription", "business") == "yes"
    found = way(wished, work.order.said("home", wished.name) or "")
    return wished.model_copy(update={"business": wished.business or shown} | ({"addressing": found} if found else {}))


def way(wished: Line, found: str) -> Any:
    """The one of a line's ways that a router has found to work (`dhcp ADDRESS` or `static ADDRESS`), if it is one."""
    ways = (wished.addressing, *wished.alternatives, Dhcp())
    return next((way for way in ways if found.split()[:1] == [way.method] and _stands(way, found.split())), None)


def _stands(way: Any, found: list[str]) -> bool:
    return not isinstance(way, Static) or str(way.address.ip) in found


def is_new(kind: LineKind) -> Callable[[Work], bool]:
    """Whether the order brings a line of the kind."""

    def applies(work: Work) -> bool:
        return any(wished.kind is kind for wished in work.wish.brings)

    return applies


# --- changes of the register ---


def put(work: Work, draft: Draft, site: Site) -> Order:
    """Makes this the site's connection, and remembers how it was before the order, or as someone else left it since."""
    draft.put(site)
    today = work.site_or_none
    before = work.order.before if today == work.order.after else today
    return work.order.model_copy(update={"before": before, "after": site})


def recorded(plan: Callable[[Work[W]], Site]) -> Callable[[Work[W], Draft], Order]:
    """Puts the plan into the register."""
    return lambda work, draft: put(work, draft, plan(work))


def confirmed(work: Work, sharers: Iterable[str]) -> Iterator[Sharing]:
    """The owner's written confirmation of these organisations, once it is there (domain.md section 6)."""
    day, document = (work.order.said("confirmation", name) for name in ("confirmed", "document"))
    if day and document:
        for number in sharers:
            yield Sharing(organisation=number, confirmed=date.fromisoformat(day), document=document)


def box_moved(draft: Draft, work: Work, serial: str, state: Whereabouts, router: str | None = None) -> None:
    """Says where a box is now."""
    draft.put(work.box(serial).moved(state, router))


def claims_of(
    segments: Callable[[Work[W]], Iterable[WishedSegment]],
) -> Callable[[Work[W], Draft], tuple[Claim, ...]]:
    """A prefix for each wished segment."""

    def claims(work: Work[W], draft: Draft) -> tuple[Claim, ...]:
        return tuple(pools.prefixes(draft, str(work.order.site), segments(work)))

    return claims
