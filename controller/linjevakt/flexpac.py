"""The PAC file as the platforms' templates make it for a set of services, tried against the catalogue's own tables."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from pathlib import Path

from linjevakt import intent, inventory, pac, platforms, render
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.intent import PacIntent
from linjevakt.model.inventory import Endpoint, Installation
from linjevakt.model.platform import Platform
from linjevakt.model.rules.base import Finding, Where
from linjevakt.model.saying import Saying

_PROXY = "PROXY "
_FIRST_MADE_UP = IPv4Address("10.255.1.0")


def lint(catalogue: Catalogue, templates: Path | None = None) -> list[Finding]:
    """What the rows' proxy rules do wrong in a real JavaScript engine; `where` begins with the row's key.

    Each row's table is tried on the file of that row and the internet, and on the one of all services together, on
    every platform that serves one. Its rules stand alone: no domain that goes direct anyhow helps them.
    Raises TemplateError for a template that is broken.
    """
    everywhere = installation(catalogue).model_copy(update={"inside_domains": ()})
    found = [
        finding
        for platform in serving(templates)
        for keys in _combinations(catalogue)
        for finding in _tried(everywhere, catalogue, keys, platform)
    ]
    return list(dict.fromkeys(found))


def serving(templates: Path | None = None) -> tuple[Platform, ...]:
    """The platforms whose routers serve a PAC file."""
    return tuple(platform for platform in platforms.every(templates).values() if platform.pac)


def installation(catalogue: Catalogue) -> Installation:
    """The synthetic installation, with a made-up address for every name in the rows that it has none for."""
    synthetic = inventory.generate(1).installation
    known = {service.key for service in synthetic.endpoints}
    names = sorted({flow.to for row in catalogue.values() for flow in row.flows} - known)
    services = (Endpoint(key=name, address=_FIRST_MADE_UP + n) for n, name in enumerate(names))
    return synthetic.model_copy(update={"endpoints": (*synthetic.endpoints, *services)})


def _combinations(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    internet = [key for key, row in catalogue.items() if row.takes_internet]
    for key, row in catalogue.items():
        if row.pac_tests:
            yield tuple(dict.fromkeys([key, *internet]))
    yield tuple(catalogue)


def _tried(where: Installation, catalogue: Catalogue, keys: tuple[str, ...], platform: Platform) -> Iterator[Finding]:
    """`keys`: the services that are ordered together; what is wrong with the file as a whole is the first one's."""
    wanted = intent.pac(where, catalogue, keys)
    text = render.pac_file(wanted, platform)
    faults = pac.lint(text, _proxies(wanted), [case.url for case in wanted.cases])
    for fault in faults:
        message = Saying(
            "{file} of {platform} is wrong: {fault}", file=platform.pac, platform=platform.name, fault=fault
        )
        yield Finding((keys[0], "pac"), message, _remedy(platform))
    if not faults:
        places = ((key, "pac_tests", n) for key in keys for n, _ in enumerate(catalogue[key].pac_tests))
        yield from _unsatisfied(wanted, text, places, platform)


def _remedy(platform: Platform) -> Saying:
    return Saying("Correct the row, or the platform's template {file}.j2", file=platform.pac)


def _unsatisfied(wanted: PacIntent, text: str, places: Iterable[Where], platform: Platform) -> Iterator[Finding]:
    for place, case in zip(places, wanted.cases, strict=True):
        answer = pac.evaluate(text, case.url)
        if answer != case.answer:
            message = Saying(
                "{file} of {platform} answers {answer!r} for {url}, not {wanted!r}",
                file=platform.pac,
                platform=platform.name,
                answer=answer,
                url=case.url,
                wanted=case.answer,
            )
            yield Finding(place, message, _remedy(platform))


def _proxies(wanted: PacIntent) -> set[str]:
    answers = [wanted.answer, *(rule.answer for rule in wanted.rules)]
    doors = [door.strip() for answer in answers for door in answer.split(";")]
    return {door.removeprefix(_PROXY) for door in doors if door.startswith(_PROXY)}
