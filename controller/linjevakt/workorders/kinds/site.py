"""A connection begins and ends: `new_site`, `terminate`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from ipaddress import IPv4Address

from linjevakt.model.entity import EntityKind
from linjevakt.model.equipment import Whereabouts
from linjevakt.model.inventory import LineKind, Router, Site
from linjevakt.model.order import Claim, Order, Party
from linjevakt.model.phrase import Phrase
from linjevakt.store.draft import Draft
from linjevakt.workorders import pools
from linjevakt.workorders.calendar import notice_end, start_of
from linjevakt.workorders.kinds import amending, checks, hardware, people, planning, system
from linjevakt.workorders.step import Kind, Routers, Step, Work
from linjevakt.workorders.trouble import TroubleError
from linjevakt.workorders.wishes import NewSite, Terminate, WishedSegment

# --- new_site ---


def _router_name(wish: NewSite) -> str:
    return wish.router or f"rtr-{wish.site.key}"


def _segments(work: Work[NewSite]) -> tuple[WishedSegment, ...]:
    return work.wish.segments


def _claims(work: Work[NewSite], draft: Draft) -> tuple[Claim, ...]:
    wish = work.wish
    own = pools.management(draft, wish.site.key, _router_name(wish), wish.management)
    return (own, *planning.claims_of(_segments)(work, draft))


def _plan(work: Work[NewSite]) -> Site:
    wish = work.wish
    own = next(claim.network for claim in work.order.claims if claim.purpose == "management")
    return Site(
        owner=wish.owner,
        place=wish.site,
        router=Router(name=_router_name(wish), platform=wish.platform, management=IPv4Address(own.network_address)),
        lines=tuple(planning.line(work, line) for line in wish.lines),
        segments=tuple(planning.segment(work, wished) for wished in wish.segments),
        sharing=tuple(planning.confirmed(work, work.wish.sharers)),
        hub=wish.hub,
    )


def _not_there_yet(work: Work) -> Iterator[Phrase]:
    if work.site_or_none:
        key = work.order.site
        yield Phrase(
            nb=f"Lokasjonen {key} finnes allerede. Velg en annen nøkkel.",
            en=f"The site {key} is there already. Choose another key.",
        )


_RECORD = Step[NewSite](
    "record",
    Party.SYSTEM,
    Phrase(nb="Før lokasjonen inn i registeret", en="Enter the site in the register"),
    lacks=_not_there_yet,  # an import may have brought one meanwhile
    change=planning.recorded(_plan),
)

NEW_SITE = Kind(
    "new_site",
    Phrase(nb="Ny lokasjon", en="New site"),
    NewSite,
    (
        people.SUBSCRIPTION,
        people.CONFIRMATION,
        people.SURVEY,
        people.DELIVERY,
        checks.gate_step(checks.gates(_plan, services=True)),
        _RECORD,
        hardware.STAGE,
        hardware.PIN,
        hardware.SHIP,
        people.PLUG_IN,
        system.HOME,
        replace(system.PROVE, change=hardware.installed),
    ),
    plan=_plan,
    claims=_claims,
    once=_not_there_yet,
    notes=checks.delivery_times,
    about="new site",
    settled_by={
        "site": ("record",),
        "site.key": ("taken",),
        "platform": ("record",),
        "hub": ("record",),
        **amending.lines("record"),
        **amending.segment("segments", "record"),
    },
)

# --- terminate ---


def last_day(work: Work[Terminate]) -> date:
    """The last day of the connection."""
    return notice_end(work.wish.notice)


def _day_after(work: Work[Terminate]) -> datetime:
    return start_of(last_day(work) + timedelta(days=1))


def _ended(work: Work[Terminate]) -> Site:
    return work.site.model_copy(update={"ended": last_day(work)})


def _alone(work: Work) -> Iterator[Phrase]:
    site = work.site
    for number in dict.fromkeys(s.organisation for s in site.segments if s.organisation != site.owner):
        name = work.member(number).name
        yield Phrase(
            nb=f"{name} deler fortsatt linjen på {site.key}. Avslutt delingen først.",
            en=f"{name} still shares the line of {site.key}. End the sharing first (unshare).",
        )


def _elsewhere(work: Work[Terminate]) -> Iterator[Phrase]:
    owner = work.site.owner
    others = [site.key for site in work.inventory.sites_of(owner) if site.key != work.order.site]
    if work.wish.membership and others:
        name = work.member(owner).name
        yield Phrase(
            nb=f"{name} er også på {', '.join(others)}; medlemskapet kan ikke avsluttes. Velg `membership: false`.",
            en=f"{name} is also at {', '.join(others)}, so its membership cannot end. Order with `membership: false`.",
        )


def _terminable(work: Work[Terminate]) -> Iterator[Phrase]:
    yield from checks.not_to_come(work, work.wish.notice)
    yield from _alone(work)  # the unshare must come first: one order at a time about a site
    yield from _elsewhere(work)


def _close(work: Work[Terminate], draft: Draft) -> Order:
    hardware.retire(work, draft, Whereabouts.TO_BE_RETURNED)
    return planning.put(work, draft, _ended(work))


def _close_traffic(work: Work, routers: Routers) -> Mapping[str, str]:
    """A member often unplugs on the last day: a box that is in already, or lost, needs no telling."""
    router = work.router
    if work.serial(router) and not hardware.owed(work, router):
        return {"box": "not there any more"}
    try:
        return system.push(work, routers)
    except TroubleError as error:
        raise TroubleError(_or_is_it_in(error.message), error.legs, certain=error.certain) from error


def _or_is_it_in(trouble: Phrase) -> Phrase:
    command = "`linjevakt stock move SERIAL returned`"
    return Phrase(
        nb=f"{trouble.nb.rstrip('.')}. Hvis boksen allerede er levert tilbake (eller borte: `lost`), meld det med "
        f"{command}, og kjør ordren.",
        en=f"{trouble.en.rstrip('.')}. If the box is in already (or gone: `lost`), say so with {command}, and run the "
        "order.",
    )


def _forget(work: Work, routers: Routers) -> Mapping[str, str]:
    if work.site_or_none:
        routers.forget(work.router)
    return {}


def _release(work: Work[Terminate], draft: Draft) -> Order:
    owner = work.member(work.site.owner)
    if work.wish.membership and not any(True for _ in _elsewhere(work)):  # it may have come to another site since
        ended = owner.membership.model_copy(update={"ended": last_day(work)})
        draft.put(owner.model_copy(update={"membership": ended}))
    draft.remove(EntityKind.SITE, str(work.order.site))
    return work.order


def _has_delivered_line(work: Work) -> bool:
    site = work.order.before or work.site_or_none
    return bool(site and any(line.kind is LineKind.NHN_DELIVERED for line in site.lines))


def _when(work: Work[Terminate]) -> Iterator[Phrase]:
    end = last_day(work)
    yield Phrase(
        nb=f"Siste dag med tilknytningen er {end:%d.%m.%Y}. Ruteren skal leveres tilbake.",
        en=f"The last day of the connection is {end}. The router has to be returned.",
    )


TERMINATE = Kind(
    "terminate",
    Phrase(nb="Oppsigelse av tilknytningen", en="Termination"),
    Terminate,
    (
        Step(
            "alone",
            Party.MEMBER,
            Phrase(nb="Ingen andre deler linjen", en="Nobody else shares the line"),
            lacks=_alone,
            check=True,
        ),
        Step(
            "close",
            Party.SYSTEM,
            Phrase(nb="Tilknytningen avsluttes", en="The connection ends"),
            lacks=_alone,
            change=_close,
            not_before=_day_after,
            due=last_day,
            final=True,
        ),
        replace(system.PUSH, title=Phrase(nb="Steng trafikken", en="Close the traffic"), run=_close_traffic),
        Step("forget", Party.SYSTEM, Phrase(nb="Ruteren stenges ute", en="The router is shut out"), run=_forget),
        Step(
            "give_back",
            Party.CARRIER,
            Phrase(nb="Linjen sies opp hos underleverandøren", en="The line is terminated with the subcontractor"),
            applies=_has_delivered_line,
        ),
        hardware.returned(lambda work: (work.order.after or work.site).router.name),
        Step(
            "release",
            Party.SYSTEM,
            Phrase(
                nb="Adressene frigis, og det som er sagt opp, avsluttes",
                en="Addresses released, what was terminated ended",
            ),
            change=_release,
        ),
    ),
    plan=_ended,
    notes=_when,
    once=_terminable,
    settled_by={"notice": ("close",), "document": ("close",), "membership": ("release",)},
)
