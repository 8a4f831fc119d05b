"""What stands between a member and a service: prerequisites, exclusions, capacity (domain.md sections 8 and 9)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from linjevakt.model.catalogue import Prerequisite, Service
from linjevakt.model.gate import of_member
from linjevakt.model.inventory import Organisation, Segment, Site
from linjevakt.model.phrase import Phrase

_RECORDED: Mapping[Prerequisite, Callable[[Organisation], object]] = {
    Prerequisite.HER_ID: lambda member: member.her_id,
    Prerequisite.RECORD_SYSTEM: lambda member: member.record_system,
    Prerequisite.ENTERPRISE_CERTIFICATE: lambda member: member.enterprise_certificate,
}
_ABSENT: Mapping[Prerequisite, Phrase] = {
    Prerequisite.HER_ID: Phrase(
        nb="har ingen HER-id. Den må registreres i Adresseregisteret først.",
        en="has no HER id. It must be registered in the address register first.",
    ),
    Prerequisite.RECORD_SYSTEM: Phrase(
        nb="har ikke oppgitt et godkjent journalsystem.", en="has named no approved record system."
    ),
    Prerequisite.ENTERPRISE_CERTIFICATE: Phrase(
        nb="har ikke oppgitt noe virksomhetssertifikat.", en="has named no enterprise certificate."
    ),
}


def lacking(member: Organisation, row: Service, site: Site, segment: Segment, today: date) -> tuple[Phrase, ...]:
    """Why the member may not order the service for the segment today: a sentence each; empty when it may."""
    found = [*_exclusions(member, row), *_prerequisites(member, row, today), *_capacity(row, site, segment)]
    return tuple(dict.fromkeys(found))


def unrecorded(member: Organisation, row: Service) -> tuple[Prerequisite, ...]:
    """What the row requires of a member and the inventory holds nothing about, whatever day it is."""
    return tuple(need for need in row.requires if need in _RECORDED and not _RECORDED[need](member))


def guaranteed_mbit(site: Site, segment: Segment) -> float:
    """What the segment always has both ways, in Mbit/s: its share of the first-choice line's slower direction."""
    if not site.lines:
        return 0
    first = min(site.lines, key=lambda line: line.priority)
    return min(first.up_mbit, first.down_mbit) * segment.share / 100


def _exclusions(member: Organisation, row: Service) -> Iterator[Phrase]:
    for exclusion in member.exclusions:
        if exclusion.service == row.key:
            yield Phrase(
                nb=f"{member.name} har vært utestengt fra {row.title.nb} siden {exclusion.since:%d.%m.%Y}: "
                f"{exclusion.reason}.",
                en=f"{member.name} has been excluded from {row.title.en} since {exclusion.since}: {exclusion.reason}.",
            )


def _prerequisites(member: Organisation, row: Service, today: date) -> Iterator[Phrase]:
    if Prerequisite.MEMBERSHIP in row.requires:
        yield from of_member(member)
    for need in unrecorded(member, row):
        yield Phrase(nb=f"{member.name} {_ABSENT[need].nb}", en=f"{member.name} {_ABSENT[need].en}")
    if Prerequisite.ENTERPRISE_CERTIFICATE in row.requires:
        yield from _expired_certificate(member, today)
    if Prerequisite.APPROVED_SUPPLIER in row.requires:
        yield from _supplier(row, today)


def _expired_certificate(member: Organisation, today: date) -> Iterator[Phrase]:
    last = member.enterprise_certificate
    if last and last < today:
        yield Phrase(
            nb=f"Virksomhetssertifikatet til {member.name} gikk ut {last:%d.%m.%Y}. Det må fornyes.",
            en=f"The enterprise certificate of {member.name} expired on {last}. It must be renewed.",
        )


def _supplier(row: Service, today: date) -> Iterator[Phrase]:
    supplier = row.supplier
    if supplier is None or today < supplier.approved:
        yield Phrase(
            nb=f"Leverandøren av {row.title.nb} er ikke godkjent.",
            en=f"The supplier of {row.title.en} is not approved.",
        )
    elif supplier.agreement_until and supplier.agreement_until < today:
        yield Phrase(
            nb=f"Avtalen med leverandøren {supplier.name} gikk ut {supplier.agreement_until:%d.%m.%Y}.",
            en=f"The agreement with the supplier {supplier.name} ended on {supplier.agreement_until}.",
        )


def _capacity(row: Service, site: Site, segment: Segment) -> Iterator[Phrase]:
    given = guaranteed_mbit(site, segment)
    needed, sure = figure(row.minimum_mbit), figure(given)
    if given < row.minimum_mbit:
        yield Phrase(
            nb=f"{row.title.nb} trenger {needed.nb} Mbit/s begge veier; segmentet {segment.name} er sikret {sure.nb}.",
            en=f"{row.title.en} needs {needed.en} Mbit/s both ways; "
            f"the segment {segment.name} is guaranteed {sure.en}.",
        )


def figure(number: float) -> Phrase:
    """A number as people write it: `2,5` and `2.5`."""
    return Phrase(nb=f"{number:g}".replace(".", ","), en=f"{number:g}")
