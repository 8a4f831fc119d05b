"""Steps of the system, on routers, that several kinds of orders share."""

from collections.abc import Mapping

from linjevakt.model.errors import BusyError, LinjevaktError, StoppedError
from linjevakt.model.inventory import Line
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.kinds import planning
from linjevakt.workorders.step import Home, Routers, Step, Work
from linjevakt.workorders.trouble import TroubleError, is_in_vain, told


def found_home(work: Work, routers: Routers) -> Home:
    """The router, back by ways that were ordered. Raises TroubleError."""
    found = routers.home(work.router)
    for wished in work.wish.brings:
        _refuse_old_place(wished, found.lines.get(wished.name, ""))
    return found


def as_found(found: Home) -> Mapping[str, str]:
    """How a router was found, as evidence."""
    return {"line": found.line, **{name: how for name, how in found.lines.items() if how}}


def _home(work: Work, routers: Routers) -> Mapping[str, str]:
    return as_found(found_home(work, routers))


def _refuse_old_place(wished: Line, found: str) -> None:
    """A line that works in a way that was not ordered is yesterday's."""
    if found and not planning.way(wished, found):
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
    return {} if routers.push(work.router) else {"never_staged": work.router}


def _push_for_certain(work: Work, routers: Routers) -> Mapping[str, str]:
    """For what a technician relies on: a router that cannot be told is trouble."""
    if not routers.push(work.router):
        name = work.router
        raise TroubleError(
            Phrase(
                nb=f"{name} ble aldri klargjort, så den er ikke i drift noe sted og kan ikke få beskjed.",
                en=f"{name} was never staged, so it is nowhere at work and cannot be told.",
            )
        )
    return {}


def _push_and_prove(work: Work, routers: Routers) -> Mapping[str, str]:
    told = _push_for_certain(work, routers)
    routers.proven(work.router)
    return told


def _preload(work: Work, routers: Routers) -> Mapping[str, str]:
    """Also writes down what tells later whether the router has been away since (`moving`)."""
    told, seen = _push_for_certain(work, routers), routers.seen(work.router)
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


def routers_of_member(work: Work) -> tuple[str, ...]:
    """Every router with a segment of the order's organisation."""
    number = work.order.organisation
    theirs = work.inventory.sites_of(number or "")
    return tuple(site.router.name for site in theirs if any(s.organisation == number for s in site.segments))


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
