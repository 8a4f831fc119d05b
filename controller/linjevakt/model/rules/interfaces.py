"""Rules about interfaces: a router's platform says what they are called, and which are not for lines or LANs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from linjevakt.model.platform import Form, Interfaces
from linjevakt.model.rules.base import Facts, Finding, Findings, Rule, Where
from linjevakt.model.saying import Saying

_NAME_A_PORT: Final = Saying("Name a line's interface or a port")
_SHOWN: Final = 60  # characters of a wrong name that a message quotes


@dataclass(frozen=True)
class _Named:
    """One name of an interface in the inventory, where it stands, and what its router's platform says of such."""

    where: Where
    name: str
    of: Interfaces
    form: Form
    wrong: Saying


def names_are_of_the_platform(facts: Facts) -> Findings:
    """A line or a port is written as its router writes it."""
    for one in _named(facts):
        if len(one.name) > one.form.longest:
            yield Finding(one.where, _too_long(one.name, one.form.longest), Saying("Shorten it"))
        elif not one.form.fits(one.name):
            message = Saying("{} {}", repr(one.name[:_SHOWN]), one.wrong)
            yield Finding(one.where, message, Saying("{}", one.form.remedy))


def interfaces_are_free(facts: Facts) -> Findings:
    """A line or a port is none of the router's own devices, nor what it calls all of them."""
    for one in _named(facts):
        if one.name in one.of.own:
            yield Finding(one.where, Saying("{} is the router's own device", one.name), _NAME_A_PORT)
        elif one.name in one.of.reserved:
            yield Finding(one.where, Saying("{!r} is no interface to the kernel", one.name), _NAME_A_PORT)


def vlans_leave_room(facts: Facts) -> Findings:
    """A VLAN's interface is called after its port, and may be too long where the port was not."""
    for n, site in enumerate(facts.inventory.sites):
        platform = facts.platforms.get(site.router.platform)
        longest = platform.interfaces.port.longest if platform else None
        for m, segment in enumerate(site.segments if longest else ()):
            if longest and segment.vlan and len(segment.interface) > longest:
                remedy = Saying("Choose a shorter name for the port")
                yield Finding(("sites", n, "segments", m, "port"), _too_long(segment.interface, longest), remedy)


def _too_long(name: str, longest: int) -> Saying:
    return Saying("{name} is longer than the {longest} characters of an interface's name", name=name, longest=longest)


def _named(facts: Facts) -> Iterator[_Named]:
    """Those of routers whose platform is known: another rule tells of the others."""
    for where, platform, name in _lines(facts):
        if found := facts.platforms.get(platform):
            yield _Named(where, name, found.interfaces, found.interfaces.line, Saying("is no name of a line"))
    for where, platform, name in _ports(facts):
        if found := facts.platforms.get(platform):
            yield _Named(where, name, found.interfaces, found.interfaces.port, Saying("is no interface name"))


def _lines(facts: Facts) -> Iterator[tuple[Where, str, str]]:
    return (((*where, "name"), router.platform, line.name) for where, router, line in facts.lines())


def _ports(facts: Facts) -> Iterator[tuple[Where, str, str]]:
    for n, hub in enumerate(facts.inventory.installation.hubs):
        yield ("installation", "hubs", n, "inside_port"), hub.router.platform, hub.inside_port
    for n, site in enumerate(facts.inventory.sites):
        for m, segment in enumerate(site.segments):
            yield ("sites", n, "segments", m, "port"), site.router.platform, segment.port


EACH: tuple[Rule, ...] = (names_are_of_the_platform, interfaces_are_free, vlans_leave_room)
