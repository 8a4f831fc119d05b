"""Services of a segment: `add_service`, `cancel_service`."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from linjevakt.model.inventory import Segment, Site
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.calendar import notice_end, start_of
from linjevakt.workorders.kinds import common
from linjevakt.workorders.step import Kind, Step, Work
from linjevakt.workorders.wishes import AddService, CancelService


def _wish(work: Work) -> AddService | CancelService:
    assert isinstance(work.wish, AddService | CancelService)  # noqa: S101 - the kinds' own wishes
    return work.wish


def _segment(work: Work) -> Segment | None:
    return next((s for s in work.site.segments if s.name == _wish(work).segment), None)


def _changed(work: Work, keys: tuple[str, ...]) -> Site:
    name, site = _wish(work).segment, work.site
    segments = tuple(s.model_copy(update={"services": keys}) if s.name == name else s for s in site.segments)
    return site.model_copy(update={"segments": segments})


def _ordered(work: Work) -> tuple[str, ...]:
    found = _segment(work)
    return found.services if found else ()


def _added(work: Work) -> Site:
    return _changed(work, tuple(dict.fromkeys([*_ordered(work), _wish(work).service])))


def _cancelled(work: Work) -> Site:
    return _changed(work, tuple(key for key in _ordered(work) if key != _wish(work).service))


def _lacks(work: Work) -> Iterator[Phrase]:
    found = _segment(work)
    if found:
        yield from common.lacking_services(work, work.site, found, (_wish(work).service,))


def _known(work: Work) -> Iterator[Phrase]:
    wish = _wish(work)
    if _segment(work) is None:
        names = ", ".join(segment.name for segment in work.site.segments)
        yield Phrase(
            nb=f"Segmentet {wish.segment} finnes ikke. Disse finnes: {names}.",
            en=f"There is no segment {wish.segment}; there are: {names}.",
        )
    yield from common.unknown_service(work, wish.service)


def _addable(work: Work) -> Iterator[Phrase]:
    yield from _known(work)
    if _wish(work).service in _ordered(work):
        yield Phrase(nb="Segmentet har allerede tjenesten.", en="The segment has this service already.")


def _cancellable(work: Work) -> Iterator[Phrase]:
    yield from _known(work)
    yield from common.not_to_come(work, _cancelling(work).notice)
    if _segment(work) and _wish(work).service not in _ordered(work):
        yield Phrase(nb="Segmentet har ikke tjenesten.", en="The segment does not have this service.")


def _cancelling(work: Work) -> CancelService:
    assert isinstance(work.wish, CancelService)  # noqa: S101 - the kind's own wish
    return work.wish


def _last_day(work: Work) -> date:
    return notice_end(_cancelling(work).notice)


def _day_after(work: Work) -> datetime:
    return start_of(_last_day(work) + timedelta(days=1))


def _when(work: Work) -> Iterator[Phrase]:
    end = _last_day(work)
    yield Phrase(nb=f"Siste dag med tjenesten er {end:%d.%m.%Y}.", en=f"The last day of the service is {end}.")


_RECORD = Phrase(nb="Oppdater tjenestene i registeret", en="Enter the service in the register")

ADD_SERVICE = Kind(
    "add_service",
    Phrase(nb="Ny tjeneste", en="Order a service"),
    AddService,
    (
        common.gate_step(_lacks),
        Step("record", Party.SYSTEM, _RECORD, change=common.recorded(_added)),
        common.PUSH,
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
            change=common.recorded(_cancelled),
            not_before=_day_after,
            due=_last_day,
        ),
        common.PUSH,
    ),
    plan=_cancelled,
    once=_cancellable,
    notes=_when,
    settled_by={"segment": ("record",), "service": ("record",), "notice": ("record",)},
)
