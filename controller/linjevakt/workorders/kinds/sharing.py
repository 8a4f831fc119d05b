"""Several organisations on one line: `share`, `unshare`."""

from collections.abc import Iterator

from linjevakt.model.inventory import Sharing, Site
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.kinds import amending, checks, people, planning, system
from linjevakt.workorders.step import Kind, Step, Work
from linjevakt.workorders.wishes import Share, Unshare


def _with(work: Work[Share]) -> Site:
    wish, site = work.wish, work.site
    others = tuple(s for s in site.segments if s.name != wish.segment.name)
    segments = (*planning.with_shares(others, wish.shares), planning.segment(work, wish.segment))
    return site.model_copy(update={"segments": segments, "sharing": (*_other_sharers(work), *_confirmed(work))})


def _other_sharers(work: Work[Share]) -> Iterator[Sharing]:
    new = {sharing.organisation for sharing in _confirmed(work)}
    return (sharing for sharing in work.site.sharing if sharing.organisation not in new)


def _confirmed(work: Work[Share]) -> Iterator[Sharing]:
    return planning.confirmed(work, work.wish.sharers)


def _without(work: Work[Unshare]) -> Site:
    wish, site = work.wish, work.site
    kept = planning.with_shares((s for s in site.segments if s.name != wish.segment), wish.shares)
    there = {segment.organisation for segment in kept}
    sharing = tuple(sharing for sharing in site.sharing if sharing.organisation in there)
    return site.model_copy(update={"segments": kept, "sharing": sharing})


def _unknown_shares(work: Work[Share | Unshare]) -> Iterator[Phrase]:
    """A share is kept by a segment that is there."""
    known = [segment.name for segment in work.site.segments]
    for name in work.wish.shares:
        if name not in known:
            there = ", ".join(known)
            yield Phrase(
                nb=f"Segmentet {name} i `shares` finnes ikke. Disse finnes: {there}.",
                en=f"There is no segment {name} of `shares`; there are: {there}.",
            )


def _is_another(work: Work[Share]) -> Iterator[Phrase]:
    """A line is shared with somebody else: its owner has it, and confirms nothing to itself."""
    number, site = work.wish.segment.organisation, work.site
    if number == site.owner:
        name = work.member(number).name
        yield Phrase(
            nb=f"{name} eier linjen på {site.key} og kan ikke dele den med seg selv. Oppgi den andre organisasjonen.",
            en=f"{name} owns the line of {site.key} and cannot share it with itself. Name the other organisation.",
        )


def _is_new(work: Work[Share]) -> Iterator[Phrase]:
    yield from _unknown_shares(work)
    name = work.wish.segment.name
    if name in {segment.name for segment in work.site.segments}:
        yield Phrase(
            nb=f"Segmentet {name} finnes allerede. Velg et annet navn.",
            en=f"There is a segment {name} already. Choose another name.",
        )


def _shareable(work: Work[Share]) -> Iterator[Phrase]:
    yield from _is_another(work)
    yield from _is_new(work)


def _is_there(work: Work[Unshare]) -> Iterator[Phrase]:
    yield from _unknown_shares(work)
    site, name = work.site, work.wish.segment
    others = [segment.name for segment in site.segments if segment.organisation != site.owner]
    if name not in others:
        known = ", ".join(others)
        yield Phrase(
            nb=f"Ingen deler linjen på {site.key} med segmentet {name}. Disse finnes: {known or 'ingen'}.",
            en=f"Nobody shares the line of {site.key} with a segment {name}; there are: {known or 'none'}.",
        )


def _beware(_work: Work) -> Iterator[Phrase]:
    yield Phrase(
        nb="De som deler linjen, deler kapasiteten; en feil på ruteren rammer alle.",
        en="Those who share the line share its capacity; an outage of the router hits all of them.",
    )


_RECORD = Phrase(nb="Oppdater delingen i registeret", en="Enter the sharing in the register")

SHARE = Kind(
    "share",
    Phrase(nb="Deling av linjen", en="Share the line"),
    Share,
    (
        people.CONFIRMATION,
        checks.gate_step(checks.gates(_with, only=lambda work: work.wish.segment.name, services=True)),
        Step("record", Party.SYSTEM, _RECORD, lacks=_is_new, change=planning.recorded(_with)),
        system.PUSH,
    ),
    plan=_with,
    claims=planning.claims_of(lambda work: (work.wish.segment,)),
    once=_shareable,
    notes=_beware,
    settled_by={"shares": ("record",), **amending.segment("segment", "record")},
)

UNSHARE = Kind(
    "unshare",
    Phrase(nb="Opphør av deling", en="End the sharing"),
    Unshare,
    (
        people.TOLD,
        Step("record", Party.SYSTEM, _RECORD, change=planning.recorded(_without)),
        system.PUSH,
    ),
    plan=_without,
    once=_is_there,
    settled_by={"segment": ("told", "record"), "shares": ("record",)},
)
