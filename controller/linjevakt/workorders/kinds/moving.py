"""An office moves, or its lines change: `relocation`, `line_change`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from linjevakt.model.inventory import Line, LineKind, Site
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.calendar import OSLO, next_window
from linjevakt.workorders.kinds import amending, checks, leftovers, people, planning, system
from linjevakt.workorders.prices import load_prices
from linjevakt.workorders.step import Answer, Home, Kind, Routers, Step, Work
from linjevakt.workorders.trouble import TroubleError
from linjevakt.workorders.wishes import LineChange, Relocation

_Moving = Relocation | LineChange
_PREPARE = Phrase(nb="Legg inn de nye linjene ved siden av dagens", en="Put the new lines beside today's")


def _was(work: Work) -> Site:
    """The connection as it was when the order began."""
    return work.order.before or work.site


def _moved(work: Work[Relocation]) -> Site:
    site = work.site
    place = {name: value for name, value in work.wish.place.model_dump().items() if value is not None}
    return site.model_copy(
        update={"place": site.place.model_copy(update=place), "lines": _new_lines(work, keep=LineKind.MOBILE)}
    )


def _changed(work: Work[_Moving]) -> Site:
    return work.site.model_copy(update={"lines": _new_lines(work, keep=None)})


def _new_lines(work: Work[_Moving], keep: LineKind | None) -> tuple[Line, ...]:
    """The wished lines, and today's of other names: all, or those of the kind that moves along by itself."""
    names = {wished.name for wished in work.wish.lines} | set(work.wish.remove)
    kept = [line for line in work.site.lines if line.name not in names and keep in {None, line.kind}]
    return (*(planning.line(work, wished) for wished in work.wish.lines), *kept)


def _beside(work: Work[_Moving]) -> Site:
    """Today's connection whose lines know how the new ones may be addressed, so that the router finds home there."""
    site = work.site
    coming = {wished.name: (wished.addressing, *wished.alternatives) for wished in work.wish.lines}
    return site.model_copy(update={"lines": tuple(_knowing(line, coming.get(line.name, ())) for line in site.lines)})


def _knowing(line: Line, ways: tuple[Any, ...]) -> Line:
    others = dict.fromkeys((*line.alternatives, *ways))
    others.pop(line.addressing, None)
    return line.model_copy(update={"alternatives": tuple(others)})


def _gives_back(work: Work[_Moving]) -> bool:
    """Whether a line that the network delivered is no more: any in a move, the replaced ones otherwise."""
    named = {wished.name for wished in work.wish.lines} | set(work.wish.remove)
    return any(
        old.kind is LineKind.NHN_DELIVERED and (work.wish.leaves or old.name in named) for old in _was(work).lines
    )


def _is_delivered(work: Work) -> bool:
    return any(line.kind is LineKind.NHN_DELIVERED for line in _was(work).lines)


def _costs(work: Work) -> Iterator[Phrase]:
    yield from _deliveries(work)
    if _is_delivered(work):
        price = load_prices().on(work.today).relocation_nhn_delivered
        yield Phrase(
            nb=f"Flytting av en linje fra NHN koster kr {price}.", en=f"Moving a line of NHN costs NOK {price}."
        )


def _deliveries(work: Work) -> Iterator[Phrase]:
    if planning.is_new(LineKind.NHN_DELIVERED)(work):
        yield from checks.delivery_times(work)


def _in_window(work: Work[_Moving]) -> datetime | None:
    return work.wish.window


def _in_window_or_next(work: Work[_Moving]) -> datetime | None:
    """The one that was agreed, else the first maintenance window after the order."""
    return _in_window(work) or next_window(work.order.created).start


def _something_to_do(work: Work[LineChange]) -> Iterator[Phrase]:
    wish = work.wish
    if not wish.lines and not wish.remove:
        yield Phrase(
            nb="Ingen linje er nevnt: oppgi `lines` eller `remove`.", en="No line is named: give `lines` or `remove`."
        )
    known = {line.name for line in work.site.lines}
    there = ", ".join(sorted(known))
    for name in wish.remove:
        if name not in known:
            yield Phrase(
                nb=f"Linjen {name} finnes ikke. Disse finnes: {there}.",
                en=f"There is no line {name}; there are: {there}.",
            )


def _home_elsewhere(work: Work[_Moving], routers: Routers) -> Mapping[str, str]:
    """A router that never left has not come home, whatever the order says of its plug."""
    found = system.found_home(work, routers)
    preload = work.order.done(system.PRELOAD.key)
    if preload and not _was_away(work, preload.values, found):
        raise TroubleError(_stayed(work.router, preload.at))
    return system.as_found(found)


