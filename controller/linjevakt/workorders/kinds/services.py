"""Services of a segment: `add_service`, `cancel_service`."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from linjevakt.model.inventory import Segment, Site
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.calendar import notice_end, start_of
from linjevakt.workorders.kinds import checks, planning, system
from linjevakt.workorders.step import Kind, Step, Work
from linjevakt.workorders.wishes import AddService, CancelService

_Riding = AddService | CancelService


def _segment(work: Work[_Riding]) -> Segment | None:
    return next((s for s in work.site.segments if s.name == work.wish.segment), None)


def _changed(work: Work[_Riding], keys: tuple[str, ...]) -> Site:
    name, site = work.wish.segment, work.site
    segments = tuple(s.model_copy(update={"services": keys}) if s.name == name else s for s in site.segments)
    return site.model_copy(update={"segments": segments})


def _ordered(work: Work[_Riding]) -> tuple[str, ...]:
    found = _segment(work)
    return found.services if found else ()


def _added(work: Work[_Riding]) -> Site:
    return _changed(work, tuple(dict.fromkeys([*_ordered(work), work.wish.service])))


def _cancelled(work: Work[_Riding]) -> Site:
    return _changed(work, tuple(key for key in _ordered(work) if key != work.wish.service))


def _lacks(work: Work[_Riding]) -> Iterator[Phrase]:
    found = _segment(work)
    if found:
        yield from checks.lacking_services(work, work.site, found, (work.wish.service,))


def _known(work: Work[_Riding]) -> Iterator[Phrase]:
    wish = work.wish
    if _segment(work) is None:
        names = ", ".join(segment.name for segment in work.site.segments)
        yield Phrase(
            nb=f"Segmentet {wish.segment} finnes ikke. Disse finnes: {names}.",
            en=f"There is no segment {wish.segment}; there are: {names}.",
        )
    yield from checks.unknown_service(work, wish.service)


def _addable(work: Work[_Riding]) -> Iterator[Phrase]:
    yield from _known(work)
    if work.wish.service in _ordered(work):
        yield Phrase(nb="Segmentet har allerede tjenesten.", en="The segment has this service already.")


def _cancellable(work: Work[CancelService]) -> Iterator[Phrase]:
    yield from _known(work)
    yield from checks.not_to_come(work, work.wish.notice)
    if _segment(work) and work.wish.service not in _ordered(work):
        yield Phrase(nb="Segmentet har ikke tjenesten.", en="The segment does not have this service.")


def _last_day(work: Work[CancelService]) -> date:
    return notice_end(work.wish.notice)


def _day_after(work: Work[CancelService]) -> datetime:
    return start_of(_last_day(work) + timedelta(days=1))


def _when(work: Work[CancelService]) -> Iterator[Phrase]:
    end = _last_day(work)
    yield Phrase(nb=f"Siste dag med tjenesten er {end:%d.%m.%Y}.", en=f"The last day of the service is {end}.")


_RECORD = Phrase(nb="Oppdater tjenestene i registeret", en="Enter the service in the register")

ADD_SERVICE = Kind(
    "add_service",
    Phrase(nb="Ny tjeneste", en="Order a service"),
    AddService,
    (
        checks.gate_step(_lacks),
        Step("record", Party.SYSTEM, _RECORD, change=planning.recorded(_added)),
        system.PUSH,
    ),
    plan=_added,
    once=_addable,
    settled_by={"segment": ("record",), "service": ("record",)},
)

CANCEL_SERVICE = Kind(
    "cancel_service",
    Phrase(nb="Oppsigelse av tjeneste", en="Cancel a service"),
    CancelService,
    (
        Step(
            "record",
            Party.SYSTEM,
            _RECORD,
            change=planning.recorded(_cancelled),
            not_before=_day_after,
            due=_last_day,
        ),
        system.PUSH,
    ),
    plan=_cancelled,
    once=_cancellable,
    notes=_when,
    settled_by={"segment": ("record",), "service": ("record",), "notice": ("record",)},
)
