"""A box that was lost or stolen: it is shut out at once, and the stock knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linjevakt.model import lookup
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import Certificate, DeviceIdentity, Reason, Stage
from linjevakt.office import Office, stock
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet

_COST: Final = Phrase(
    nb="Nøklene dens er aldri til å stole på igjen; kommer den til rette, må den installeres på nytt.",
    en="Its keys are never trusted again; found, it has to be installed anew.",
)
_COST_OF_SITE: Final = Phrase(
    nb="{0} har ingen tunnel fra da av og til en annen boks er på plass: `linjevakt order new replace_router`.",
    en="{0} has no tunnel from then on, until another box is there: `linjevakt order new replace_router`.",
)
_COST_OF_HUB: Final = Phrase(
    nb="Trafikken til lokasjonene bak huben {0} ({1}) går gjennom boksen så lenge den svarer, men ingen kan endre dem, "
    "eller {0}, før en annen boks er på plass.",
    en="{0} is the hub of {1} sites. Their traffic goes on by the box for as long as it answers, but nobody can push "
    "to them, or to {0}, until another box is in its place.",
)
_REMEDY_OF_HUB: Final = Phrase(
    nb="Klargjør den nye med `linjevakt router stage {0} --identity FIL`, sett den på plass, og kjør "
    "`linjevakt push {0}`. Så får lokasjonene gjennom den vite at de skal avvise den stjålne: av `linjevakt serve` "
    "eller `linjevakt revoked enforce`.",
    en="Stage that one with `linjevakt router stage {0} --identity FILE`, put it in place, and `linjevakt push {0}`. "
    "Then the sites are told, through it, to refuse the stolen one: by `linjevakt serve` or "
    "`linjevakt revoked enforce`.",
)


@dataclass(frozen=True)
class Outlook:
    """What shutting out the box that is a router would do, or `since` when it is shut out.

    `revokes`: its certificates that have not ended. `tells`: who is then to refuse it. `costs`: sentences.
    """

    box: str
    router: str
    staged: datetime
    since: datetime | None
    revokes: tuple[str, ...]
    tells: tuple[str, ...]
    costs: tuple[Phrase, ...]


@dataclass(frozen=True)
class Loss:
    """What was done about a lost box: its certificates that had not ended, and who must refuse it and does not yet.

    `since`: it was shut out before, and nothing was done anew.
    """

    box: str
    router: str | None
    revoked: tuple[Certificate, ...]
    waiting: tuple[revocation.Waiting, ...]
    since: datetime | None = None


def outlook(fleet: Fleet, router: str) -> Outlook:
    """What `of_router` would do; does nothing. Raises NotFoundError for a router that was never staged."""
    device = _device(fleet, router)
    certificates = fleet.boxes.read_certificates(device.serial)
    tells = (name for name in revocation.judges(fleet, certificates) if name != router)
    since, revokes = _since(fleet, device), tuple(one.serial for one in certificates if one.revoked is None)
    return Outlook(device.serial, router, device.enrolled, since, revokes, tuple(tells), _costs(fleet, router))


def move(
    office: Office, fleet: Callable[[], Fleet], serial: str, to: stock.Move, author: Author
) -> tuple[Equipment, Loss | None]:
    """Writes down where a box is now, as `stock.move` does; one that is lost is shut out, if it had a certificate.

    The `fleet`, and with it the keys, is opened for that alone.
    """
    moved = stock.move(office, serial, to, author)
    lost = to.state is Whereabouts.LOST and office.store.certificates.all(box=serial)
    return moved, of_box(fleet(), serial) if lost else None


def of_router(fleet: Fleet, router: str, author: Author) -> Loss:
    """The box that is the router was stolen. Raises NotFoundError for a router that was never staged.

    Once it is shut out, those who were told are left alone; who was not is told now.
    """
    device = _device(fleet, router)
    since = _since(fleet, device)
    if since is None:
        stock.stolen(fleet.store.register, device.serial, router, author)  # first: a second time would say "already"
        return of_box(fleet, device.serial)
    revoked = fleet.boxes.read_certificates(device.serial)
    late = set(revocation.judges(fleet, revoked)) & set(revocation.unseen(fleet))
    return Loss(device.serial, router, revoked, revocation.enforce(fleet, only=late), since)


def of_box(fleet: Fleet, serial: str) -> Loss:
    """The box of that serial number is gone, whichever router it was or was to be."""
    revoked = fleet.boxes.shut_out(serial)
    waiting = revocation.enforce(fleet, only=revocation.judges(fleet, revoked)) if revoked else ()
    return Loss(serial, revoked[0].router if revoked else None, revoked, waiting)


def _device(fleet: Fleet, router: str) -> DeviceIdentity:
    if router not in fleet.boxes.read_serials() and router not in fleet.routers():
        raise lookup.no_router(router, fleet.routers())
    return fleet.store.devices.get(router)


def _since(fleet: Fleet, device: DeviceIdentity) -> datetime | None:
    """When the box was shut out, if it is."""
    if device.stage is not Stage.SHUT_OUT:
        return None
    known = fleet.store.certificates.all(box=device.serial)
    stolen = (one.revoked for one in known if one.revoked and one.reason is Reason.STOLEN)
    return max(stolen, default=device.enrolled)


def _costs(fleet: Fleet, router: str) -> tuple[Phrase, ...]:
    inventory = fleet.inventory
    sites = inventory.behind(router)
    said = (_COST_OF_HUB, _REMEDY_OF_HUB, _COST) if inventory.is_hub(router) else (_COST_OF_SITE, _COST)
    return tuple(Phrase(nb=one.nb.format(router, len(sites)), en=one.en.format(router, len(sites))) for one in said)
