"""Revocation in force: whoever authenticates a revoked box gets the list, and it is read back which list each one runs.

Hubs authenticate sites, and sites their hub: hubs have to refuse everyone on the list, sites the hubs on it.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from linjevakt.model.errors import BusyError, LinjevaktError, LockedError, apart
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import Certificate, DeviceIdentity, SeenList, ShutOut, Stage, Standing
from linjevakt.model.saying import Saying, together, word
from linjevakt.provisioning.fleet import Fleet

REVERT_IN_S: Final = 60
_PATIENCE_S: Final = 40.0  # for whoever else just pushes to the router
_PAUSE_S: Final = 2.0
_AT_ONCE: Final = 8  # routers; a thousand sites that must refuse a hub take ten minutes
_NAMED: Final = 5  # routers that one sentence names


@dataclass(frozen=True)
class Refusal:
    """One revoked certificate that has not ended; when each router that must refuse it was seen to, or not yet."""

    certificate: Certificate
    in_force: dict[str, datetime]
    waiting: dict[str, datetime | None]


@dataclass(frozen=True)
class Waiting:
    """A router that does not refuse all whom it must, and why it was not told."""

    router: str
    reason: str


def refusals(fleet: Fleet, latest: int | None = None) -> tuple[Refusal, ...]:
    """Every revoked certificate that has not ended (so many of them), as last seen of those who must refuse it.

    The latest first.
    """
    seen, duties = {one.router: one for one in fleet.store.certificates.seen_lists()}, _duties(fleet)
    found = fleet.store.certificates.revoked(living_at=fleet.now, latest=latest)
    return tuple(_refusal(one, duties, seen) for one in reversed(found))


def standing(fleet: Fleet, routers: Collection[str] | None = None) -> Standing:
    """Who is shut out, and how many revoked certificates each router was not seen to refuse; no router is asked.

    `routers`: of these alone, and of hubs whether they are shut out; that costs as much as there are of them, as long
    as no hub is.
    """
    there = fleet.hubs()
    stages = fleet.store.devices.stages(None if routers is None else {*routers, *there})
    gone = frozenset(router for router, stage in stages.items() if stage is Stage.SHUT_OUT)
    judges = None if gone.intersection(there) else {*routers, *there} if gone and routers is not None else routers
    lacking = _lacking(fleet, judges)
    shut_out = {one.router: _shut_out(fleet, one, lacking) for one in fleet.store.devices.all(gone)}
    unrefused = {name: len(whom) for name, whom in lacking.items() if whom and (routers is None or name in routers)}
    return Standing(shut_out, dict.fromkeys(_homes(there, stages), 0) | unrefused)


def hubs(fleet: Fleet) -> tuple[str, ...]:
    """Those that a box may try to come home to: staged, and not shut out.

    Where all are shut out nobody refuses anyone, and that must show: then it is those.
    """
    there = fleet.hubs()
    return _homes(there, fleet.store.devices.stages(there))


def judges(fleet: Fleet, certificates: Iterable[Certificate]) -> tuple[str, ...]:
    """Who must refuse these certificates once they are revoked: hubs, and for a hub's the sites."""
    return hubs(fleet) + (_sites(fleet) if any(one.is_of_hub for one in certificates) else ())


def unseen(fleet: Fleet) -> tuple[str, ...]:
    """Who was not seen to refuse all whom it must, hubs first."""
    return _unseen(fleet, _duties(fleet))


def behind(fleet: Fleet) -> tuple[str, ...]:
    """As `unseen`, without those that cannot be told yet (`_held`)."""
    held = _held(fleet)
    return tuple(router for router in unseen(fleet) if router not in held)


def enforce(
    fleet: Fleet,
    heard: Callable[[str], None] = lambda _step: None,
    *,
    only: Iterable[str] | None = None,
    patience_s: float = _PATIENCE_S,
) -> tuple[Waiting, ...]:
    """Brings the list to whom it concerns (`only` those), and reads back that they run it; answers where not yet.

    One that runs it is only asked, and a site that was seen to not even that. Nothing but trust is pushed: other
    changes go on waiting.
    """
    duties, held = _duties(fleet), _held(fleet)
    names = _wanting(fleet, duties) if only is None else tuple(name for name in only if name in duties)

    def brought(router: str) -> str:
        return held.get(router) or _brought(fleet, router, duties[router], heard, patience_s)

    if not names:
        return ()
    with ThreadPoolExecutor(_AT_ONCE, "revocation") as pool:
        reasons = zip(names, pool.map(brought, names), strict=True)
        return tuple(Waiting(router, apart(router, reason)) for router, reason in reasons if reason)


def ask(fleet: Fleet) -> tuple[Waiting, ...]:
    """Asks every hub whom it refuses, and writes it down; answers those that could not be asked, and why."""
    silent = []
    for hub in hubs(fleet):
        try:
            fleet.doors.read_list(hub)
        except LinjevaktError as error:
            silent.append(Waiting(hub, apart(hub, Saying("{}", error))))
    return tuple(silent)


def told(waiting: Collection[Waiting]) -> Phrase:
    """One sentence about those that were not told."""
    where = named(waiting)
    nb = f"tilbakekalt, men gjelder IKKE ENNÅ på {where.said('nb')}"
    return Phrase(nb=nb, en=f"revoked, but NOT YET in force on {where}")


