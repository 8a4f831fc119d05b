"""Boxes in orders: staged at the depot, shipped, installed, returned; and `replace_router`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.inventory import Site
from linjevakt.model.order import Order, Party
from linjevakt.model.phrase import Phrase
from linjevakt.store.draft import Draft
from linjevakt.workorders.kinds import leftovers, people, planning, system
from linjevakt.workorders.step import Answer, Kind, Routers, Step, Work
from linjevakt.workorders.wishes import ReplaceRouter

_OUT = frozenset({Whereabouts.INSTALLED, Whereabouts.TO_BE_RETURNED})


def _staged(work: Work, draft: Draft) -> Order:
    planning.box_moved(draft, work, _serial(work), Whereabouts.STAGED, work.router)
    return work.order


def _serial(work: Work) -> str:
    """The box that this order brings."""
    return work.order.said("stage", "serial") or ""


def _shipped(work: Work, draft: Draft) -> Order:
    planning.box_moved(draft, work, _serial(work), Whereabouts.SHIPPED)
    return work.order


def installed(work: Work, draft: Draft) -> Order:
    """The box is at work; one that another box has taken over from is on its way back."""
    retire(work, draft, Whereabouts.LOST if work.wish.is_for_lost_box else Whereabouts.TO_BE_RETURNED)
    planning.box_moved(draft, work, _serial(work), Whereabouts.INSTALLED, work.router)
    return work.order


def retire(work: Work, draft: Draft, state: Whereabouts) -> None:
    """Every box that is at work as the site's router, but for one that this order brings, is so no more."""
    for box in (*work.equipment, *_unlisted(work)):
        if box.router == work.router and box.state is Whereabouts.INSTALLED and box.serial != _serial(work):
            draft.put(box.moved(state))


def _unlisted(work: Work) -> Iterator[Equipment]:
    """The box that is the router, or was before this order, and was never entered in the stock: owed like any other."""
    router = work.router
    serial = work.order.said("former", "serial") or work.serial(router)
    if serial and serial not in {box.serial for box in work.equipment}:
        platform = work.site.router.platform
        yield Equipment(serial=serial, model="unknown", platform=platform, state=Whereabouts.INSTALLED, router=router)


def _pin(work: Work, routers: Routers) -> Mapping[str, str]:
    done = work.order.done("stage")
    routers.pin(work.router, done.values if done else {})
    return {}


def _box_back(work: Work) -> Iterator[Phrase]:
    serial = _serial(work)
    yield Phrase(
        nb=f"Boksen {serial} er sendt. Den skal tilbake, koblet til eller ikke.",
        en=f"The box {serial} was shipped. It has to come back, plugged in or not.",
    )


def _former_back(work: Work) -> Iterator[Phrase]:
    former = work.order.said("former", "serial") or work.serial(leftovers.former_router(work))
    yield Phrase(
        nb=f"Den gamle boksen ({former}) skal tilbake i stedet for {_serial(work)}, med de samme kablene.",
        en=f"The former box ({former}) goes back in the place of {_serial(work)}, with the same cables.",
    )


STAGE = Step(
    "stage",
    Party.ENGINEER,
    Phrase(nb="Klargjør en ruter på lageret", en="Stage a router at the depot"),
    answers=(
        Answer("serial", Phrase(nb="Serienummer", en="Serial number"), settled=True),
        Answer("csr", Phrase(nb="Sertifikatforespørsel (CSR)", en="Certificate request (CSR)"), settled=True),
        Answer("ssh_host_key", Phrase(nb="SSH-vertsnøkkel", en="SSH host key"), settled=True),
        Answer("ports", Phrase(nb="Porter", en="Ports"), required=False, settled=True),
    ),
    change=_staged,
)
PIN = Step("pin", Party.SYSTEM, Phrase(nb="Ruteren får identiteten sin", en="The router gets its identity"), run=_pin)
SHIP = Step(
    "ship",
    Party.ENGINEER,
    Phrase(nb="Send ruteren", en="Ship the router"),
    answers=(Answer("tracking", Phrase(nb="Sporingsnummer", en="Tracking number")),),
    change=_shipped,
    left_behind=_box_back,
)


