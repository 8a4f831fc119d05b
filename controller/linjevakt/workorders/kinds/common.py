"""Steps that several kinds of orders share, and the changes that they make."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from linjevakt.model.equipment import Whereabouts
from linjevakt.model.errors import BusyError, LinjevaktError, StoppedError
from linjevakt.model.gate import gate
from linjevakt.model.inventory import Dhcp, Line, LineKind, Segment, Sharing, Site, Static
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import Claim, Order, Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import in_language
from linjevakt.model.services import lacking
from linjevakt.store.draft import Draft
from linjevakt.workorders import pools
from linjevakt.workorders.calendar import day_of, delivery
from linjevakt.workorders.kinds import leftovers
from linjevakt.workorders.step import Answer, Home, Routers, Step, Work
from linjevakt.workorders.trouble import TroubleError, is_in_vain, told
from linjevakt.workorders.wishes import WishedSegment

Plan = Callable[[Work], Site]
Segments = Callable[[Work], Iterable[WishedSegment]]
Lacks = Callable[[Work], Iterator[Phrase]]


# --- plans: the connection as it shall be ---


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
    way = _way(wished, work.order.said("home", wished.name) or "")
    return wished.model_copy(update={"business": wished.business or shown} | ({"addressing": way} if way else {}))


def _way(wished: Line, found: str) -> Any:
    """The one of a line's ways that a router has found to work (`dhcp ADDRESS` or `static ADDRESS`), if it is one."""
    ways = (wished.addressing, *wished.alternatives, Dhcp())
    return next((way for way in ways if found.split()[:1] == [way.method] and _stands(way, found.split())), None)


def _stands(way: Any, found: list[str]) -> bool:
    return not isinstance(way, Static) or str(way.address.ip) in found


def is_new(kind: LineKind) -> Callable[[Work], bool]:
    """Whether the order brings a line of the kind."""

    def applies(work: Work) -> bool:
        return any(wished.kind is kind for wished in getattr(work.wish, "lines", ()))

    return applies


# --- changes of the register ---


def put(work: Work, draft: Draft, site: Site) -> Order:
    """Makes this the site's connection, and remembers how it was before the order, or as someone else left it since."""
    draft.put(site)
    today = work.site_or_none
    before = work.order.before if today == work.order.after else today
    return work.order.model_copy(update={"before": before, "after": site})


def recorded(plan: Plan) -> Callable[[Work, Draft], Order]:
    """Puts the plan into the register."""
    return lambda work, draft: put(work, draft, plan(work))


def confirmed(work: Work, sharers: Iterable[str]) -> Iterator[Sharing]:
    """The owner's written confirmation of these organisations, once it is there (domain.md section 6)."""
    day, document = (work.order.said(CONFIRMATION.key, name) for name in ("confirmed", "document"))
    if day and document:
        for number in sharers:
            yield Sharing(organisation=number, confirmed=date.fromisoformat(day), document=document)


def box_moved(draft: Draft, work: Work, serial: str, state: Whereabouts, router: str | None = None) -> None:
    """Says where a box is now."""
    draft.put(work.box(serial).moved(state, router))


# --- claims: addresses set aside as soon as something is ordered ---


def claims_of(segments: Segments) -> Callable[[Work, Draft], tuple[Claim, ...]]:
    """A prefix for each wished segment."""

    def claims(work: Work, draft: Draft) -> tuple[Claim, ...]:
        return tuple(pools.prefixes(draft, str(work.order.site), segments(work)))

    return claims


# --- what must be in place ---


def gates(plan: Plan, *, only: Callable[[Work], str] | None = None, services: bool = False) -> Lacks:
    """What is missing before the planned segments (or `only` that one), and their `services`, may carry traffic."""

    def lacks(work: Work) -> Iterator[Phrase]:
        planned = plan(work)
        wanted = [s for s in planned.segments if only is None or s.name == only(work)]
        missing = [phrase for s in wanted for phrase in gate(planned, s, work.members).missing]
        if services:
            missing += [phrase for s in wanted for phrase in lacking_services(work, planned, s, s.services)]
        yield from dict.fromkeys(missing)

    return lacks


def gate_step(lacks: Lacks) -> Step:
    """Waits until everything is in place."""
    title = Phrase(nb="Alt på plass før trafikk", en="Everything in place before traffic")
    return Step("gate", Party.MEMBER, title, lacks=lacks, check=True)


def unknown_service(work: Work, key: str) -> Iterator[Phrase]:
    """That the catalogue has no such service, and which one may be meant."""
    if key not in work.catalogue:
        remedy = did_you_mean(key, work.catalogue, "")
        nb, en = (in_language(remedy, language) for language in ("nb", "en"))
        yield Phrase(nb=f"Tjenesten {key} finnes ikke. {nb}".rstrip(), en=f"There is no service {key}. {en}".rstrip())


