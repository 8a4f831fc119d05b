"""Rules about ordered services: known, reachable, fast enough, and their prerequisites in place."""

from collections.abc import Iterator

from linjevakt.model.catalogue import Service
from linjevakt.model.inventory import Segment, Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.rules.base import Facts, Finding, Findings, Rule, Where
from linjevakt.model.saying import Saying
from linjevakt.model.services import figure, guaranteed_mbit, unrecorded


def services_are_known(facts: Facts) -> Findings:
    """An ordered service is in the catalogue."""
    for where, _, _, key in _orders(facts):
        if key not in facts.catalogue:
            remedy = did_you_mean(key, facts.catalogue, Saying("Name one of: {}", ", ".join(sorted(facts.catalogue))))
            yield Finding(where, Saying("service {!r} is unknown", key), remedy)


def addresses_are_given(facts: Facts) -> Findings:
    """The installation has an address for every service that the rows of ordered services name."""
    known = {service.key for service in facts.inventory.installation.endpoints}
    ordered = {key for _, _, _, key in _orders(facts)}
    for key in sorted(ordered & facts.catalogue.keys()):
        for name in sorted(_names(facts.catalogue[key]) - known):
            message = Saying("service {!r}, which {!r} of the catalogue needs, has no address", name, key)
            remedy = did_you_mean(name, known, Saying("Add a row with `key: {}`", name))
            yield Finding(("installation", "services"), message, remedy)


def capacity_suffices(facts: Facts) -> Findings:
    """A segment's guaranteed share of the first-choice line carries each of its services, both ways."""
    for where, site, segment, key in _orders(facts):
        needed = facts.catalogue[key].minimum_mbit if key in facts.catalogue else 0
        given = guaranteed_mbit(site, segment)
        if given < needed:
            message = Saying(
                "service {service!r} needs {needed} Mbit/s both ways; the segment's share of the line is {given}",
                service=key,
                needed=figure(needed),
                given=figure(given),
            )
            remedy = Saying("Order a faster line, give the segment a larger share, or drop the service")
            yield Finding(where, message, remedy)


def prerequisites_are_in_place(facts: Facts) -> Findings:
    """What the service requires of the segment's organisation is recorded (domain.md section 9).

    Whether it holds on a given day is `model.services.lacking`'s to say, when something is ordered.
    """
    for where, _, segment, key in _orders(facts):
        organisation = facts.organisations.get(segment.organisation)
        if organisation and key in facts.catalogue:
            missing = unrecorded(organisation, facts.catalogue[key])
            if missing:
                message = Saying("service {!r} requires of {}: {}", key, organisation.name, ", ".join(missing))
                remedy = Saying("Record it in organisations.yaml or with `linjevakt org set`, or drop the service")
                yield Finding(where, message, remedy)


def _names(row: Service) -> set[str]:
    """The keys of the installation's services that a row names."""
    probed = {row.probe.server} if row.probe and row.probe.server else set()
    return {flow.to for flow in row.flows} | probed


def _orders(facts: Facts) -> Iterator[tuple[Where, Site, Segment, str]]:
    for n, site in enumerate(facts.inventory.sites):
        for m, segment in enumerate(site.segments):
            for k, key in enumerate(segment.services):
                yield ("sites", n, "segments", m, "services", k), site, segment, key


EACH: tuple[Rule, ...] = (services_are_known, addresses_are_given, capacity_suffices)
NAMED: tuple[Rule, ...] = (prerequisites_are_in_place,)