def owed(work: Work, router: str) -> tuple[str, ...]:
    """The serial numbers of the boxes that are or were the router and are not in, but for one that the order brings."""
    out = (box for box in work.equipment if box.router == router and box.state in _OUT)
    return tuple(box.serial for box in out if box.serial != _serial(work))


def returned(router: Callable[[Work], str]) -> Step:
    """Waits until the box that was at work as the router is in."""

    def there(work: Work) -> bool:
        return bool(owed(work, router(work)))

    def wrong_box(work: Work) -> Iterator[Phrase]:
        said = work.order.said("returned", "serial")
        due = owed(work, router(work))
        if said and said not in due:
            names = ", ".join(due)
            yield Phrase(
                nb=f"Det er {names} som skal tilbake, ikke {said}.", en=f"{names} is to be returned, not {said}."
            )

    def receive(work: Work, draft: Draft) -> Order:
        serial = work.order.said("returned", "serial") or ""
        lost = work.order.said("returned", "condition") == "lost"
        planning.box_moved(draft, work, serial, Whereabouts.LOST if lost else Whereabouts.RETURNED)
        return work.order

    return Step(
        "returned",
        Party.ENGINEER,
        Phrase(nb="Ruteren er levert tilbake", en="The router is back"),
        answers=(
            Answer("serial", Phrase(nb="Serienummer", en="Serial number"), settled=True),
            Answer(
                "condition",
                Phrase(nb="Tilstand", en="Condition"),
                "choice",
                choices=("good", "damaged", "lost"),
                settled=True,
            ),
        ),
        lacks=wrong_box,
        change=receive,
        applies=there,
    )


# --- replace_router ---


def _plan(work: Work) -> Site:
    """The same, but for the serial number where the register names one."""
    site, serial = work.site, _serial(work)
    if not serial or site.router.serial is None:
        return site
    return site.model_copy(update={"router": site.router.model_copy(update={"serial": serial})})


def _is_there(work: Work) -> Iterator[Phrase]:
    if work.serial(work.site.router.name) is None:
        name = work.site.router.name
        yield Phrase(
            nb=f"{name} ble aldri satt i drift; det er ingenting å bytte.",
            en=f"{name} was never in use: there is nothing to replace.",
        )


def _owes_a_box(work: Work) -> bool:
    """Known once the new box is at work, and shown before if it was not lost."""
    return not work.wish.is_for_lost_box


def _former(work: Work, routers: Routers) -> Mapping[str, str]:
    """Who the router is today, so that a new box that is dead on arrival can be given up (`undo`)."""
    return routers.pinned(work.router)


def _only(work: Work, routers: Routers) -> Mapping[str, str]:
    routers.only(work.router)
    return {}


def _stolen(work: Work, routers: Routers) -> Mapping[str, str]:
    serial = work.serial(work.router)
    if serial is None:  # somebody has ended the trust in it meanwhile
        return {}
    routers.shut_out(serial)
    return {"serial": serial}


_RETURNED = returned(lambda work: work.router)

REPLACE_ROUTER = Kind(
    "replace_router",
    Phrase(nb="Ruterbytte", en="Replace the router"),
    ReplaceRouter,
    (
        Step(
            "stolen",
            Party.SYSTEM,
            Phrase(nb="Den mistede boksen stenges ute", en="The lost box is shut out"),
            run=_stolen,
            applies=lambda work: not _owes_a_box(work),
        ),
        STAGE,
        SHIP,
        replace(people.PLUG_IN, title=Phrase(nb="Bytt ruteren", en="Swap the router"), left_behind=_former_back),
        Step("former", Party.SYSTEM, Phrase(nb="Den gamle boksen noteres", en="The old box is noted"), run=_former),
        Step(
            "record",
            Party.SYSTEM,
            Phrase(nb="Nytt serienummer i registeret", en="The new serial number in the register"),
            change=planning.recorded(_plan),
        ),
        PIN,
        system.HOME,
        replace(system.PROVE, change=installed),
        Step(
            "shut_out",
            Party.SYSTEM,
            Phrase(nb="Den gamle boksen stenges ute", en="The old box is shut out"),
            run=_only,
        ),
        replace(
            _RETURNED,
            applies=lambda work: _owes_a_box(work) and _RETURNED.applies(work),
        ),
    ),
    plan=_plan,
    once=_is_there,
    settled_by={"because": ("stolen", "stage")},
)