def not_to_come(work: Work, notice: date) -> Iterator[Phrase]:
    """A notice came in today or before."""
    if notice > work.today:
        yield Phrase(
            nb=f"Oppsigelsen kan ikke ha kommet inn {notice:%d.%m.%Y}: i dag er det {work.today:%d.%m.%Y}.",
            en=f"The notice cannot have come in on {notice}: it is {work.today}.",
        )


def lacking_services(work: Work, site: Site, segment: Segment, keys: Iterable[str]) -> Iterator[Phrase]:
    """What the segment's member lacks for these services."""
    member = work.member(segment.organisation)
    for key in keys:
        if key in work.catalogue:
            yield from lacking(member, work.catalogue[key], site, segment, work.today)


def delivery_times(work: Work) -> Iterator[Phrase]:
    """When a line that was ordered now is to be expected (domain.md section 3)."""
    times = delivery(day_of(work.order.created))
    yield Phrase(
        nb=f"Forventet levering: {times.earliest:%d.%m.%Y} til {times.latest:%d.%m.%Y}.",
        en=f"Delivery is expected between {times.earliest} and {times.latest}.",
    )


# --- steps ---

SUBSCRIPTION = Step(
    "subscription",
    Party.MEMBER,
    Phrase(nb="Bestill linjen hos egen leverandør", en="Order the line from the member's own provider"),
    answers=(
        Answer("business", Phrase(nb="Er det et bedriftsabonnement?", en="Is it a business subscription?"), "yes"),
        Answer("document", Phrase(nb="Referanse på bekreftelsen", en="Reference of its confirmation")),
    ),
    applies=is_new(LineKind.OWN_ISP),
    left_behind=leftovers.ordered_line,
)


CONFIRMATION = Step(
    "confirmation",
    Party.MEMBER,
    Phrase(nb="Eieren bekrefter delingen skriftlig", en="The owner confirms the sharing in writing"),
    answers=(
        Answer("confirmed", Phrase(nb="Dato", en="Date"), "day"),
        Answer("document", Phrase(nb="Dokumentets referanse", en="Reference of the document")),
    ),
    left_behind=leftovers.void_confirmation,
)
TOLD = Step(
    "told",
    Party.ENGINEER,
    Phrase(nb="Medlemmet er varslet", en="The member has been told"),
    answers=(Answer("told", Phrase(nb="Når", en="When"), "day", oldest_days=366),),
    left_behind=leftovers.told_in_vain,
)


def _delivered_by(work: Work) -> date:
    return delivery(day_of(work.order.created)).latest


def _measured(name: str, title: Phrase) -> Answer:
    """A rate, in the range of a line's own (`model.inventory.Line`)."""
    return Answer(name, title, "number", least=1, most=100_000, unit="Mbit/s")


DELIVERY = Step(
    "delivery",
    Party.CARRIER,
    Phrase(nb="Lever linjen, målt og godkjent", en="Deliver the line; measured and accepted"),
    answers=(
        _measured("down_mbit", Phrase(nb="Målt hastighet ned, Mbit/s", en="Measured down, Mbit/s")),
        _measured("up_mbit", Phrase(nb="Målt hastighet opp, Mbit/s", en="Measured up, Mbit/s")),
    ),
    applies=is_new(LineKind.NHN_DELIVERED),
    due=_delivered_by,
    left_behind=leftovers.delivered_line,
)

# domain.md section 4: the member's duties at the router's place.
SURVEY = Step(
    "survey",
    Party.TECHNICIAN,
    Phrase(nb="Befaring", en="Site survey"),
    answers=(
        Answer("locked", Phrase(nb="Er stedet alltid avlåst for publikum?", en="Always locked to the public?"), "yes"),
        Answer("ventilation", Phrase(nb="Er ventilasjon og temperatur i orden?", en="Ventilation good?"), "yes"),
        Answer("power", Phrase(nb="Er det strøm hele døgnet?", en="Power on at all times?"), "yes"),
        Answer("coverage", Phrase(nb="Er mobildekningen målt og god nok?", en="Mobile coverage good enough?"), "yes"),
        Answer(
            "coverage_dbm",
            Phrase(nb="Målt signalstyrke, dBm", en="Measured signal strength, dBm"),
            "number",
            # 3GPP TS 36.133 table 9.1.4-1: RSRP is reported from -140 to -44 dBm; some meters tell RSSI, a few dB more
            least=-140,
            most=-40,
            unit="dBm",
        ),
        Answer("antenna", Phrase(nb="Ekstern antenne", en="External antenna"), "text", required=False),
    ),
)


def router_of(work: Work) -> str:
    """The site's router."""
    return work.site.router.name


def found_home(work: Work, routers: Routers) -> Home:
    """The router, back by ways that were ordered. Raises TroubleError."""
    found = routers.home(router_of(work))
    for wished in getattr(work.wish, "lines", ()):
        _refuse_old_place(wished, found.lines.get(wished.name, ""))
    return found


def as_found(found: Home) -> Mapping[str, str]:
    """How a router was found, as evidence."""
    return {"line": found.line, **{name: how for name, how in found.lines.items() if how}}


