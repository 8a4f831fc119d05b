"""The blast radius of a router, a line, a hub or a provider: which sites it hits, how hard, and whom to tell."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from linjevakt.model import lookup
from linjevakt.model.dossier import Dossier
from linjevakt.model.inventory import Inventory, Line, Organisation, Site
from linjevakt.model.saying import Saying

What = Literal["router", "line", "hub", "provider"]
Outcome = Literal["out", "other line"]
Lost = Callable[[Site], tuple[Line, ...]]
Fails = Callable[[str, Line], bool]


@dataclass(frozen=True)
class Hit:
    """One site: `out` when nothing is left that could carry its traffic; `lines` are those that it loses.

    `organisations` begins with the owner: an outage of one router hits all who share it (domain.md section 6).
    """

    site: str
    router: str
    outcome: Outcome
    lines: tuple[str, ...]
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True)
class Reach:
    """What is hit when the thing named fails, sites that are out first."""

    what: What
    name: str
    hits: tuple[Hit, ...]

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """Everyone hit, each once."""
        return tuple({member.number: member for hit in self.hits for member in hit.organisations}.values())


def of_router(inventory: Inventory, name: str) -> Reach:
    """A router that fails; a hub's takes every site behind it along. Raises NotFoundError."""
    inventory.router(name)
    return _reach(inventory, "router", name, _lost_with(inventory, name))


def of_hub(inventory: Inventory, name: str) -> Reach:
    """A hub that fails. Raises NotFoundError."""
    if not inventory.is_hub(name):
        raise lookup.no_hub(name, (hub.router.name for hub in inventory.installation.hubs))
    return _reach(inventory, "hub", name, _lost_with(inventory, name))


def of_line(inventory: Inventory, name: str) -> Reach:
    """A line that fails, named as ROUTER.LINE. Raises NotFoundError."""
    lines = [f"{router}.{line.name}" for router, line in _lines(inventory)]
    if name not in lines:
        raise lookup.no_line(name, lines)
    return _reach(inventory, "line", name, _lost_by(inventory, lambda router, line: f"{router}.{line.name}" == name))


def of_provider(inventory: Inventory, name: str) -> Reach:
    """Every line of a provider, upper and lower case alike. Raises NotFoundError."""
    known = {line.provider.casefold(): line.provider for _, line in _lines(inventory)}
    wanted = name.casefold()
    if wanted not in known:
        raise lookup.no_provider(name, known.values())
    lost = _lost_by(inventory, lambda _router, line: line.provider.casefold() == wanted)
    return _reach(inventory, "provider", known[wanted], lost)


def of(inventory: Inventory, what: What, name: str) -> Reach:
    """What is hit when that fails. Raises NotFoundError."""
    found = {"router": of_router, "line": of_line, "hub": of_hub, "provider": of_provider}
    return found[what](inventory, name)


def members(site: Site) -> tuple[str, ...]:
    """The numbers of a connection's organisations: the owner, then those who share, each once."""
    return tuple(dict.fromkeys([site.owner, *(segment.organisation for segment in site.segments)]))


def touched(router: Dossier) -> tuple[str, ...]:
    """Whom a change of a router touches: organisations with the number to call, or all sites behind a hub."""
    if router.behind:
        return (Saying("all {number} sites behind {hub}", number=router.behind, hub=router.name),)
    return tuple(map(_with_contact, router.members.values()))


def _with_contact(organisation: Organisation) -> str:
    contacts = ", ".join(f"{contact.name} {contact.phone}" for contact in organisation.contacts)
    return f"{organisation.name} ({contacts})" if contacts else organisation.name


def _lost_with(inventory: Inventory, router: str) -> Lost:
    """Every line of the router's own site, or of all sites behind it."""

    def lost(site: Site) -> tuple[Line, ...]:
        return site.lines if router in {site.router.name, inventory.hub_of(site).router.name} else ()

    return lost


def _lost_by(inventory: Inventory, fails: Fails) -> Lost:
    """The lines that fail; every line where the hub's own fails."""
    hubs = {hub.router.name for hub in inventory.installation.hubs if fails(hub.router.name, hub.line)}

    def lost(site: Site) -> tuple[Line, ...]:
        is_out = inventory.hub_of(site).router.name in hubs
        return tuple(line for line in site.lines if is_out or fails(site.router.name, line))

    return lost


def _reach(inventory: Inventory, what: What, name: str, lost: Lost) -> Reach:
    """A connection that has ended carries nothing that could be hit."""
    going = ((site, lost(site)) for site in inventory.sites if site.ended is None)
    hits = [_hit(site, inventory.members, lines) for site, lines in going if lines]
    return Reach(what, name, tuple(sorted(hits, key=lambda hit: (hit.outcome != "out", hit.site))))


def _hit(site: Site, known: Mapping[str, Organisation], lost: tuple[Line, ...]) -> Hit:
    return Hit(
        site=site.key,
        router=site.router.name,
        outcome="out" if len(lost) == len(site.lines) else "other line",
        lines=tuple(line.name for line in lost),
        organisations=tuple(known[number] for number in members(site)),
    )


def _lines(inventory: Inventory) -> Iterator[tuple[str, Line]]:
    for hub in inventory.installation.hubs:
        yield hub.router.name, hub.line
    for site in inventory.sites:
        for line in site.lines:
            yield site.router.name, line
