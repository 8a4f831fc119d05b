"""What concerns one member wherever it is: `freeze`, `reopen`, `exclude`, `readmit`."""

from collections.abc import Callable, Iterator
from datetime import datetime

from linjevakt.model import gate
from linjevakt.model.inventory import Exclusion, LineKind, Organisation
from linjevakt.model.inventory import Freeze as Frozen
from linjevakt.model.order import Order, Party
from linjevakt.model.phrase import Phrase
from linjevakt.store.draft import Draft
from linjevakt.workorders.calendar import start_of
from linjevakt.workorders.kinds import checks, people, system
from linjevakt.workorders.step import Kind, Step, W, Work
from linjevakt.workorders.wishes import Exclude, Freeze, Readmit, Reopen


def _member(work: Work) -> Organisation:
    return work.member(str(work.order.organisation))


def _as(change: Callable[[Work[W]], Organisation]) -> Callable[[Work[W], Draft], Order]:
    def changed(work: Work[W], draft: Draft) -> Order:
        draft.put(change(work))
        return work.order

    return changed


# --- freeze and reopen ---


def _frozen(work: Work[Freeze]) -> Organisation:
    state = Frozen.model_validate(work.wish.model_dump(exclude={"organisation"}))
    return _with_freeze(_member(work), state)


def _thawed(work: Work) -> Organisation:
    return _with_freeze(_member(work), None)


def _with_freeze(member: Organisation, state: Frozen | None) -> Organisation:
    return member.model_copy(update={"membership": member.membership.model_copy(update={"frozen": state})})


def _from(work: Work[Freeze]) -> datetime:
    return start_of(work.wish.since)


def _not_frozen(work: Work) -> Iterator[Phrase]:
    if _member(work).membership.frozen:
        name = _member(work).name
        yield Phrase(nb=f"{name} er allerede fryst.", en=f"{name} is frozen already.")


def _is_frozen(work: Work) -> Iterator[Phrase]:
    if not _member(work).membership.frozen:
        name = _member(work).name
        yield Phrase(
            nb=f"{name} er ikke fryst; det er ingenting å gjenåpne.",
            en=f"{name} is not frozen: there is nothing to reopen.",
        )


def _goes_on_costing(work: Work) -> Iterator[Phrase]:
    number = work.order.organisation
    for site in work.inventory.sites_of(number or ""):
        if site.owner == number and any(line.kind is LineKind.NHN_DELIVERED for line in site.lines):
            yield Phrase(
                nb=f"Linjen på {site.key} er levert av NHN og faktureres fortsatt, til den sies opp.",
                en=f"The line of {site.key} is delivered by NHN and is invoiced on, until it is terminated.",
            )


def _would_open(work: Work) -> Iterator[Phrase]:
    """What else would keep the member's segments closed."""
    yield from gate.of_member(_thawed(work))


FREEZE = Kind(
    "freeze",
    Phrase(nb="Frysing", en="Freeze"),
    Freeze,
    (
        Step(
            "close",
            Party.SYSTEM,
            Phrase(nb="Medlemskapet fryses", en="The membership is frozen"),
            change=_as(_frozen),
            not_before=_from,
            due=lambda work: work.wish.since,
            final=True,
        ),
        system.PUSH_ALL,
    ),
    once=_not_frozen,
    notes=_goes_on_costing,
    about="organisation",
    settled_by=dict.fromkeys(("since", "register_inactive", "edi_inactive", "reopen"), ("close",)),
)

REOPEN = Kind(
    "reopen",
    Phrase(nb="Gjenåpning", en="Reopening"),
    Reopen,
    (
        checks.gate_step(_would_open),
        Step(
            "open",
            Party.SYSTEM,
            Phrase(nb="Medlemskapet gjenåpnes", en="The membership is reopened"),
            change=_as(_thawed),
            final=True,
        ),
        system.PUSH_ALL,
    ),
    once=_is_frozen,
    about="organisation",
)

# --- exclude and readmit ---


def _others(work: Work[Exclude | Readmit]) -> tuple[Exclusion, ...]:
    return tuple(found for found in _member(work).exclusions if found.service != work.wish.service)


def _excluded(work: Work[Exclude]) -> Organisation:
    new = Exclusion(service=work.wish.service, since=work.today, reason=work.wish.reason)
    return _member(work).model_copy(update={"exclusions": (*_others(work), new)})


def _readmitted(work: Work[Exclude | Readmit]) -> Organisation:
    return _member(work).model_copy(update={"exclusions": _others(work)})


def _known(work: Work[Exclude | Readmit]) -> Iterator[Phrase]:
    service = work.wish.service
    if service is not None:
        yield from checks.unknown_service(work, service)


def _excludable(work: Work[Exclude]) -> Iterator[Phrase]:
    yield from _known(work)
    if len(_others(work)) < len(_member(work).exclusions):
        yield Phrase(nb="Medlemmet er allerede utestengt fra dette.", en="The member is excluded from it already.")


def _readmittable(work: Work[Exclude | Readmit]) -> Iterator[Phrase]:
    if len(_others(work)) == len(_member(work).exclusions):
        yield Phrase(nb="Medlemmet er ikke utestengt fra dette.", en="The member is not excluded from it.")


EXCLUDE = Kind(
    "exclude",
    Phrase(nb="Utestenging", en="Exclusion"),
    Exclude,
    (
        people.TOLD,
        Step(
            "close",
            Party.SYSTEM,
            Phrase(nb="Medlemmet utestenges", en="The member is excluded"),
            change=_as(_excluded),
            final=True,
        ),
        system.PUSH_ALL,
    ),
    once=_excludable,
    about="organisation",
    settled_by={"service": ("told", "close"), "reason": ("close",)},
)

READMIT = Kind(
    "readmit",
    Phrase(nb="Oppheving av utestenging", en="Readmission"),
    Readmit,
    (
        Step(
            "open",
            Party.SYSTEM,
            Phrase(nb="Utestengingen oppheves", en="The exclusion ends"),
            change=_as(_readmitted),
            final=True,
        ),
        system.PUSH_ALL,
    ),
    once=_readmittable,
    about="organisation",
    settled_by={"service": ("open",)},
)
