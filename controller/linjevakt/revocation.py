"""Revocation in force: hubs get the list of whom to refuse at once, and it is read back which list each one runs."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linjevakt.fleet import Fleet
from linjevakt.model.errors import BusyError, LinjevaktError, LockedError
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import Certificate, DeviceIdentity, HubList, ShutOut, Stage, Standing

REVERT_IN_S: Final = 60
_PATIENCE_S: Final = 40.0  # for whoever else just pushes to the hub
_PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class Refusal:
    """One revoked certificate that has not ended, and when each hub was last seen: refusing it, or not yet."""

    certificate: Certificate
    in_force: dict[str, datetime]
    waiting: dict[str, datetime | None]


@dataclass(frozen=True)
class Waiting:
    """A hub that does not refuse all whom it must, and why it was not told."""

    hub: str
    reason: str


def refusals(fleet: Fleet) -> tuple[Refusal, ...]:
    """Every revoked certificate that has not ended, as the hubs were last seen; the latest first."""
    lists = {seen.hub: seen for seen in fleet.store.hub_lists()}
    names = hubs(fleet)
    return tuple(_refusal(one, names, lists) for one in reversed(_living(fleet)))


def standing(fleet: Fleet) -> Standing:
    """Who is shut out, and how many revoked certificates each hub was not seen to refuse; no router is asked."""
    found = refusals(fleet)
    unrefused = Counter(hub for one in found for hub in one.waiting)
    shut_out = {
        one.router: _shut_out(fleet, one, found) for one in fleet.store.devices() if one.stage is Stage.SHUT_OUT
    }
    return Standing(shut_out, {hub: unrefused[hub] for hub in hubs(fleet)})


def hubs(fleet: Fleet) -> tuple[str, ...]:
    """Those that a box may try to come home to: staged, and not shut out.

    Where all are shut out nobody refuses anyone, and that must show: then it is those.
    """
    stages = {one.router: one.stage for one in fleet.store.devices()}
    if not stages:  # a new installation has no inventory to ask either
        return ()
    names = [hub.router.name for hub in fleet.inventory.installation.hubs if hub.router.name in stages]
    return tuple(name for name in names if stages[name] is not Stage.SHUT_OUT) or tuple(names)


def behind(fleet: Fleet) -> tuple[str, ...]:
    """The hubs that were not seen to refuse all whom they must."""
    wanted = frozenset(one.serial for one in _living(fleet))
    seen = {one.hub: one.serials for one in fleet.store.hub_lists()}
    return tuple(hub for hub in hubs(fleet) if not wanted <= seen.get(hub, frozenset()))


def enforce(
    fleet: Fleet,
    heard: Callable[[str], None] = lambda _step: None,
    *,
    only: Iterable[str] | None = None,
    patience_s: float = _PATIENCE_S,
) -> tuple[Waiting, ...]:
    """Brings every hub (`only` those) the list, and reads back that it runs it; answers those where it does not yet.

    A hub that runs it is only asked. Nothing but trust is pushed: other changes go on waiting.
    """
    names = tuple(hubs(fleet) if only is None else only)
    wanted = frozenset(one.serial for one in _living(fleet))
    if not names or not wanted:
        return ()
    with ThreadPoolExecutor(len(names), "hub") as pool:
        reasons = pool.map(lambda hub: _brought(fleet, hub, wanted, heard, patience_s), names)
        return tuple(Waiting(hub, reason) for hub, reason in zip(names, reasons, strict=True) if reason)


def ask(fleet: Fleet) -> tuple[Waiting, ...]:
    """Asks every hub whom it refuses, and writes it down; answers those that could not be asked, and why."""
    silent = []
    for hub in hubs(fleet):
        try:
            fleet.hub_list(hub)
        except LinjevaktError as error:
            silent.append(Waiting(hub, str(error)))
    return tuple(silent)


def told(waiting: Iterable[Waiting]) -> Phrase:
    """One sentence about the hubs that were not told; why is as the router or its error said it."""
    where = "; ".join(f"{one.hub} ({one.reason.rstrip('.')})" for one in waiting)
    return Phrase(nb=f"tilbakekalt, men gjelder IKKE ENNÅ på {where}", en=f"revoked, but NOT YET in force on {where}")


def _living(fleet: Fleet) -> tuple[Certificate, ...]:
    return tuple(one for one in fleet.store.revoked() if one.expires > fleet.now)


def _shut_out(fleet: Fleet, device: DeviceIdentity, found: Iterable[Refusal]) -> ShutOut:
    """The certificates of its box tell when: pinning is older, and a renewal is not allowed any more."""
    theirs = {one.serial: one.revoked for one in fleet.store.certificates(box=device.serial)}
    since = max((revoked for revoked in theirs.values() if revoked), default=None)
    waiting = dict.fromkeys(hub for one in found if one.certificate.serial in theirs for hub in one.waiting)
    return ShutOut(device.router, since, tuple(waiting))


def _refusal(one: Certificate, names: Iterable[str], lists: dict[str, HubList]) -> Refusal:
    known = {hub: lists.get(hub) for hub in names}
    in_force = {hub: seen.seen for hub, seen in known.items() if seen and one.serial in seen.serials}
    waiting = {hub: seen.seen if seen else None for hub, seen in known.items() if hub not in in_force}
    return Refusal(one, in_force, waiting)


def _brought(fleet: Fleet, hub: str, wanted: frozenset[str], heard: Callable[[str], None], patience_s: float) -> str:
    """Empty when the hub was seen to refuse all of them; else why it does not."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            return _bring(fleet, hub, wanted, heard)
        except (BusyError, LockedError) as error:
            if time.monotonic() >= ends:
                return str(error)
            time.sleep(_PAUSE_S)
        except LinjevaktError as error:
            return str(error)


def _bring(fleet: Fleet, hub: str, wanted: frozenset[str], heard: Callable[[str], None]) -> str:
    heard(f"{hub}: whom it refuses")
    if wanted <= fleet.hub_list(hub).serials:
        return ""
    result = fleet.push_trust(hub, REVERT_IN_S, lambda step: heard(f"{hub}: {step}"), "revocation")
    return "" if wanted <= fleet.hub_list(hub).serials else f"{result.state}: {result.reason}"
