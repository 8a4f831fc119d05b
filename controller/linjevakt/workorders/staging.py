"""Whether a box is the right one to become a router: looked at before it gets a certificate, in orders and outside."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from linjevakt.model.change import Candidate
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError
from linjevakt.model.inventory import Site
from linjevakt.model.record import DeviceIdentity, Stage
from linjevakt.model.saying import Saying, word
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store.snapshot import Snapshot
from linjevakt.trust.enrol import claimed, is_same
from linjevakt.workorders.kinds.hardware import STAGE


def stage(fleet: Fleet, router: str, claim: Mapping[str, Any], author: Author, *, replace: bool = False) -> Candidate:
    """Makes a box the router, outside of orders; answers the configuration to start it with.

    One that takes another's place is in the history of both boxes. Raises as `Fleet.stage`, and ConflictError for a box
    that is expected elsewhere, or another one here, and, unless told to `replace` it, for a router that is in use.
    """
    box, now = claimed(claim), fleet.store.register.now()
    refuse_wrong(now, router, box.serial)
    _refuse_ordered(now, router, box.serial)
    refuse_portless(_site_of(now, router), box.ports)
    former = next((one for one in fleet.store.devices.all([router]) if not is_same(one, box)), None)
    if former and former.stage is Stage.LIVE and not replace:
        raise ConflictError(_in_use(former, box.serial))
    candidate = fleet.boxes.stage(router, claim)
    if former:
        _write_down(fleet, router, former.serial, box.serial, author)
    return candidate


def refuse_wrong(now: Snapshot, router: str, serial: str) -> None:
    """Raises ConflictError for a box that the stock knows as another router, or as one of another platform."""
    end = now.inventory.by_router.get(router)
    for box in now.equipment:
        if box.serial != serial:
            continue
        if box.router not in {None, router}:
            raise ConflictError(
                Saying(
                    "The box {serial} is {state} as {other}, not {router}. Take the right box, or say where this one "
                    "is with `linjevakt stock move {serial} STATE`.",
                    serial=serial,
                    state=word(box.state),
                    other=box.router,
                    router=router,
                )
            )
        if end and end.router.platform != box.platform:
            raise ConflictError(
                Saying(
                    "The box {serial} is of the platform {platform}; {router} is to be {wanted}.",
                    serial=serial,
                    platform=box.platform,
                    router=router,
                    wanted=end.router.platform,
                )
            )


def refuse_portless(site: Site | None, ports: Collection[str]) -> None:
    """Raises InvalidInputError for a connection that needs a port which is not among them; none: not known."""
    missing = [port for port in dict.fromkeys(_needed(site)) if port not in ports] if ports else []
    if site and missing:
        raise InvalidInputError(
            Saying(
                "{router} has no port {missing}. It has: {ports}.",
                router=site.router.name,
                missing=", ".join(missing),
                ports=", ".join(sorted(ports)),
            )
        )


def _needed(site: Site | None) -> Iterator[str]:
    """The sockets that lines and segments are plugged into: a name with a VLAN is the socket's before the dot."""
    if site:
        yield from (line.name.partition(".")[0] for line in site.lines)
        yield from (segment.port.partition(".")[0] for segment in site.segments)


def _site_of(now: Snapshot, router: str) -> Site | None:
    return now.inventory.site_at(router)


def _refuse_ordered(now: Snapshot, router: str, serial: str) -> None:
    """A router that an open order brings a box for is that order's to stage."""
    site = _site_of(now, router)
    for order in now.orders:
        if not (site and order.is_open and order.site == site.key):
            continue
        if order.step == STAGE.key:
            raise ConflictError(
                Saying(
                    "Order {number} brings a box for {router}: `linjevakt order stage {number} --identity FILE`.",
                    number=order.number,
                    router=router,
                )
            )
        brought = order.said(STAGE.key, "serial")
        if brought and brought != serial:
            raise ConflictError(
                Saying(
                    "{router} should be the box with serial number {brought} (order {number}), but this one has "
                    "{serial}. Take the right box, or cancel the order.",
                    router=router,
                    brought=brought,
                    number=order.number,
                    serial=serial,
                )
            )


def _in_use(former: DeviceIdentity, serial: str) -> str:
    return Saying(
        "{which}. Staging would revoke it and cut its site off. If that is meant: --replace-identity --reason WHY. A "
        "site's router is replaced without that gap by `linjevakt order new replace_router`.",
        which=_which(former, serial),
    )


def _which(former: DeviceIdentity, serial: str) -> str:
    said = {"router": former.router, "box": former.serial}
    if former.serial == serial:
        return Saying("{router} is in use as the box {box}, with other keys", **said)
    return Saying("{router} is in use as the box {box}, and this one has {serial}", **said, serial=serial)


def _write_down(fleet: Fleet, router: str, former: str, serial: str, author: Author) -> None:
    """One that was never in the stock comes into it, so that the history tells who replaced it, and why."""
    with fleet.store.register.edit(author) as draft:
        known = {box.serial: box for box in draft.snapshot.equipment}
        platform = draft.inventory.router(router).platform

        def found(number: str, state: Whereabouts) -> Equipment:
            unlisted = Equipment(serial=number, model="unknown", platform=platform, state=state, router=router)
            return known.get(number, unlisted)

        if former != serial:
            draft.put(
                _left(found(former, Whereabouts.INSTALLED), f"{serial} took its place as {router}, {draft.now:%F}.")
            )
        what = f"Took the place of {former}" if former != serial else "Got new keys"
        draft.put(_come(found(serial, Whereabouts.STAGED), router, f"{what} as {router}, {draft.now:%F}."))


def _left(box: Equipment, why: str) -> Equipment:
    back = box.moved(Whereabouts.TO_BE_RETURNED) if box.state is Whereabouts.INSTALLED else box
    return back.noted(why)


def _come(box: Equipment, router: str, why: str) -> Equipment:
    return (box.moved(Whereabouts.STAGED, router) if box.state is Whereabouts.STOCK else box).noted(why)