def named(waiting: Collection[Waiting]) -> Saying:
    """The first few with their reasons, and how many others there are."""
    some = [Saying("{} ({})", one.router, one.reason.rstrip(".")) for one in islice(waiting, _NAMED)]
    more = [Saying("+ {}", len(waiting) - _NAMED)] if len(waiting) > _NAMED else []
    return together("; ", some + more)


def _shut_out(fleet: Fleet, device: DeviceIdentity, lacking: Mapping[str, frozenset[str]]) -> ShutOut:
    """The certificates of its box tell when: pinning is older, and a renewal is not allowed any more."""
    theirs = {one.serial: one.revoked for one in fleet.store.certificates.all(box=device.serial)}
    since = max((revoked for revoked in theirs.values() if revoked), default=None)
    return ShutOut(device.router, since, tuple(by for by, whom in lacking.items() if whom & theirs.keys()))


def _homes(there: Iterable[str], stages: Mapping[str, Stage]) -> tuple[str, ...]:
    """See `hubs`."""
    names = [hub for hub in there if hub in stages]
    return tuple(name for name in names if stages[name] is not Stage.SHUT_OUT) or tuple(names)


def _lacking(fleet: Fleet, routers: Collection[str] | None) -> Mapping[str, frozenset[str]]:
    """By router, the serial numbers that it must refuse and was not seen to; of these alone."""
    duties = _duties(fleet, routers)
    seen = {one.router: one.serials for one in fleet.store.certificates.seen_lists(duties)}
    return {router: whom - seen.get(router, frozenset()) for router, whom in duties.items()}


def _duties(fleet: Fleet, routers: Collection[str] | None = None) -> Mapping[str, frozenset[str]]:
    """By router, hubs first, the serial numbers that it must refuse; nobody is in it who need not refuse anyone.

    A site's router that was never pushed to gets the list with its first push. `routers`: of these alone.
    """
    names = [hub for hub in hubs(fleet) if routers is None or hub in routers]
    living = fleet.store.certificates.revoked_serials(fleet.now) if names else frozenset()
    of_hubs = fleet.store.certificates.revoked_hubs(fleet.now)
    sites = _sites(fleet, routers) if of_hubs else ()
    return (dict.fromkeys(names, living) if living else {}) | dict.fromkeys(sites, of_hubs)


def _held(fleet: Fleet) -> Mapping[str, str]:
    """Who cannot be told now, and why: a hub that is shut out, and a site that would have no hub any more."""
    stolen = {hub: _replacing(hub) for hub in hubs(fleet) if fleet.boxes.is_shut_out(hub)}
    without = fleet.boxes.find_without_hub().items()
    return stolen | {site: Saying("told as soon as {hub} is pushed to", hub=hub) for site, hub in without}


def _replacing(hub: str) -> Saying:
    return Saying(
        "its box is shut out: `linjevakt router stage {hub} --identity FILE` with another one's, then `push {hub}`",
        hub=hub,
    )


def _sites(fleet: Fleet, routers: Collection[str] | None = None) -> tuple[str, ...]:
    stages = fleet.store.devices.stages(routers)
    named = (site.router.name for site in fleet.inventory.sites)
    return tuple(name for name in named if stages.get(name) is Stage.LIVE)


def _unseen(fleet: Fleet, duties: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    seen = {one.router: one.serials for one in fleet.store.certificates.seen_lists()}
    return tuple(router for router, whom in duties.items() if not whom <= seen.get(router, frozenset()))


def _wanting(fleet: Fleet, duties: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Every hub, which may have been given another list behind our back, and the sites that were not seen to refuse."""
    return tuple(dict.fromkeys((*(hub for hub in hubs(fleet) if hub in duties), *_unseen(fleet, duties))))


def _refusal(one: Certificate, duties: Mapping[str, frozenset[str]], seen: Mapping[str, SeenList]) -> Refusal:
    known = {router: seen.get(router) for router, whom in duties.items() if one.serial in whom}
    in_force = {router: found.seen for router, found in known.items() if found and one.serial in found.serials}
    waiting = {router: found.seen if found else None for router, found in known.items() if router not in in_force}
    return Refusal(one, in_force, waiting)


def _brought(fleet: Fleet, router: str, whom: frozenset[str], heard: Callable[[str], None], patience_s: float) -> str:
    """Empty when the router was seen to refuse all of them; else why it does not."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            fleet.stop.check(said=Saying("not told"))
            return _bring(fleet, router, whom, heard)
        except (BusyError, LockedError) as error:
            if time.monotonic() >= ends:
                return Saying("{}", error)
            time.sleep(_PAUSE_S)
        except LinjevaktError as error:
            return Saying("{}", error)


def _bring(fleet: Fleet, router: str, whom: frozenset[str], heard: Callable[[str], None]) -> str:
    heard(Saying("{router}: whom it refuses", router=router))
    if whom <= fleet.doors.read_list(router).serials:
        return ""
    result = fleet.pushing.push_trust(
        router, REVERT_IN_S, lambda step: heard(Saying("{}: {}", router, step)), "revocation"
    )
    if whom <= fleet.doors.read_list(router).serials:
        return ""
    return Saying("{}: {}", word(result.state), result.reason)
