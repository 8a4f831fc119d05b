"""Rules about a site's LANs: ports, names, shares of the line, room for clients."""

from linjevakt.model.inventory import Site
from linjevakt.model.rules.base import Alone, Finding, Findings, repeated
from linjevakt.model.saying import Saying

_LONGEST_PREFIX = 30  # the router and one client


def ports_are_no_lines(site: Site) -> Findings:
    """An interface is a line or a LAN port, not both."""
    ports = {port: line.name for line in site.lines for port in (line.port, line.name)}
    for n, segment in enumerate(site.segments):
        if segment.port in ports:
            message, line = Saying("{} is a line of this router", segment.port), ports[segment.port]
            told = Saying("{} ({})", message, line) if segment.port != line else message
            yield Finding(("segments", n, "port"), told, Saying("Name a LAN port"))


def ports_are_used_once(site: Site) -> Findings:
    """Two segments on one port have different VLANs."""
    items = (
        (("segments", n, "port"), segment.interface, Saying("segment {}", segment.name))
        for n, segment in enumerate(site.segments)
    )
    return repeated(items, Saying("the port"), Saying("Give it another port, or a VLAN of its own (`vlan:`)"))


def segment_names_are_unique(site: Site) -> Findings:
    """One segment a name."""
    items = (
        (("segments", n, "name"), segment.name, Saying("the segment on {}", segment.interface))
        for n, segment in enumerate(site.segments)
    )
    return repeated(items, Saying("the segment name"), Saying("Choose another name"))


def shares_fit(site: Site) -> Findings:
    """The guaranteed shares of a line make 100 % at most."""
    total = sum(segment.share for segment in site.segments)
    if total > 100:  # noqa: PLR2004 per cent
        message = Saying("the shares of the line make {total} %", total=total)
        yield Finding(("segments",), message, Saying("Set `share:` so that they make 100"))


def clients_have_room(site: Site) -> Findings:
    """A segment has an address for the router and at least one for DHCP."""
    for n, segment in enumerate(site.segments):
        if segment.prefix.prefixlen > _LONGEST_PREFIX:
            message = Saying("{} has no address left for a client", segment.prefix)
            yield Finding(("segments", n, "prefix"), message, Saying("Use a /{} or larger", _LONGEST_PREFIX))


def services_are_named_once(site: Site) -> Findings:
    """A segment orders a service once."""
    for n, segment in enumerate(site.segments):
        items = ((("segments", n, "services", m), key, Saying("a row above")) for m, key in enumerate(segment.services))
        yield from repeated(items, Saying("the service"), Saying("Remove one of the two"))


def blocked_ports_have_protocol(site: Site) -> Findings:
    """Only TCP and UDP have ports."""
    for n, segment in enumerate(site.segments):
        for m, block in enumerate(segment.blocks):
            if block.ports and block.protocol == "any":
                where = ("segments", n, "blocks", m, "ports")
                message = Saying("ports without a protocol block nothing")
                yield Finding(where, message, Saying("Set `protocol: tcp` or `udp`"))


ALONE: tuple[Alone, ...] = (
    ports_are_no_lines,
    ports_are_used_once,
    segment_names_are_unique,
    shares_fit,
    clients_have_room,
    services_are_named_once,
    blocked_ports_have_protocol,
)
