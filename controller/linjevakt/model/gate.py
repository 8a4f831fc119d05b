"""The gate: whether a segment may carry traffic, computed from what is in place, with what is missing as sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from linjevakt.model.inventory import Inventory, LineKind, Organisation, Segment, Site
from linjevakt.model.phrase import Phrase

_AGREEMENTS: Mapping[str, Phrase] = {
    "terms": Phrase(nb="medlemsvilkårene", en="the membership terms"),
    "data_processing": Phrase(nb="databehandleravtalen", en="the data-processing agreement"),
    "customer": Phrase(nb="kundeavtalen", en="the customer agreement"),
}


@dataclass(frozen=True)
class Gate:
    """One segment's gate; open when nothing is missing."""

    site: str
    segment: str
    organisation: str
    missing: tuple[Phrase, ...]

    @property
    def open(self) -> bool:
        """Whether the segment may carry traffic."""
        return not self.missing


def gates(inventory: Inventory) -> Iterator[Gate]:
    """Every segment's gate."""
    for site in inventory.sites:
        for segment in site.segments:
            yield gate(site, segment, inventory.members)


def gates_of(inventory: Inventory, member: str) -> Iterator[Gate]:
    """The gates of a member's own segments."""
    for site in inventory.sites_of(member):
        for segment in site.segments:
            if segment.organisation == member:
                yield gate(site, segment, inventory.members)


def gate(site: Site, segment: Segment, known: Mapping[str, Organisation]) -> Gate:
    """One segment's gate (domain.md sections 3, 6, 7, 8); `known`: the organisations by number.

    What concerns the connection (its owner's membership, its subscriptions, its end) closes every segment; what
    concerns one member closes that member's segment only.
    """
    owner, member = known[site.owner], known[segment.organisation]
    missing = [*of_site(site, owner), *of_member(member)]
    if member.number != owner.number:
        missing += _sharing(site, owner, member)
    return Gate(site.key, segment.name, member.number, tuple(dict.fromkeys(missing)))


def open_segments(site: Site, known: Mapping[str, Organisation]) -> tuple[Segment, ...]:
    """The segments that may carry traffic."""
    return tuple(segment for segment in site.segments if gate(site, segment, known).open)


def of_membership(member: Organisation) -> Iterator[Phrase]:
    """What a member lacks to be one."""
    for name in member.membership.missing:
        what = _AGREEMENTS[name]
        yield Phrase(
            nb=f"{member.name} har ikke godtatt {what.nb}. Daglig leder eller en med signaturrett må gjøre det.",
            en=f"{member.name} has not accepted {what.en}. The general manager or someone with signature right must.",
        )
    if ended := member.membership.ended:
        yield Phrase(
            nb=f"Medlemskapet til {member.name} ble avsluttet {ended:%d.%m.%Y}.",
            en=f"The membership of {member.name} ended on {ended}.",
        )


def of_member(member: Organisation) -> Iterator[Phrase]:
    """What keeps a member's own segments closed."""
    yield from of_membership(member)
    if frozen := member.membership.frozen:
        yield Phrase(
            nb=f"{member.name} har vært fryst siden {frozen.since:%d.%m.%Y}. Gjenåpning må bestilles.",
            en=f"{member.name} has been frozen since {frozen.since}. Reopening must be ordered.",
        )
    for exclusion in member.exclusions:
        if exclusion.service is None:
            yield Phrase(
                nb=f"{member.name} har vært utestengt siden {exclusion.since:%d.%m.%Y}: {exclusion.reason}.",
                en=f"{member.name} has been excluded since {exclusion.since}: {exclusion.reason}.",
            )


def of_site(site: Site, owner: Organisation) -> Iterator[Phrase]:
    """What keeps a whole connection closed."""
    yield from of_membership(owner)
    if site.ended:
        yield Phrase(
            nb=f"Tilknytningen {site.key} ble sagt opp og avsluttet {site.ended:%d.%m.%Y}.",
            en=f"The connection {site.key} was terminated and ended on {site.ended}.",
        )
    for line in site.lines:
        if line.kind is LineKind.OWN_ISP and not line.business:
            yield Phrase(
                nb=f"Linjen {line.name} fra {line.provider} er ikke et bedriftsabonnement. Det må eieren bestille.",
                en=f"The line {line.name} of {line.provider} is not a business subscription. The owner must order one.",
            )


def _sharing(site: Site, owner: Organisation, member: Organisation) -> Iterator[Phrase]:
    if member.number not in {sharing.organisation for sharing in site.sharing}:
        yield Phrase(
            nb=f"{owner.name}, som eier linjen, har ikke bekreftet skriftlig at {member.name} deler den.",
            en=f"{owner.name}, who owns the line, has not confirmed in writing that {member.name} shares it.",
        )
