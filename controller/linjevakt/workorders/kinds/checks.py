"""What must be in place before an order, or a step of it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from linjevakt.model.gate import gate
from linjevakt.model.inventory import Segment, Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import in_language
from linjevakt.model.services import lacking
from linjevakt.workorders.calendar import day_of, delivery
from linjevakt.workorders.step import Step, W, Work


def gates(
    plan: Callable[[Work[W]], Site], *, only: Callable[[Work[W]], str] | None = None, services: bool = False
) -> Callable[[Work[W]], Iterator[Phrase]]:
    """What is missing before the planned segments (or `only` that one), and their `services`, may carry traffic."""

    def lacks(work: Work[W]) -> Iterator[Phrase]:
        planned = plan(work)
        wanted = [s for s in planned.segments if only is None or s.name == only(work)]
        missing = [phrase for s in wanted for phrase in gate(planned, s, work.members).missing]
        if services:
            missing += [phrase for s in wanted for phrase in lacking_services(work, planned, s, s.services)]
        yield from dict.fromkeys(missing)

    return lacks


def gate_step(lacks: Callable[[Work[W]], Iterator[Phrase]]) -> Step[W]:
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
