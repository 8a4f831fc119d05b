"""Rules about names that other programs keep for themselves, and about numbers to call."""

from collections.abc import Iterator
from typing import Final

from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Contact, Line
from linjevakt.model.rules.base import Facts, Finding, Findings, Rule, Where
from linjevakt.model.saying import Saying

RESERVED: Final = frozenset(
    {"all", "any", "default", "false", "group", "host", "localhost", "no", "none", "null", "off", "on", "self", "true"}
    | {"ungrouped", "yes"}
)
"""Ansible: all, ungrouped, localhost, group, host; Nornir: defaults; strongSwan: any, none; YAML: null, yes, no..."""

_DIGITS: Final = (4, 15)  # the shortest numbers in use; E.164


def names_are_free(facts: Facts) -> Findings:
    """No router, site, segment, pool or service is called what other programs take for something else."""
    for where, name in _names(facts):
        if name in RESERVED:
            message = Saying("{!r} means something else to Ansible, Nornir or YAML", name)
            yield Finding(where, message, Saying("Choose another name, such as one with the place in it"))


def phones_have_digits(facts: Facts) -> Findings:
    """Someone can be called there."""
    for where, phone in _phones(facts):
        digits = sum(letter.isdigit() for letter in phone)
        if not _DIGITS[0] <= digits <= _DIGITS[1] or phone != phone.strip():
            fewest, most = _DIGITS
            remedy = Saying("Use {fewest} to {most} digits, and spaces only between them", fewest=fewest, most=most)
            yield Finding(where, _no_phone(phone, digits), remedy)


def _no_phone(phone: str, digits: int) -> Saying:
    if digits == 1:
        return Saying("{phone!r} is no phone number: it has 1 digit", phone=phone)
    return Saying("{phone!r} is no phone number: it has {digits} digits", phone=phone, digits=digits)


def _names(facts: Facts) -> Iterator[tuple[Where, str]]:
    installation = facts.inventory.installation
    for n, hub in enumerate(installation.hubs):
        yield ("installation", "hubs", n, "router", "name"), hub.router.name
    for n, service in enumerate(installation.endpoints):
        yield ("installation", "services", n, "key"), service.key
    for n, pool in enumerate(installation.pools):
        yield ("installation", "pools", n, "key"), pool.key
    for n, site in enumerate(facts.inventory.sites):
        yield ("sites", n, "site", "key"), site.key
        yield ("sites", n, "router", "name"), site.router.name
        for m, segment in enumerate(site.segments):
            yield ("sites", n, "segments", m, "name"), segment.name


def _phones(facts: Facts) -> Iterator[tuple[Where, str]]:
    yield ("installation", "support_phone"), facts.inventory.installation.support_phone
    owners: list[tuple[Where, Noun]] = [(where, line) for where, _router, line in facts.lines()]
    for n, organisation in enumerate(facts.inventory.organisations):
        where: Where = ("organisations", n)
        owners += [((*where, "contacts", m), contact) for m, contact in enumerate(organisation.contacts)]
        owners += [((*where, "administrator"), organisation.administrator)] if organisation.administrator else []
    for where, owner in owners:
        if isinstance(owner, Contact):
            yield (*where, "phone"), owner.phone
        elif isinstance(owner, Line) and owner.fault_phone is not None:
            yield (*where, "fault_phone"), owner.fault_phone


EACH: tuple[Rule, ...] = (names_are_free, phones_have_digits)