def _home(work: Work, routers: Routers) -> Mapping[str, str]:
    return as_found(found_home(work, routers))


def _refuse_old_place(wished: Line, found: str) -> None:
    """A line that works in a way that was not ordered is yesterday's."""
    if found and not _way(wished, found):
        raise TroubleError(
            Phrase(
                nb=f"{wished.name} virker som {found}, som ikke ble bestilt. Står ruteren fremdeles der den sto? Hvis "
                "ikke: kanseller, og bestill med dette blant linjens `alternatives`.",
                en=f"{wished.name} works as {found}, which was not ordered. Is the router still where it was? If not, "
                "cancel, and order with that among the line's `alternatives`.",
            )
        )


HOME = Step(
    "home",
    Party.SYSTEM,
    Phrase(nb="Ruteren kobler seg opp av seg selv", en="The router comes home by itself"),
    run=_home,
)


def push(work: Work, routers: Routers) -> Mapping[str, str]:
    """A router that was never staged has nothing to be told yet, and the evidence says so."""
    return {} if routers.push(router_of(work)) else {"never_staged": router_of(work)}


def _push_for_certain(work: Work, routers: Routers) -> Mapping[str, str]:
    """For what a technician relies on: a router that cannot be told is trouble."""
    if not routers.push(router_of(work)):
        name = router_of(work)
        raise TroubleError(
            Phrase(
                nb=f"{name} ble aldri klargjort, så den er ikke i drift noe sted og kan ikke få beskjed.",
                en=f"{name} was never staged, so it is nowhere at work and cannot be told.",
            )
        )
    return {}


def _push_and_prove(work: Work, routers: Routers) -> Mapping[str, str]:
    told = _push_for_certain(work, routers)
    routers.proven(router_of(work))
    return told


def _preload(work: Work, routers: Routers) -> Mapping[str, str]:
    """Also writes down what tells later whether the router has been away since (`moving`)."""
    told, seen = _push_for_certain(work, routers), routers.seen(router_of(work))
    return {**told, **as_found(seen), "boot": seen.boot} | {f"{n} carrier": f"{c}" for n, c in seen.carriers.items()}


PRELOAD = Step(
    "preload",
    Party.SYSTEM,
    Phrase(nb="Ruteren får vite om de nye linjene", en="The router learns of the new lines"),
    run=_preload,
)
PUSH = Step(
    "push",
    Party.SYSTEM,
    Phrase(nb="Sett opp ruteren og test alt", en="Configure the router and prove it"),
    run=push,
    final=True,
)
PROVE = Step(
    "push",
    Party.SYSTEM,
    Phrase(nb="Sett opp ruteren og test alt, på alle linjene", en="Configure the router and prove it, every line"),
    run=_push_and_prove,
    final=True,
)
PLUG_IN = Step(
    "plug_in",
    Party.TECHNICIAN,
    Phrase(nb="Koble til ruteren", en="Plug the router in"),
    answers=(Answer("power", Phrase(nb="Lyser lampen på den?", en="Is its light on?"), "yes", required=False),),
)
REGISTER = Step(
    "register",
    Party.MEMBER,
    Phrase(nb="Må Adresseregisteret endres?", en="Must the address register be changed?"),
    answers=(
        Answer(
            "address_register",
            Phrase(nb="Endret, eller ikke nødvendig", en="Changed, or not needed"),
            "choice",
            choices=("changed", "not_needed"),
        ),
    ),
)


def routers_of_member(work: Work) -> tuple[str, ...]:
    """Every router with a segment of the order's organisation."""
    number = work.order.organisation
    return tuple(c.router.name for c in work.inventory.sites if any(s.organisation == number for s in c.segments))


def push_all(work: Work, routers: Routers) -> Mapping[str, str]:
    """Brings every router of the organisation to what the register says; one that fails does not keep the others."""
    touched = routers_of_member(work)
    errors = [error for router in touched if (error := _tried(routers, router))]
    troubles = [error for error in errors if not isinstance(error, BusyError | StoppedError)]
    if troubles:
        legs = (leg for trouble in troubles if isinstance(trouble, TroubleError) for leg in trouble.legs)
        said = [told(trouble) for trouble in troubles]
        message = Phrase(nb="; ".join(one.nb for one in said), en="; ".join(one.en for one in said))
        raise TroubleError(message, tuple(legs), certain=all(map(is_in_vain, troubles)))
    for put_off in errors:  # another is just doing it, or someone wants it to end, which is no trouble
        raise put_off
    return {"routers": " ".join(touched)}


def _tried(routers: Routers, router: str) -> LinjevaktError | None:
    try:
        routers.push(router)
    except LinjevaktError as error:
        return error
    return None


PUSH_ALL = Step(
    "push",
    Party.SYSTEM,
    Phrase(nb="Sett opp alle medlemmets rutere", en="Configure each of the member's routers"),
    run=push_all,
)