def _was_away(work: Work[_Moving], before: Mapping[str, str], found: Home) -> bool:
    """It was started anew, or lost the cable of a line; of an agent that does not tell, an address is another."""
    if not (before.get("boot") and found.boot):
        return any(how and how != before.get(name) for name, how in found.lines.items())
    cabled = {line.name for line in (*_was(work).lines, *work.wish.lines) if line.kind is not LineKind.MOBILE}
    pulled = (name for name in cabled if f"{found.carriers.get(name)}" != f"{before.get(f'{name} carrier')}")
    return found.boot != before["boot"] or any(True for _ in pulled)


def _stayed(router: str, since: datetime) -> Phrase:
    at = since.astimezone(OSLO)
    return Phrase(
        nb=f"{router} har ikke vært borte siden {at:%d.%m.%Y kl. %H:%M}: den er ikke startet på nytt, og ingen "
        "kabel er trukket ut. Står den fremdeles der den sto? Ordren går videre når den er flyttet; skal den ikke "
        "flyttes: kanseller.",
        en=f"{router} has not been away since {at:%Y-%m-%d %H:%M}: it was not started anew, and no cable was "
        "pulled. Is it still where it was? The order goes on when it has moved; if it is not to move, cancel.",
    )


def _router_back(work: Work) -> Iterator[Phrase]:
    before = leftovers.former_place(work)
    if before:
        router, at = before.router.name, before.place
        where = f"{at.street}, {at.postcode} {at.city}"
        yield Phrase(
            nb=f"{router} skal tilbake til {where}, etasje: {at.floor}, rom: {at.room}.",
            en=f"{router} goes back to {where}, {at.floor}, room {at.room}.",
        )
        yield from leftovers.cables_back(work)


def _void_form(work: Work) -> Iterator[Phrase]:
    document = work.order.said("form", "document")
    yield Phrase(
        nb=f"Eieren må få vite at flytteskjemaet ({document}) og prisen ikke lenger gjelder.",
        en=f"The owner has to be told that the relocation form ({document}) and its price are void.",
    )


_FORM = Step(
    "form",
    Party.MEMBER,
    Phrase(
        nb="Eieren fyller ut flytteskjema og godtar prisen",
        en="The owner fills in the relocation form and accepts the price",
    ),
    answers=(
        Answer("document", Phrase(nb="Referanse på flytteskjemaet", en="Reference of the form")),
        Answer("price", Phrase(nb="Er prisen godtatt?", en="Is the price accepted?"), "yes"),
    ),
    applies=_is_delivered,
    left_behind=_void_form,
)
_UNPLUG = Step[_Moving](
    "unplug",
    Party.TECHNICIAN,
    Phrase(nb="Koble fra ruteren og ta den med", en="Unplug the router and take it along"),
    not_before=_in_window,
    left_behind=_router_back,
)
_GIVE_BACK = Step[_Moving](
    "give_back",
    Party.CARRIER,
    Phrase(nb="Den gamle linjen sies opp", en="The old line is terminated"),
    applies=_gives_back,
)
_RECORD = Phrase(nb="Før linjene inn i registeret, slik de ble funnet", en="Enter the lines in the register, as found")

RELOCATION = Kind(
    "relocation",
    Phrase(nb="Flytting", en="Relocation"),
    Relocation,
    (
        _FORM,
        people.SUBSCRIPTION,
        people.DELIVERY,
        people.SURVEY,
        checks.gate_step(checks.gates(_moved)),
        Step("prepare", Party.SYSTEM, _PREPARE, change=planning.recorded(_beside)),
        system.PRELOAD,
        _UNPLUG,
        people.PLUG_IN,
        Step[Relocation](system.HOME.key, system.HOME.by, system.HOME.title, run=_home_elsewhere),
        Step("record", Party.SYSTEM, _RECORD, change=planning.recorded(_moved)),
        system.PROVE,
        _GIVE_BACK,
        people.REGISTER,
    ),
    plan=_moved,
    notes=_costs,
    settled_by={"place": ("record",), "window": ("unplug",), **amending.lines("prepare")},
)

LINE_CHANGE = Kind(
    "line_change",
    Phrase(nb="Linjeendring", en="Line change"),
    LineChange,
    (
        people.SUBSCRIPTION,
        people.DELIVERY,
        checks.gate_step(checks.gates(_changed)),
        Step("prepare", Party.SYSTEM, _PREPARE, change=planning.recorded(_beside)),
        system.PRELOAD,
        replace(
            _UNPLUG,
            key="cut_over",
            title=Phrase(nb="Flytt kabelen til den nye linjen", en="Move the cable to the new line"),
            not_before=_in_window_or_next,
            applies=lambda work: bool(work.wish.lines),
            left_behind=leftovers.cables_back,
        ),
        system.HOME,
        Step("record", Party.SYSTEM, _RECORD, change=planning.recorded(_changed)),
        system.PROVE,
        _GIVE_BACK,
    ),
    plan=_changed,
    once=_something_to_do,
    notes=_deliveries,
    settled_by={"remove": ("prepare",), "window": ("cut_over",), **amending.lines("prepare")},
)
